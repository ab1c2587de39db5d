import Basics
internal import CBzip2

/// libbz2's stream; its address must not change (libbz2 keeps a pointer back to it).
private final class Bzip2Stream {
    let pointer = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)
    private let end: (UnsafeMutablePointer<bz_stream>) -> Int32

    init(end: @escaping (UnsafeMutablePointer<bz_stream>) -> Int32) {
        pointer.initialize(to: bz_stream())
        self.end = end
    }

    deinit {
        // On a stream that never began it answers BZ_PARAM_ERROR and does nothing.
        _ = end(pointer)
        pointer.deallocate()
    }

    func run(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer,
        _ call: (UnsafeMutablePointer<bz_stream>) -> Int32
    ) -> (status: Int32, step: Step) {
        pointer.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self))
        pointer.pointee.avail_in = UInt32(input.count)
        pointer.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
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

final class Bzip2Decoder: Codec {
    private let stream = Bzip2Stream(end: { BZ2_bzDecompressEnd($0) })
    private var members = 0
    private(set) var isComplete = false

    init() throws { try start() }

    private func start() throws {
        guard BZ2_bzDecompressInit(stream.pointer, 0, 0) == BZ_OK else { throw outOfMemory() }
    }

    func run(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool) throws -> Step {
        if isComplete {
            if input.isEmpty { return Step(consumed: 0, produced: 0) }
            BZ2_bzDecompressEnd(stream.pointer)
            try start()
            isComplete = false
        }
        let (status, step) = stream.run(input, output) { BZ2_bzDecompress($0) }
        switch status {
        case BZ_OK: break
        case BZ_STREAM_END:
            members += 1
            isComplete = true
        case BZ_MEM_ERROR: throw outOfMemory()
        case BZ_DATA_ERROR_MAGIC where members > 0:
            throw ChantalError(.malformed, "what follows the end of the bzip2 data is not bzip2")
        case BZ_DATA_ERROR_MAGIC: throw ChantalError(.malformed, "the data is not bzip2")
        default: throw ChantalError(.malformed, "the bzip2 data is damaged")
        }
        return step
    }
}

final class Bzip2Encoder: Codec {
    private let stream = Bzip2Stream(end: { BZ2_bzCompressEnd($0) })
    private(set) var isComplete = false

    init(level: Int) throws {
        guard BZ2_bzCompressInit(stream.pointer, Int32(level), 0, 0) == BZ_OK else { throw outOfMemory() }
    }

    func run(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool) throws -> Step {
        // BZ_RUN without input is an error to libbz2.
        if input.isEmpty, !isLast { return Step(consumed: 0, produced: 0) }
        let (status, step) = stream.run(input, output) { BZ2_bzCompress($0, isLast ? BZ_FINISH : BZ_RUN) }
        switch status {
        case BZ_RUN_OK, BZ_FINISH_OK: break
        case BZ_STREAM_END: isComplete = true
        default: throw ChantalError(.bug, "libbz2 refuses to compress (status \(status))")
        }
        return step
    }
}
