import Basics
import Compression
import Mirroring

/// Reads the stanzas of an index while it is being decompressed.
enum IndexReader {
    /// Where the plain size is not listed, this many times the compressed size is no bomb yet.
    static let maxRatio = 1000

    /// - Parameters:
    ///   - plainSize: the size in bytes that the Release file gives for the plain form.
    ///   - file: the index as errors name it.
    /// - Throws: ``ChantalError`` `malformed`, `too_large`, `mismatch` naming the index, and what `body` throws.
    static func stanzas(
        of reader: any BlobReader, _ format: CompressionFormat, plainSize: Int64?, file: String,
        _ body: (Stanza) throws -> Void
    ) throws {
        let decompressor = try Decompressor(format, limit: plainSize, maxRatio: maxRatio)
        let scanner = SharedScanner(file: file)
        do {
            try reader.forEachChunk { try decompressor.write($0) { try scanner.write($0, body) } }
            try decompressor.finish { try scanner.write($0, body) }
        } catch let error as ChantalError
            where error.path == nil && (error.code == .malformed || error.code == .tooLarge)
        {
            throw error.within("the index '\(file)' cannot be read").at(file)
        }
        try scanner.finish(body)
        guard let plainSize, decompressor.outputBytes != plainSize else { return }
        throw ChantalError(
            .mismatch,
            "the index '\(file)' has \(decompressor.outputBytes) bytes once decompressed, and Release says \(plainSize)",
            path: file)
    }
}

extension ChantalError {
    /// The same error about a file.
    func at(_ path: String) -> ChantalError {
        var error = self
        error.path = path
        return error
    }
}

/// A scanner that closures can hold.
private final class SharedScanner {
    private var scanner: StanzaScanner

    init(file: String) { scanner = StanzaScanner(file: file) }

    func write(_ chunk: UnsafeRawBufferPointer, _ body: (Stanza) throws -> Void) throws {
        try scanner.write(chunk, body)
    }

    func finish(_ body: (Stanza) throws -> Void) throws { try scanner.finish(body) }
}
