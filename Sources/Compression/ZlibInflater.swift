import Basics
internal import CZlib

/// zlib's inflate(3): everywhere, and the measure of what another decoder must give.
final class ZlibInflater: Inflater {
    private let stream = ZlibStream(end: { inflateEnd($0) })
    private(set) var isComplete = false
    private(set) var count: UInt64 = 0
    private(set) var checksum: UInt32 = 0
    /// zlib gives back what it does not need.
    let surplus: [UInt8] = []

    init() throws {
        // Negative: neither header nor trailer.
        guard inflateInit2_(stream.pointer, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw outOfMemory() }
    }

    func reset() {
        inflateReset(stream.pointer)
        isComplete = false
        count = 0
        checksum = 0
    }

    func run(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(InflateFailure) -> Step {
        let (status, step) = stream.run(input, output) { inflate($0, Z_NO_FLUSH) }
        count += UInt64(step.produced)
        checksum = crc32(of: UnsafeRawBufferPointer(output).slice(0..<step.produced), after: checksum)
        switch status {
        case Z_OK, Z_BUF_ERROR: return step
        case Z_STREAM_END:
            isComplete = true
            return step
        case Z_MEM_ERROR: throw .memory
        default: throw .damaged(stream.pointer.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)")
        }
    }
}

/// zlib's stream; its address must not change (zlib keeps a pointer back to it).
final class ZlibStream {
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

/// The CRC-32 of RFC 1952, 8, carried on over more bytes.
func crc32(of bytes: UnsafeRawBufferPointer, after checksum: UInt32) -> UInt32 {
    // Without bytes zlib answers what a new checksum begins with.
    if bytes.isEmpty { return checksum }
    return UInt32(
        truncatingIfNeeded: crc32_z(
            UInt(checksum), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
}
