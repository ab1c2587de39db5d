import Basics
internal import CZstd

/// Windows up to 128 MiB, the tool's own default: `--long=27` and level 22 are read, `--long=28` and more are not.
private let windowLogLimit: Int32 = 27

final class ZstdDecoder: Codec {
    private let context: OpaquePointer
    private(set) var isComplete = false

    init() throws {
        guard let context = ZSTD_createDCtx() else { throw outOfMemory() }
        self.context = context
        try check(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, windowLogLimit))
    }

    deinit { ZSTD_freeDCtx(context) }

    func run(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool) throws -> Step {
        // A call after the end of a frame begins the next one, which must not happen before there is one.
        if isComplete, input.isEmpty { return Step(consumed: 0, produced: 0) }
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        isComplete = try check(ZSTD_decompressStream(context, &target, &source)) == 0
        return Step(consumed: source.pos, produced: target.pos)
    }

    @discardableResult
    private func check(_ result: Int) throws -> Int {
        guard ZSTD_isError(result) != 0 else { return result }
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_memory_allocation: throw outOfMemory()
        case ZSTD_error_frameParameter_windowTooLarge:
            throw ChantalError(
                .tooLarge, "the zstd data needs a window above \(ByteCount.text(1 << Int64(windowLogLimit)))")
        case ZSTD_error_prefix_unknown:
            throw ChantalError(.malformed, "the data, or what follows its end, is not zstd")
        default:
            throw ChantalError(
                .malformed, "the zstd data is damaged (\(String(cString: ZSTD_getErrorName(result))))")
        }
    }
}

/// Frames end with a checksum of the content, as the tool's do.
final class ZstdEncoder: Codec {
    private let context: OpaquePointer
    private(set) var isComplete = false

    init(level: Int) throws {
        guard let context = ZSTD_createCCtx() else { throw outOfMemory() }
        self.context = context
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level)))
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
    }

    deinit { ZSTD_freeCCtx(context) }

    func run(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool) throws -> Step {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let rest = try check(
            ZSTD_compressStream2(context, &target, &source, isLast ? ZSTD_e_end : ZSTD_e_continue))
        isComplete = isLast && rest == 0
        return Step(consumed: source.pos, produced: target.pos)
    }

    @discardableResult
    private func check(_ result: Int) throws -> Int {
        guard ZSTD_isError(result) != 0 else { return result }
        if ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation { throw outOfMemory() }
        throw ChantalError(.bug, "libzstd refuses to compress (\(String(cString: ZSTD_getErrorName(result))))")
    }
}
