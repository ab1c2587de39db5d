import Basics

/// Texts of a header, made fit for XML.
///
/// Headers hold bytes: those of old packages are often ISO-8859, and some hold control characters, of which one would make a whole
/// repository unreadable. As createrepo_c does, what is no UTF-8 is taken for ISO-8859-1.
enum HeaderText {
    /// Valid UTF-8 without characters that XML 1.0 has not (2.2).
    static func cured(_ bytes: some Collection<UInt8>) -> [UInt8] {
        // Nearly all are plain.
        if bytes.allSatisfy({ $0 < 0x80 && !isForbidden($0) }) { return Array(bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count * 2)
            for byte in bytes where !isForbidden(byte) {
                switch byte {
                case 0..<0x80: result.append(byte)
                // Most likely Windows-1252, where these are punctuation.
                case 0x80..<0xc0: continue
                default: result += [0xc3, byte & 0x3f | 0x80]
                }
            }
            return result
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for scalar in text.unicodeScalars where !isForbidden(scalar) { result += scalar.utf8 }
        return result
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        byte < 0x20 && byte != 0x09 && byte != 0x0a && byte != 0x0d
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 ? isForbidden(UInt8(scalar.value)) : scalar.value == 0xfffe || scalar.value == 0xffff
    }
}

/// Writes elements as libxml2 does, so that what createrepo_c wrote for a package and what is written here are the same bytes.
struct ElementWriter {
    private(set) var bytes: [UInt8] = []

    mutating func raw(_ text: String) { bytes += text.utf8 }

    /// `<name>text</name>` on a line of its own.
    mutating func element(_ name: String, _ text: [UInt8], indent: Int, attributes: String = "") {
        raw("\(String(repeating: " ", count: indent))<\(name)\(attributes)>")
        self.text(text)
        raw("</\(name)>\n")
    }

    /// ` name="value"`
    mutating func attribute(_ name: String, _ value: [UInt8]) {
        raw(" \(name)=\"")
        if value.allSatisfy({ $0 >= 0x20 && $0 < 0x80 && !ElementWriter.isMarkup($0) }) {
            bytes += value
        } else {
            for scalar in String(decoding: value, as: UTF8.self).unicodeScalars {
                switch scalar {
                case "\"": raw("&quot;")
                case "&": raw("&amp;")
                case "<": raw("&lt;")
                case ">": raw("&gt;")
                case "\t", "\n", "\r": raw("&#\(scalar.value);")
                case _ where scalar.isASCII: bytes.append(UInt8(scalar.value))
                default: raw("&#x\(String(scalar.value, radix: 16, uppercase: true));")
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isMarkup(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "&") || byte == UInt8(ascii: "<")
            || byte == UInt8(ascii: ">")
    }

    mutating func text(_ value: [UInt8]) {
        for byte in value {
            switch byte {
            case UInt8(ascii: "&"): raw("&amp;")
            case UInt8(ascii: "<"): raw("&lt;")
            case UInt8(ascii: ">"): raw("&gt;")
            case 0x0d: raw("&#13;")
            default: bytes.append(byte)
            }
        }
    }
}
