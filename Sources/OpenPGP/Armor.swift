import Basics

/// ASCII armor (RFC 4880, 6.2).
struct ArmorBlock {
    /// `PGP PUBLIC KEY BLOCK`, `PGP SIGNATURE`, …
    var label: String
    var bytes: [UInt8]

    static let begin = Array("-----BEGIN ".utf8)
    static let end = Array("-----END ".utf8)
    static let dashes = Array("-----".utf8)

    /// All blocks of a text.
    /// - Parameter onlyBlocks: text around the blocks (but for white space) is an error.
    /// - Returns: nil if a block is not closed, is not Base64, has a wrong checksum, or there is text around that must not be.
    static func parse(_ text: ArraySlice<UInt8>, onlyBlocks: Bool) -> [ArmorBlock]? {
        var blocks: [ArmorBlock] = []
        var lines = LineReader(text)
        while let line = lines.next() {
            guard let label = label(of: line, begin) else {
                if onlyBlocks, !line.isEmpty { return nil }
                continue
            }
            guard let block = read(label, &lines) else { return nil }
            blocks.append(block)
        }
        return blocks
    }

    /// The label of `-----BEGIN label-----` or `-----END label-----`.
    static func label(of line: ArraySlice<UInt8>, _ start: [UInt8]) -> String? {
        guard line.count > start.count + dashes.count, line.starts(with: start), line.suffix(5).elementsEqual(dashes)
        else { return nil }
        return String(decoding: line.dropFirst(start.count).dropLast(5), as: UTF8.self)
    }

    private static func read(_ label: String, _ lines: inout LineReader) -> ArmorBlock? {
        // Headers such as `Version:` end at an empty line; without any, the empty line may be missing in old files.
        var base64: [UInt8] = []
        var checksum: [UInt8]?
        var inHeaders = true
        while let line = lines.next() {
            if let end = self.label(of: line, end) {
                guard end == label, let bytes = Base64.decode(base64) else { return nil }
                if let checksum, crc24(bytes) != checksum { return nil }
                return ArmorBlock(label: label, bytes: bytes)
            }
            if line.isEmpty {
                inHeaders = false
            } else if inHeaders, line.contains(UInt8(ascii: ":")) {
                continue
            } else if line.first == UInt8(ascii: "="), line.count == 5 {
                guard let sum = Base64.decode(line.dropFirst()) else { return nil }
                checksum = sum
            } else {
                // Nothing follows the checksum.
                guard checksum == nil, line.first != UInt8(ascii: "-") else { return nil }
                inHeaders = false
                base64 += line
            }
        }
        return nil
    }

    /// The checksum of RFC 4880, 6.1.
    static func crc24(_ bytes: [UInt8]) -> [UInt8] {
        var crc: UInt32 = 0xb704ce
        for byte in bytes {
            crc ^= UInt32(byte) << 16
            for _ in 0..<8 {
                crc <<= 1
                if crc & 0x100_0000 != 0 { crc ^= 0x186_4cfb }
            }
        }
        return [UInt8(crc >> 16 & 255), UInt8(crc >> 8 & 255), UInt8(crc & 255)]
    }

    /// The bytes as a block of this label.
    static func encode(_ bytes: [UInt8], label: String) -> [UInt8] {
        var text = Array("-----BEGIN \(label)-----\n\n".utf8)
        let base64 = Base64.encode(bytes)
        for start in stride(from: 0, to: base64.count, by: 64) {
            text += base64[start..<min(start + 64, base64.count)]
            text.append(UInt8(ascii: "\n"))
        }
        text += Array("=".utf8) + Base64.encode(crc24(bytes))
        return text + Array("\n-----END \(label)-----\n".utf8)
    }
}

/// Lines of a text without their LF, and without white space at their ends.
struct LineReader {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) { rest = text }

    /// Where the next line starts.
    var position: Int { rest.startIndex }

    mutating func next() -> ArraySlice<UInt8>? {
        if rest.isEmpty { return nil }
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        var line = rest[rest.startIndex..<end]
        rest = end == rest.endIndex ? rest[end...] : rest[(end + 1)...]
        while let last = line.last, last.isASCIISpace { line.removeLast() }
        return line
    }
}

/// Base64 (RFC 4648, 4).
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xff, count: 256)
        for (value, digit) in alphabet.enumerated() { table[Int(digit)] = UInt8(value) }
        return table
    }()

    /// Nil for a byte that is no digit, padding within, or a number of digits that cannot be.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 * 3)
        var word: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text {
            if byte == UInt8(ascii: "=") {
                padding += 1
                word <<= 6
            } else {
                let value = values[Int(byte)]
                guard padding == 0, value != 0xff else { return nil }
                word = word << 6 | UInt32(value)
            }
            digits += 1
            if digits % 4 == 0 {
                result += [UInt8(word >> 16 & 255), UInt8(word >> 8 & 255), UInt8(word & 255)]
                word = 0
            }
        }
        guard padding <= 2 else { return nil }
        result.removeLast(padding)
        return result
    }

    public static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for index in 0..<4 {
                text.append(
                    index <= group.count
                        ? alphabet[Int(word >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
            }
        }
        return text
    }
}
