import Basics

/// Character references of HTML (WHATWG HTML, 13.5): numeric ones, and the named ones of ASCII characters. Others stay as they are.
enum CharacterReferences {
    private static let named: [(name: StaticString, scalar: Unicode.Scalar)] = [
        ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("nbsp", "\u{a0}"), ("AMP", "&"),
        ("LT", "<"), ("GT", ">"), ("QUOT", "\""), ("Tab", "\t"), ("NewLine", "\n"), ("excl", "!"), ("num", "#"),
        ("dollar", "$"), ("percnt", "%"), ("lpar", "("), ("rpar", ")"), ("ast", "*"), ("plus", "+"), ("comma", ","),
        ("period", "."), ("sol", "/"), ("colon", ":"), ("semi", ";"), ("equals", "="), ("quest", "?"), ("commat", "@"),
        ("lsqb", "["), ("lbrack", "["), ("bsol", "\\"), ("rsqb", "]"), ("rbrack", "]"), ("Hat", "^"), ("lowbar", "_"),
        ("grave", "`"), ("lcub", "{"), ("lbrace", "{"), ("verbar", "|"), ("vert", "|"), ("rcub", "}"), ("rbrace", "}"),
    ]

    /// The longest reference that is looked at, in bytes behind the `&`.
    private static let longest = 12

    static func decoded(_ bytes: UnsafeRawBufferPointer) -> String {
        guard var ampersand = bytes.firstIndex(of: 0x26, from: 0) else { return bytes.text }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var start = 0
        while true {
            result.append(contentsOf: bytes.slice(start..<ampersand))
            if let (scalar, end) = reference(bytes, ampersand + 1) {
                result.append(contentsOf: String(Character(scalar)).utf8)
                start = end
            } else {
                result.append(0x26)
                start = ampersand + 1
            }
            guard let next = bytes.firstIndex(of: 0x26, from: start) else { break }
            ampersand = next
        }
        result.append(contentsOf: bytes.slice(start..<bytes.count))
        return String(decoding: result, as: UTF8.self)
    }

    private static func reference(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> (Unicode.Scalar, end: Int)? {
        let limit = min(bytes.count, start + longest)
        var end = start
        while end < limit, bytes[end].isASCIILetter || bytes[end].isASCIIDigit || bytes[end] == 0x23 { end += 1 }
        let name = bytes.slice(start..<end)
        guard !name.isEmpty else { return nil }
        let isClosed = end < bytes.count && bytes[end] == 0x3b
        let behind = isClosed ? end + 1 : end
        if name[0] == 0x23 { return numeric(name).map { ($0, behind) } }
        guard let found = named.first(where: { name.equals($0.name) }) else { return nil }
        // Without a semicolon only before what cannot go on in a query (`?a=1&lt=2`).
        if !isClosed, found.name.utf8CodeUnitCount > 4 || (end < bytes.count && bytes[end] == 0x3d) { return nil }
        return (found.scalar, behind)
    }

    private static func numeric(_ name: UnsafeRawBufferPointer) -> Unicode.Scalar? {
        var digits = name.slice(1..<name.count)
        var radix: UInt32 = 10
        if let first = digits.first, first | 0x20 == UInt8(ascii: "x") {
            radix = 16
            digits = digits.slice(1..<digits.count)
        }
        guard !digits.isEmpty, digits.count <= 8 else { return nil }
        var value: UInt32 = 0
        for byte in digits {
            guard let digit = Hex.value(byte), UInt32(digit) < radix else { return nil }
            let (product, over) = value.multipliedReportingOverflow(by: radix)
            if over { return nil }
            value = product &+ UInt32(digit)
        }
        return value == 0 ? "\u{fffd}" : Unicode.Scalar(value) ?? "\u{fffd}"
    }
}
