import Basics

/// One header block of a tar (POSIX.1-1988 ustar), for plain files alone.
///
/// Sizes of 8 GiB and more stand in base 256, as GNU tar, bsdtar, busybox and Python read them.
enum TarHeader {
    static let blockSize = 512
    /// What fits into the field of the name without its prefix.
    static let maxName = 100
    private static let maxOctalSize: Int64 = 0o777_7777_7777

    /// A block with the same bytes whoever writes it: mode 0444, owner 0, this time.
    /// - Parameter name: of at most ``maxName`` bytes.
    static func block(name: [UInt8], size: Int64, modified: Timestamp) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockSize)
        block.replaceSubrange(0..<name.count, with: name)
        put("0000444", into: &block, at: 100)
        put("0000000", into: &block, at: 108)
        put("0000000", into: &block, at: 116)
        if size <= maxOctalSize {
            put(octal(size, digits: 11), into: &block, at: 124)
        } else {
            block[124] = 0x80
            for index in 0..<8 { block[128 + index] = UInt8(truncatingIfNeeded: size >> (8 * (7 - Int64(index)))) }
        }
        put(octal(min(max(modified.seconds, 0), maxOctalSize), digits: 11), into: &block, at: 136)
        block[156] = UInt8(ascii: "0")
        put("ustar", into: &block, at: 257)
        put("00", into: &block, at: 263)
        put("0000000", into: &block, at: 329)
        put("0000000", into: &block, at: 337)
        put(octal(Int64(sum(block)), digits: 6), into: &block, at: 148)
        block[155] = 0x20
        return block
    }

    private static func put(_ text: String, into block: inout [UInt8], at offset: Int) {
        for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }

    private static func octal(_ value: Int64, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// The sum of all bytes with the field of the sum taken as spaces.
    private static func sum(_ block: some Collection<UInt8>) -> Int {
        var sum = 0
        for (index, byte) in block.enumerated() { sum += (148..<156).contains(index) ? 0x20 : Int(byte) }
        return sum
    }

    /// Reads a block that is not all zeros.
    /// - Throws: ``ChantalError`` `malformed`, for anything but a plain file as well.
    static func read(_ block: UnsafeRawBufferPointer) throws -> TarMember {
        guard number(block[148..<156]) == Int64(sum(block)) else {
            throw malformed("a header has the wrong checksum: the file is no tar, or is damaged here")
        }
        var name = Array(block[..<100].prefix { $0 != 0 })
        let prefix = block[257..<262].elementsEqual("ustar".utf8) ? Array(block[345..<500].prefix { $0 != 0 }) : []
        if !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
        guard [0, UInt8(ascii: "0")].contains(block[156]) else {
            let type = String(decoding: [block[156]], as: UTF8.self)
            throw malformed("'\(shown(name))' is no plain file (type '\(type)')")
        }
        guard let size = number(block[124..<136]) else { throw malformed("'\(shown(name))' has no size") }
        return TarMember(name: name, size: size)
    }

    /// Octal digits with spaces or NUL around them, or base 256; nil for anything else, and for negative numbers.
    private static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int64? {
        guard let first = field.first else { return nil }
        var value: Int64 = 0
        if first & 0x80 != 0 {
            if first != 0x80 { return nil }
            for byte in field.dropFirst() {
                if value >> 55 != 0 { return nil }
                value = value << 8 | Int64(byte)
            }
            return value
        }
        var digits = 0
        for byte in field.drop(while: { $0 == 0x20 }) {
            if byte == 0 || byte == 0x20 { break }
            guard (0x30...0x37).contains(byte) else { return nil }
            value = value << 3 | Int64(byte - 0x30)
            digits += 1
        }
        return digits == 0 ? nil : value
    }

    static func malformed(_ reason: String) -> ChantalError {
        ChantalError(.malformed, "the tar is refused: \(reason)")
    }

    static func shown(_ name: [UInt8]) -> String { RepositoryPath(trusted: name).description }
}
