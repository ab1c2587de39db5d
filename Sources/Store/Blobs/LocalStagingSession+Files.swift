import Basics
import FileSystem
import Hashing

extension LocalStagingSession {
    /// Without what a writer needs for bytes that arrive in pieces from elsewhere.
    func stage(_ batch: [(bytes: [UInt8], digest: Digest)]) throws {
        var drafts: [(draft: String, digest: Digest, size: Int64)] = []
        drafts.reserveCapacity(batch.count)
        var begun: String?
        do {
            for (bytes, digest) in batch {
                let draft = try newDraft()
                begun = draft
                let file = try draftDirectory.create(draft, mode: 0o444)
                try bytes.withUnsafeBytes { try file.write($0) }
                // The umask may have taken something away.
                if try file.status().mode != 0o444 { try file.setMode(0o444) }
                if syncsEachFile { try file.synchronize() }
                try file.close()
                drafts.append((draft, digest, Int64(bytes.count)))
            }
            begun = nil
            try take(drafts)
        } catch {
            for draft in drafts.map(\.draft) + [begun].compactMap(\.self) { try draftDirectory.unlink(draft) }
            throw error
        }
        try noteWritten(drafts.reduce(0) { $0 + $1.size })
    }

    func take(
        file name: some FileName, of directory: Directory, linking: Bool, algorithms: Set<ChecksumAlgorithm>
    ) throws -> StagedBlob {
        let draft = try newDraft()
        do {
            try bring(name, of: directory, linking: linking, as: draft)
            let file = try draftDirectory.open(draft)
            let hasher = MultiHasher(algorithms)
            var size: Int64 = 0
            try file.forEachChunk {
                hasher.update($0)
                size += Int64($0.count)
            }
            let digests = hasher.finish()
            try file.setMode(0o444)
            if syncsEachFile { try file.synchronize() }
            try take([(draft, digests.sha256, size)])
            return StagedBlob(digest: digests.sha256, size: size, digests: digests)
        } catch {
            try draftDirectory.unlink(draft)
            throw error
        }
    }

    private func bring(_ name: some FileName, of directory: Directory, linking: Bool, as draft: String) throws {
        // A file of another user's could still be changed by that user.
        if linking, try directory.status(name)?.owner == Machine.user,
            try directory.link(name, to: draftDirectory, as: draft) == 0
        {
            return
        }
        let source = try directory.open(name)
        let target = try draftDirectory.create(draft)
        try target.copy(from: source)
        try target.close()
    }
}
