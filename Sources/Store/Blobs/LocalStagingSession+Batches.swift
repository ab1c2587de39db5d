import Basics
import Hashing

extension LocalStagingSession {
    func finish(_ writers: [any BlobWriter]) -> [Result<StagedBlob, any Error>] {
        let known = md5(of: writers)
        var results = writers.indices.map { index in
            Result {
                guard let writer = writers[index] as? LocalBlobWriter else { return try writers[index].finish() }
                return try writer.complete(md5: known[index])
            }
        }
        handOver(writers, &results)
        return results
    }

    /// MD5 of those files that are in memory and want it, by their positions.
    private func md5(of writers: [any BlobWriter]) -> [Int: Checksum] {
        let whole = writers.indices.compactMap { index in
            (writers[index] as? LocalBlobWriter)?.wholeForMD5.map { (index, $0) }
        }
        // libcrypto is faster with one alone.
        guard whole.count > 1 else { return [:] }
        return Dictionary(uniqueKeysWithValues: zip(whole.map(\.0), MD5Lanes.checksums(of: whole.map(\.1))))
    }

    private func handOver(_ writers: [any BlobWriter], _ results: inout [Result<StagedBlob, any Error>]) {
        var drafts: [(index: Int, name: String, blob: StagedBlob)] = []
        var written: Int64 = 0
        for index in writers.indices {
            guard let writer = writers[index] as? LocalBlobWriter, case .success(let blob) = results[index] else {
                continue
            }
            written += blob.size
            if let draft = writer.completedDraft {
                drafts.append((index, draft, blob))
            } else {
                results[index] = Result {
                    try writer.handOver(blob)
                    return blob
                }
            }
        }
        do {
            try take(drafts.map { ($0.name, $0.blob.digest, $0.blob.size) })
            try noteWritten(written)
        } catch {
            for draft in drafts { results[draft.index] = .failure(error) }
        }
    }
}
