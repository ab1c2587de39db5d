import Basics

/// The header of a gzip member, as its bytes arrive (RFC 1952, 2.3).
struct GzipHeader {
    private enum Field { case fixed, extraLength, extra, name, comment, checksum, end }

    private static let hasChecksum: UInt8 = 1 << 1
    private static let hasExtra: UInt8 = 1 << 2
    private static let hasName: UInt8 = 1 << 3
    private static let hasComment: UInt8 = 1 << 4
    private static let reserved: UInt8 = 7 << 5

    private var field = Field.fixed
    /// Bytes of the field that have come.
    private var index = 0
    /// Their last two as a number, the first one lowest.
    private var number: UInt16 = 0
    private var flags: UInt8 = 0
    private var extraLength = 0
    private var checksum: UInt32 = 0

    var isComplete: Bool { field == .end }

    /// - Returns: how many of the bytes belong to the header.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(InflateFailure) -> Int {
        var start = 0
        for (place, byte) in bytes.enumerated() {
            if field == .checksum, index == 0 {
                checksum = crc32(of: bytes.slice(start..<place), after: checksum)
                start = place
            }
            try take(byte)
            if isComplete { return place + 1 }
        }
        if field != .checksum || index == 0 { checksum = crc32(of: bytes.slice(start..<bytes.count), after: checksum) }
        return bytes.count
    }

    private mutating func take(_ byte: UInt8) throws(InflateFailure) {
        number = number >> 8 | UInt16(byte) << 8
        index += 1
        switch field {
        case .fixed: try takeFixed(byte)
        case .extraLength:
            guard index == 2 else { return }
            extraLength = Int(number)
            go(to: extraLength > 0 ? .extra : .name)
        case .extra: if index == extraLength { go(to: .name) }
        case .name: if byte == 0 { go(to: .comment) }
        case .comment: if byte == 0 { go(to: .checksum) }
        case .checksum:
            guard index == 2 else { return }
            if number != UInt16(truncatingIfNeeded: checksum) { throw .damaged("header crc mismatch") }
            go(to: .end)
        case .end: break
        }
    }

    /// Magic number, method, flags, time, extra flags and system.
    private mutating func takeFixed(_ byte: UInt8) throws(InflateFailure) {
        switch index {
        case 2: if number != 0x8b1f { throw .damaged("incorrect header check") }
        case 4:
            if number & 0xff != 8 { throw .damaged("unknown compression method") }
            if byte & GzipHeader.reserved != 0 { throw .damaged("unknown header flags set") }
            flags = byte
        case 10: go(to: .extraLength)
        default: break
        }
    }

    /// Goes to a field, or to the first one behind it that the flags announce.
    private mutating func go(to field: Field) {
        index = 0
        let order: [(Field, UInt8)] = [
            (.extraLength, GzipHeader.hasExtra), (.extra, GzipHeader.hasExtra), (.name, GzipHeader.hasName),
            (.comment, GzipHeader.hasComment), (.checksum, GzipHeader.hasChecksum),
        ]
        let rest = order.drop { $0.0 != field }
        self.field = rest.first { flags & $0.1 != 0 }?.0 ?? .end
    }
}
