import Basics

/// Decompresses a stream as it arrives, with memory and output bounded.
///
/// Several members after each other (`cat a.gz b.gz`) give their contents after each other. Anything else after the end is an error,
/// and so is input that ends early; no input at all is a truncated file too, but for ``CompressionFormat/none``.
public final class Decompressor {
    private let codec: (any Codec)?
    private let buffer = WorkBuffer()
    private let format: CompressionFormat
    private let limit: Int64
    private let maxRatio: Int64?
    private var failure: (any Error)?
    private var isFinished = false

    /// Bytes taken so far.
    public private(set) var inputBytes: Int64 = 0
    /// Bytes given so far.
    public private(set) var outputBytes: Int64 = 0

    /// Output up to this size is never a bomb, whatever the ratio: a few repeated lines compress a thousandfold.
    public static let ratioFloor: Int64 = 4 << 20

    /// Windows of zstd and dictionaries of xz beyond this many bytes are refused.
    public static let memoryLimit: UInt64 = 256 << 20

    /// - Parameters:
    ///   - limit: the size in bytes that the plain file has or may have; one byte more is an error.
    ///   - maxRatio: how many times larger than its input the output may be, for files whose plain size nobody declares.
    public init(_ format: CompressionFormat, limit: Int64?, maxRatio: Int? = nil) throws {
        self.format = format
        self.limit = limit ?? .max
        self.maxRatio = maxRatio.map { Int64(max(1, $0)) }
        codec =
            switch format {
            case .none: nil
            case .gzip: try GzipDecoder()
            case .xz: try XZDecoder(legacy: false, memoryLimit: Decompressor.memoryLimit)
            case .lzma: try XZDecoder(legacy: true, memoryLimit: Decompressor.memoryLimit)
            case .zstd: try ZstdDecoder()
            case .bzip2: try Bzip2Decoder()
            }
    }

    /// Takes the next bytes and hands out what they decode to.
    /// - Throws: ``ChantalError`` `malformed`, or `too_large` above a limit; what would exceed it is not handed out.
    ///   After an error every call throws it again.
    public func write(
        _ chunk: UnsafeRawBufferPointer, _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        if chunk.isEmpty { return }
        try guarded {
            guard let codec else {
                try count(Step(consumed: chunk.count, produced: chunk.count))
                return try output(chunk)
            }
            try codec.feed(chunk, buffer.bytes) { step, bytes in
                try count(step)
                if !bytes.isEmpty { try output(bytes) }
            }
        }
    }

    /// The input has ended.
    /// - Throws: ``ChantalError`` `malformed` if it ended early.
    public func finish(_ output: (UnsafeRawBufferPointer) throws -> Void) throws {
        if isFinished { return }
        try guarded {
            guard let codec else { return }
            if inputBytes > 0 {
                try codec.drain(buffer.bytes) { step, bytes in
                    try count(step)
                    if !bytes.isEmpty { try output(bytes) }
                }
            }
            guard inputBytes > 0, codec.isComplete else {
                throw ChantalError(
                    .malformed, "the \(format.rawValue) data ends early, after \(inputBytes) bytes",
                    hint: "the file was cut off, or is not complete upstream")
            }
        }
        isFinished = true
    }

    private func guarded(_ body: () throws -> Void) throws {
        if let failure { throw failure }
        do { try body() } catch {
            failure = error
            throw error
        }
    }

    private func count(_ step: Step) throws {
        inputBytes += Int64(step.consumed)
        outputBytes += Int64(step.produced)
        if outputBytes > limit {
            throw ChantalError(.tooLarge, "the \(format.rawValue) data decompresses to more than \(limit) bytes")
        }
        if let maxRatio, outputBytes > Decompressor.ratioFloor, outputBytes / maxRatio > inputBytes {
            throw ChantalError(
                .tooLarge, "the \(format.rawValue) data decompresses to more than \(maxRatio) times its size",
                hint: "this looks like a decompression bomb")
        }
    }
}

extension Decompressor {
    /// The plain form of bytes that are all there.
    public static func decompress(
        _ bytes: [UInt8], _ format: CompressionFormat, limit: Int64?, maxRatio: Int? = nil
    ) throws -> [UInt8] {
        let decompressor = try Decompressor(format, limit: limit, maxRatio: maxRatio)
        var result: [UInt8] = []
        try bytes.withUnsafeBytes { try decompressor.write($0) { result.append(contentsOf: $0) } }
        try decompressor.finish { result.append(contentsOf: $0) }
        return result
    }
}
