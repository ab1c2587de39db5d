import Basics
internal import CZlib

/// Window bits of zlib: 15 for 32 KiB, 16 more for a gzip header and trailer.
private let gzipWindow: Int32 = 15 + 16

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
