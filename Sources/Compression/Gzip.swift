import Basics
internal import CZlib

/// zlib's stream; its address must not change (zlib keeps a pointer back to it).
private final class ZlibStream {
    let pointer = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let end: (UnsafeMutablePointer<z_stream>) -> Int32

    init(end: @escaping (UnsafeMutablePointer<z_stream>) -> Int32) {
        pointer.initialize(to: z_stream())
        self.end = end
    }

    deinit {
        // On a stream that never began it answers Z_STREAM_ERROR and does nothing.
        _ = end(pointer)
        pointer.deallocate()
    }

    /// One call of inflate(3) or deflate(3).
    func run(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer,
        _ call: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> (status: Int32, step: Step) {
        pointer.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        pointer.pointee.avail_in = UInt32(input.count)
        pointer.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        pointer.pointee.avail_out = UInt32(output.count)
        let status = call(pointer)
        return (
            status,
            Step(
                consumed: input.count - Int(pointer.pointee.avail_in),
                produced: output.count - Int(pointer.pointee.avail_out))
        )
    }
}

/// Window bits of zlib: 15 for 32 KiB, 16 more for a gzip header and trailer.
private let gzipWindow: Int32 = 15 + 16

final class GzipDecoder: Codec {
    private let stream = ZlibStream(end: { inflateEnd($0) })
    private var members = 0
    private(set) var isComplete = false

    init() throws {
        guard inflateInit2_(stream.pointer, gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw outOfMemory() }
    }

    func run(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool) throws -> Step {
        if isComplete {
            if input.isEmpty { return Step(consumed: 0, produced: 0) }
            inflateReset(stream.pointer)
            isComplete = false
        }
        let (status, step) = stream.run(input, output) { inflate($0, Z_NO_FLUSH) }
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            members += 1
            isComplete = true
        case Z_MEM_ERROR: throw outOfMemory()
        default:
            let reason = stream.pointer.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
            throw ChantalError(
                .malformed,
                members > 0 && stream.pointer.pointee.total_out == 0
                    ? "what follows the end of the gzip data is not gzip (\(reason))"
                    : "the gzip data is damaged (\(reason))")
        }
        return step
    }
}

/// Writes no name and no time (a zero mtime, RFC 1952, 2.3.1).
final class GzipEncoder: Codec {
    private let stream = ZlibStream(end: { deflateEnd($0) })
    private(set) var isComplete = false

    init(level: Int) throws {
        let status = deflateInit2_(
            stream.pointer, Int32(level), Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw outOfMemory() }
    }

    func run(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool) throws -> Step {
        let (status, step) = stream.run(input, output) { deflate($0, isLast ? Z_FINISH : Z_NO_FLUSH) }
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isComplete = true
        default: throw ChantalError(.bug, "zlib refuses to compress (status \(status))")
        }
        return step
    }
}
