import Basics
import Hashing

extension BlobStore {
    /// All bytes of a blob.
    /// - Throws: ``ChantalError`` `too_large` above `limit` bytes, `missing` if there is none.
    public func readAll(_ digest: Digest, limit: Int) throws -> [UInt8] {
        let reader = try open(digest)
        if reader.size > Int64(limit) {
            throw ChantalError(
                .tooLarge,
                "the blob \(digest) has \(ByteCount.text(reader.size)), more than \(ByteCount.text(Int64(limit)))")
        }
        var result: [UInt8] = []
        result.reserveCapacity(Int(reader.size))
        try reader.forEachChunk { result.append(contentsOf: $0) }
        return result
    }

    /// Hashes a blob again.
    public func check(_ digest: Digest) throws -> BlobCondition {
        let reader: any BlobReader
        do { reader = try open(digest) } catch let error as ChantalError where error.code == .missing {
            return .missing
        }
        var hasher = SHA256Hasher()
        var size: Int64 = 0
        try reader.forEachChunk {
            hasher.update($0)
            size += Int64($0.count)
        }
        let actual = hasher.finish()
        return actual == digest ? .good(size: size) : .damaged(actual: actual, size: size)
    }
}
