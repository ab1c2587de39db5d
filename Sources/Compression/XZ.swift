import Basics
internal import CLZMA

/// liblzma's stream.
private final class LZMAStream {
    let pointer = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)

    // LZMA_STREAM_INIT is all zeroes.
    init() { pointer.initialize(to: lzma_stream()) }

    deinit {
        lzma_end(pointer)
        pointer.deallocate()
    }

    func run(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) -> (status: lzma_ret, step: Step) {
        pointer.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        pointer.pointee.avail_in = input.count
        pointer.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        pointer.pointee.avail_out = output.count
        let status = lzma_code(pointer, isLast ? LZMA_FINISH : LZMA_RUN)
        return (
            status,
            Step(consumed: input.count - pointer.pointee.avail_in, produced: output.count - pointer.pointee.avail_out)
        )
    }
}

// Flags whose macros Swift does not import.
private let tellUnsupportedCheck: UInt32 = 0x02
private let concatenated: UInt32 = 0x08

/// The .xz format, and the legacy .lzma one (which knows neither checks nor members).
final class XZDecoder: Codec {
    private let stream = LZMAStream()
    private let name: String
    private let memoryLimit: UInt64
    private(set) var isComplete = false

    init(legacy: Bool, memoryLimit: UInt64) throws {
        name = legacy ? "lzma" : "xz"
        self.memoryLimit = memoryLimit
        let status =
            legacy
            ? lzma_alone_decoder(stream.pointer, memoryLimit)
            : lzma_stream_decoder(stream.pointer, memoryLimit, concatenated | tellUnsupportedCheck)
        guard status == LZMA_OK else { throw outOfMemory() }
    }

    func run(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool) throws -> Step {
        if isComplete {
            if input.isEmpty { return Step(consumed: 0, produced: 0) }
            throw ChantalError(.malformed, "bytes follow the end of the \(name) data")
        }
        let (status, step) = stream.run(input, output, isLast: isLast)
        switch status {
        case LZMA_OK, LZMA_BUF_ERROR: break
        case LZMA_STREAM_END: isComplete = true
        case LZMA_MEM_ERROR: throw outOfMemory()
        case LZMA_MEMLIMIT_ERROR:
            throw ChantalError(
                .tooLarge, "the \(name) data needs more than \(ByteCount.text(Int64(memoryLimit))) to decompress")
        case LZMA_FORMAT_ERROR: throw ChantalError(.malformed, "the data is not \(name)")
        case LZMA_UNSUPPORTED_CHECK, LZMA_OPTIONS_ERROR:
            throw ChantalError(.malformed, "the \(name) data uses a filter or a check that liblzma does not have")
        default:
            throw ChantalError(.malformed, "the \(name) data is damaged, or bytes follow its end")
        }
        return step
    }
}

/// One thread and one block, as `xz -T1`: the same bytes on every machine with the same liblzma.
final class XZEncoder: Codec {
    private let stream = LZMAStream()
    private(set) var isComplete = false

    init(level: Int) throws {
        guard lzma_easy_encoder(stream.pointer, UInt32(level), LZMA_CHECK_CRC64) == LZMA_OK else {
            throw outOfMemory()
        }
    }

    func run(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool) throws -> Step {
        let (status, step) = stream.run(input, output, isLast: isLast)
        switch status {
        case LZMA_OK, LZMA_BUF_ERROR: break
        case LZMA_STREAM_END: isComplete = true
        case LZMA_MEM_ERROR: throw outOfMemory()
        default: throw ChantalError(.bug, "liblzma refuses to compress (status \(status.rawValue))")
        }
        return step
    }
}
