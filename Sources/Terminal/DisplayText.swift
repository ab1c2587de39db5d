/// Text as a terminal shows it.
public enum DisplayText {
    /// One line that cannot steer the terminal: control characters, also C1 and those that turn the direction of writing, become
    /// U+FFFD; line ends and tabs become spaces. What comes from an upstream goes through here before people see it.
    public static func line(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0a, 0x0d: result.append(" ")
            case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: result.append("\u{fffd}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// Columns that a text takes: 0 for combining marks, 2 for wide characters (UAX #11), 1 for others.
    public static func width(_ text: String) -> Int {
        var ascii = 0
        for byte in text.utf8 {
            if byte >= 0x80 { return text.unicodeScalars.reduce(0) { $0 + width($1) } }
            ascii += 1
        }
        return ascii
    }

    static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0..<0x300: return 1
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
            0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1f9ff,
            0x20000...0x3fffd:
            return 2
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: return 0
            default: return 1
            }
        }
    }

    /// At most `columns` wide; what is longer ends in an ellipsis.
    public static func cut(_ text: String, to columns: Int, ellipsis: String = "…") -> String {
        if width(text) <= columns { return text }
        let mark = width(ellipsis) <= columns ? ellipsis : ""
        let room = columns - width(mark)
        var result = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += width(scalar)
            if used > room { break }
            result.append(scalar)
        }
        return String(result) + mark
    }

    /// Filled with spaces up to `columns`.
    public static func padded(_ text: String, to columns: Int, right: Bool = false) -> String {
        let fill = String(repeating: " ", count: max(0, columns - width(text)))
        return right ? fill + text : text + fill
    }

    /// Broken at spaces into lines of at most `columns`; line ends of the text stay, and so does the indentation of a line. A word
    /// that is longer stands alone.
    public static func wrapped(_ text: String, to columns: Int) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let indent = String(paragraph.prefix { $0 == " " })
            var line = indent
            var isEmpty = true
            for word in paragraph.split(separator: " ") {
                if !isEmpty, width(line) + 1 + width(String(word)) > columns {
                    lines.append(line)
                    line = indent
                    isEmpty = true
                }
                line += (isEmpty ? "" : " ") + word
                isEmpty = false
            }
            lines.append(isEmpty ? "" : line)
        }
        return lines
    }

    /// `1,234,567`
    public static func count(_ number: Int) -> String {
        var digits = Array(String(number.magnitude).utf8)
        var index = digits.count - 3
        while index > 0 {
            digits.insert(UInt8(ascii: ","), at: index)
            index -= 3
        }
        return (number < 0 ? "-" : "") + String(decoding: digits, as: UTF8.self)
    }

    /// `1 file`, `2 files`, `5,000 repositories`
    public static func count(_ number: Int, _ noun: String) -> String {
        if number == 1 { return "1 \(noun)" }
        let plural = noun.hasSuffix("y") ? noun.dropLast() + "ies" : noun + "s"
        return "\(count(number)) \(plural)"
    }
}
