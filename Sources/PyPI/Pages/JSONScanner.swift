import Basics

/// Reads JSON (RFC 8259) as it goes, without building a tree: pages of large projects have tens of thousands of members.
///
/// Each reader of a value consumes exactly that value. What is not wanted is skipped, and still checked for its shape.
struct JSONScanner {
    /// Deeper documents are refused.
    static let deepest = 64

    private let bytes: UnsafeRawBufferPointer
    private var index = 0
    private let document: String

    /// - Parameter document: names the document in errors.
    init(_ bytes: UnsafeRawBufferPointer, document: String) {
        self.bytes = bytes
        self.document = document
        if bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf { index = 3 }
    }

    func malformed(_ reason: String) -> ChantalError {
        ChantalError(.malformed, "\(document) is no proper JSON at byte \(index): \(reason)", url: document)
    }

    enum Kind { case object, array, string, number, flag, null }

    /// What comes next.
    mutating func kind() throws -> Kind {
        skipSpaces()
        guard index < bytes.count else { throw malformed("it ends too early") }
        switch bytes[index] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .flag
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), 0x30...0x39: return .number
        default: throw malformed("a value is expected")
        }
    }

    /// - Throws: `malformed` if anything but white space is left.
    mutating func finish() throws {
        skipSpaces()
        if index < bytes.count { throw malformed("something follows its end") }
    }

    /// Calls `body` for each member; it has to consume the value.
    mutating func object(_ body: (inout JSONScanner, UnsafeRawBufferPointer) throws -> Void) throws {
        try expect(UInt8(ascii: "{"))
        if try closes(UInt8(ascii: "}"), isFirst: true) { return }
        repeat {
            skipSpaces()
            let key = try rawString()
            skipSpaces()
            try expect(UInt8(ascii: ":"))
            let slice = bytes.slice(key.range)
            if key.hasEscapes {
                var decoded = try JSONScanner.decoded(slice, self)
                try decoded.withUTF8 { try body(&self, UnsafeRawBufferPointer($0)) }
            } else {
                try body(&self, slice)
            }
        } while try !closes(UInt8(ascii: "}"), isFirst: false)
    }

    /// Calls `body` for each element; it has to consume it.
    mutating func array(_ body: (inout JSONScanner) throws -> Void) throws {
        try expect(UInt8(ascii: "["))
        if try closes(UInt8(ascii: "]"), isFirst: true) { return }
        repeat { try body(&self) } while try !closes(UInt8(ascii: "]"), isFirst: false)
    }

    mutating func string() throws -> String {
        skipSpaces()
        let raw = try rawString()
        let slice = bytes.slice(raw.range)
        return raw.hasEscapes ? try JSONScanner.decoded(slice, self) : slice.text
    }

    mutating func flag() throws -> Bool {
        skipSpaces()
        if take("true") { return true }
        if take("false") { return false }
        throw malformed("true or false is expected")
    }

    mutating func null() throws {
        skipSpaces()
        guard take("null") else { throw malformed("null is expected") }
    }

    /// A whole number of at least zero; nil for any other.
    mutating func integer() throws -> Int64? {
        skipSpaces()
        let start = index
        while index < bytes.count, JSONScanner.isNumberPart(bytes[index]) { index += 1 }
        let word = bytes.slice(start..<index)
        guard word.contains(where: \.isASCIIDigit) else { throw malformed("a number is expected") }
        return word.decimal
    }

    private static func isNumberPart(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || byte == 0x2b || byte == 0x2d || byte == 0x2e || byte | 0x20 == UInt8(ascii: "e")
    }

    /// A text, or nil for a value of another kind, which is skipped.
    mutating func stringIfAny() throws -> String? {
        if try kind() == .string { return try string() }
        try skip()
        return nil
    }

    /// Passes over a value of any kind.
    mutating func skip() throws { try skip(depth: 0) }

    private mutating func skip(depth: Int) throws {
        guard depth < JSONScanner.deepest else { throw malformed("it is nested too deeply") }
        switch try kind() {
        case .object:
            try object { scanner, _ in try scanner.skip(depth: depth + 1) }
        case .array: try array { try $0.skip(depth: depth + 1) }
        case .string: _ = try rawString()
        case .number: _ = try integer()
        case .flag: _ = try flag()
        case .null: try null()
        }
    }
}

extension JSONScanner {
    private mutating func skipSpaces() {
        while index < bytes.count, bytes[index].isASCIISpace { index += 1 }
    }

    private mutating func expect(_ byte: UInt8) throws {
        skipSpaces()
        guard index < bytes.count, bytes[index] == byte else {
            throw malformed("'\(Character(Unicode.Scalar(byte)))' is expected")
        }
        index += 1
    }

    /// Whether an object or array ends here; if not, the comma before its next member is taken.
    private mutating func closes(_ byte: UInt8, isFirst: Bool) throws -> Bool {
        skipSpaces()
        guard index < bytes.count else { throw malformed("it ends too early") }
        if bytes[index] == byte {
            index += 1
            return true
        }
        if isFirst { return false }
        guard bytes[index] == UInt8(ascii: ",") else { throw malformed("',' is expected") }
        index += 1
        return false
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let end = index + word.utf8CodeUnitCount
        guard end <= bytes.count, bytes.slice(index..<end).equals(word) else { return false }
        index = end
        return true
    }

    /// The range between the quotes.
    private mutating func rawString() throws -> (range: Range<Int>, hasEscapes: Bool) {
        guard index < bytes.count, bytes[index] == 0x22 else { throw malformed("a text is expected") }
        let start = index + 1
        var at = start
        var hasEscapes = false
        while let quote = bytes.firstIndex(of: 0x22, from: at) {
            guard let escape = bytes.slice(at..<quote).firstIndex(of: 0x5c, from: 0) else {
                index = quote + 1
                return (start..<quote, hasEscapes)
            }
            hasEscapes = true
            at += escape + 2
        }
        throw malformed("a text has no end")
    }

    /// Replaces escapes (RFC 8259, 7); a lone surrogate becomes a replacement character.
    private static func decoded(_ bytes: UnsafeRawBufferPointer, _ scanner: JSONScanner) throws -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        func unit(_ start: Int) -> UInt16? {
            guard start + 4 <= bytes.count else { return nil }
            var value: UInt16 = 0
            for place in start..<(start + 4) {
                guard let digit = Hex.value(bytes[place]) else { return nil }
                value = value << 4 | UInt16(digit)
            }
            return value
        }
        while index < bytes.count {
            guard bytes[index] == 0x5c, index + 1 < bytes.count else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let letter = bytes[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "n"): result.append(0x0a)
            case UInt8(ascii: "r"): result.append(0x0d)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0c)
            case 0x22, 0x5c, 0x2f: result.append(letter)
            case UInt8(ascii: "u"):
                guard let first = unit(index) else { throw scanner.malformed("an escape is broken") }
                index += 4
                var units = [first]
                if UTF16.isLeadSurrogate(first), index + 1 < bytes.count, bytes[index] == 0x5c,
                    bytes[index + 1] == UInt8(ascii: "u"), let second = unit(index + 2), UTF16.isTrailSurrogate(second)
                {
                    units.append(second)
                    index += 6
                }
                result.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
            default: throw scanner.malformed("an escape is unknown")
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
