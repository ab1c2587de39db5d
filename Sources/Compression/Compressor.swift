import Basics

/// Compresses a stream as it comes. The same input and level give the same bytes, however it is cut into pieces: no name, no time.
public final class Compressor {
    private let codec: (any Codec)?
    private let buffer = WorkBuffer()
    private var isFinished = false

    /// - Parameter level: one of ``CompressionFormat/levels``; nil is the default of the format's own tool.
    /// - Throws: ``ChantalError`` `config` for a level the format does not have, and for ``CompressionFormat/lzma``.
    public init(_ format: CompressionFormat, level: Int? = nil) throws {
        if let level, format != .none {
            guard let levels = format.levels, levels.contains(level) else {
                throw ChantalError(
                    .config, "\(format.rawValue) has no level \(level)",
                    hint: format.levels.map { "use one from \($0.lowerBound) to \($0.upperBound)" })
            }
        }
        let level = level ?? format.defaultLevel
        codec =
            switch format {
            case .none: nil
            case .gzip: try GzipEncoder(level: level)
            case .xz: try XZEncoder(level: level)
            case .zstd: try ZstdEncoder(level: level)
            case .bzip2: try Bzip2Encoder(level: level)
            case .lzma:
                throw ChantalError(.config, "the legacy lzma format is read, not written", hint: "use xz")
            }
    }

    /// Takes the next bytes and hands out what is ready.
    public func write(
        _ chunk: UnsafeRawBufferPointer, _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        precondition(!isFinished, "a compressor was written to after its end")
        if chunk.isEmpty { return }
        guard let codec else { return try output(chunk) }
        try codec.feed(chunk, buffer.bytes) { _, bytes in if !bytes.isEmpty { try output(bytes) } }
    }

    /// The input has ended: hands out the rest.
    public func finish(_ output: (UnsafeRawBufferPointer) throws -> Void) throws {
        if isFinished { return }
        isFinished = true
        guard let codec else { return }
        try codec.drain(buffer.bytes) { _, bytes in try output(bytes) }
        if !codec.isComplete { throw ChantalError(.bug, "the compressor stopped before its end") }
    }
}

extension Compressor {
    /// The compressed form of bytes that are all there.
    public static func compress(_ bytes: [UInt8], _ format: CompressionFormat, level: Int? = nil) throws -> [UInt8] {
        let compressor = try Compressor(format, level: level)
        var result: [UInt8] = []
        try bytes.withUnsafeBytes { try compressor.write($0) { result.append(contentsOf: $0) } }
        try compressor.finish { result.append(contentsOf: $0) }
        return result
    }
}
