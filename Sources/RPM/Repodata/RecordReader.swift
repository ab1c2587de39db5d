import Basics
import Compression
import Hashing
import Mirroring

/// Decompresses a metadata file as it is read, and checks what it decompresses to against repomd.xml, which no client does.
enum RecordReader {
    /// The most bytes that a file may decompress to where repomd.xml does not say: no distribution has a tenth of it.
    static let openLimit: Int64 = 16 << 30
    /// Where the open size is not declared, this many times the compressed size is no bomb yet.
    static let maxRatio = 1000

    /// - Parameter body: takes the open bytes, piece by piece.
    /// - Throws: ``ChantalError`` `mismatch`, `malformed` or `too_large` naming the file, and what `body` throws.
    static func read(
        _ record: RepomdRecord, of reader: any BlobReader, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let file = record.location.path.description
        let format = CompressionFormat.ofName(record.location.path.name)
        let hasher = record.openChecksum.map { ChecksumHasher($0.algorithm) }
        let decompressor = try Decompressor(
            format, limit: record.openSize ?? openLimit, maxRatio: record.openSize == nil ? maxRatio : nil)
        func take(_ bytes: UnsafeRawBufferPointer) throws {
            hasher?.update(bytes)
            try body(bytes)
        }
        do {
            try reader.forEachChunk { try decompressor.write($0, take) }
            try decompressor.finish(take)
        } catch let error as ChantalError where error.path == nil {
            if error.code == .tooLarge, let size = record.openSize {
                throw mismatch(record, "decompresses to more than the \(size) bytes that repomd.xml says")
            }
            var named = error.within("'\(file)' (record '\(record.type)') cannot be read")
            named.path = file
            throw named
        }
        if let size = record.openSize, decompressor.outputBytes != size {
            throw mismatch(record, "decompresses to \(decompressor.outputBytes) bytes, and repomd.xml says \(size)")
        }
        if let declared = record.openChecksum, let actual = hasher?.finish(), actual != declared {
            throw mismatch(record, "decompresses to \(actual), and repomd.xml says \(declared)")
        }
    }

    private static func mismatch(_ record: RepomdRecord, _ reason: String) -> ChantalError {
        let file = record.location.path.description
        return ChantalError(
            .mismatch, "'\(file)' (record '\(record.type)') \(reason)",
            hint: "upstream's metadata contradicts itself; its owner has to make it anew", path: file)
    }
}
