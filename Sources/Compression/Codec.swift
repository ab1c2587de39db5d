import Basics

/// One direction of one library: bytes in, bytes out, state between.
protocol Codec: AnyObject {
    /// Decoders: the input may end here. Encoders: everything is written.
    var isComplete: Bool { get }

    /// Takes as much input and gives as much output as it can. With empty input it gives what it holds back.
    /// - Parameter isLast: no input comes after this one.
    func run(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool) throws -> Step
}

struct Step {
    var consumed: Int
    var produced: Int
}

extension Codec {
    /// Runs until all input is taken and nothing more comes out.
    func feed(
        _ input: UnsafeRawBufferPointer, _ buffer: UnsafeMutableRawBufferPointer,
        _ receive: (Step, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var rest = input
        while true {
            // zlib and bzip2 count in 32 bits.
            let piece = rest.slice(0..<min(rest.count, 1 << 30))
            let step = try run(piece, buffer, isLast: false)
            try receive(step, UnsafeRawBufferPointer(buffer).slice(0..<step.produced))
            rest = rest.slice(step.consumed..<rest.count)
            if rest.isEmpty, step.produced < buffer.count { return }
            if step.consumed == 0, step.produced == 0 {
                throw ChantalError(.malformed, "the decoder stands still on its input")
            }
        }
    }

    /// Runs without input until nothing more comes out.
    func drain(
        _ buffer: UnsafeMutableRawBufferPointer, _ receive: (Step, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        while !isComplete {
            let step = try run(UnsafeRawBufferPointer(start: nil, count: 0), buffer, isLast: true)
            if step.produced == 0 { return }
            try receive(step, UnsafeRawBufferPointer(buffer).slice(0..<step.produced))
        }
    }
}

/// The output buffer of a compressor or decompressor.
///
/// 128 KiB: large enough that calls do not count, small enough for the second-level cache.
final class WorkBuffer {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)
    deinit { bytes.deallocate() }
}

func outOfMemory() -> ChantalError { ChantalError(.io, "no memory to compress or decompress") }
