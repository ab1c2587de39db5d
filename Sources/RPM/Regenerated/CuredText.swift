import Basics

/// XML of upstream's, made readable: one bad character in one package would make a whole repository unreadable.
enum CuredText {
    /// The same text in valid UTF-8, without characters that XML 1.0 does not have (2.2), written as they are or by number.
    static func cured(_ xml: UnsafeRawBufferPointer) -> [UInt8]? {
        var isPlain = true
        var hasReference = false
        var before: UInt8 = 0
        for byte in xml {
            if byte >= 0x80 || (byte < 0x20 && byte != 0x0a && byte != 0x09 && byte != 0x0d) { isPlain = false }
            if byte == UInt8(ascii: "#"), before == UInt8(ascii: "&") { hasReference = true }
            before = byte
        }
        if isPlain, !hasReference { return nil }
        let text = isPlain ? Array(xml) : HeaderText.cured(xml)
        return hasReference ? withoutBadReferences(text) : text
    }

    private static func withoutBadReferences(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var place = 0
        while place < text.count {
            if text[place] == UInt8(ascii: "&"), place + 1 < text.count, text[place + 1] == UInt8(ascii: "#"),
                let end = text[place...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let value = number(text[(place + 2)..<end]), !isCharacter(value)
            {
                place = end + 1
                continue
            }
            result.append(text[place])
            place += 1
        }
        return result
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
        let text = String(decoding: digits, as: UTF8.self)
        return text.hasPrefix("x") ? UInt32(text.dropFirst(), radix: 16) : UInt32(text)
    }

    /// XML 1.0, 2.2.
    private static func isCharacter(_ value: UInt32) -> Bool {
        switch value {
        case 0x09, 0x0a, 0x0d, 0x20...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: true
        default: false
        }
    }
}
