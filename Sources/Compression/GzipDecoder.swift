import Basics

/// Reads gzip members, one after the other (RFC 1952, 2.2).
final class GzipDecoder: Codec {
    private enum Part {
        case header
        case body
        /// CRC-32 and length; the bytes of them that have come.
        case trailer([UInt8])
    }

    private let inflater: any Inflater
    private var part = Part.header
    private var header = GzipHeader()
    private var members = 0
    private(set) var isComplete = false

    init(_ inflater: any Inflater) { self.inflater = inflater }

    /// The fastest that the machine has: of ISA-L, Debian 12 has packages for amd64 alone.
    convenience init() throws {
        #if arch(x86_64)
            self.init(ISALInflater())
        #else
            self.init(try ZlibInflater())
        #endif
    }

    func run(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool) throws -> Step {
        if isComplete {
            if input.isEmpty { return Step(consumed: 0, produced: 0) }
            begin()
        }
        do { return try decode(input, output) } catch {
            switch error {
            case .memory: throw outOfMemory()
            case .damaged(let reason):
                throw ChantalError(
                    .malformed,
                    members > 0 && inflater.count == 0
                        ? "what follows the end of the gzip data is not gzip (\(reason))"
                        : "the gzip data is damaged (\(reason))")
            }
        }
    }

    private func begin() {
        inflater.reset()
        header = GzipHeader()
        part = .header
        isComplete = false
    }

    /// Goes on to the end of the member, of the input or of the room for output.
    private func decode(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(InflateFailure) -> Step {
        var consumed = 0
        var produced = 0
        if case .header = part {
            consumed = try header.take(input)
            if header.isComplete { part = .body }
        }
        if case .body = part {
            let step = try inflater.run(input.slice(consumed..<input.count), output)
            consumed += step.consumed
            produced = step.produced
            if inflater.isComplete {
                part = .trailer([])
                for byte in inflater.surplus { try takeTrailer(byte) }
            }
        }
        while case .trailer = part, !isComplete, consumed < input.count {
            try takeTrailer(input[consumed])
            consumed += 1
        }
        return Step(consumed: consumed, produced: produced)
    }

    private func takeTrailer(_ byte: UInt8) throws(InflateFailure) {
        guard case .trailer(var bytes) = part else { return }
        bytes.append(byte)
        part = .trailer(bytes)
        let number = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        switch bytes.count {
        case 4: if number != inflater.checksum { throw .damaged("incorrect data check") }
        case 8:
            if number != UInt32(truncatingIfNeeded: inflater.count) { throw .damaged("incorrect length check") }
            members += 1
            isComplete = true
        default: break
        }
    }
}
