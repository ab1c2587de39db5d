import Basics

/// Reads dependency specifiers (PEP 508) from bytes.
struct RequirementScanner {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    /// Longest text that is read.
    static let lengthLimit = 64 << 10
    /// Parentheses within each other.
    static let depthLimit = 64

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    func peek(_ byte: Unicode.Scalar) -> Bool { position < bytes.count && bytes[position] == UInt8(ascii: byte) }

    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard peek(byte) else { return false }
        position += 1
        return true
    }

    /// Spaces and tabs.
    mutating func skipBlanks() {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }

    func error(_ expected: String) -> ChantalError {
        let shown = RepositoryPath(trusted: Array(bytes.prefix(200))).description
        return ChantalError(
            .malformed, "'\(shown)' is no requirement: \(expected) should stand at character \(position + 1)")
    }

    func expectEnd(_ expected: String) throws {
        guard isAtEnd else { throw error(expected) }
    }

    /// Letters, digits, `.`, `_` and `-`, a letter or digit at either end.
    mutating func identifier() -> String? {
        guard position < bytes.count, bytes[position].isASCIILetter || bytes[position].isASCIIDigit else { return nil }
        var end = position
        while end < bytes.count, RequirementScanner.isNameByte(bytes[end]) { end += 1 }
        while !(bytes[end - 1].isASCIILetter || bytes[end - 1].isASCIIDigit) { end -= 1 }
        // The end has to be one of a word.
        if end < bytes.count, bytes[end] == 0x5f { return nil }
        defer { position = end }
        return bytes.slice(position..<end).text
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == 0x2d || byte == 0x5f || byte == 0x2e
    }

    private func isWordByte(at index: Int) -> Bool {
        guard index >= 0, index < bytes.count else { return false }
        return bytes[index].isASCIILetter || bytes[index].isASCIIDigit || bytes[index] == 0x5f || bytes[index] >= 0x80
    }

    /// A word that begins and ends here.
    mutating func take(word: StaticString) -> Bool {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, bytes.slice(position..<end).equals(word), !isWordByte(at: position - 1),
            !isWordByte(at: end)
        else { return false }
        position = end
        return true
    }
}

// Markers.
extension RequirementScanner {
    /// Everything that `and` and `or` join.
    mutating func marker(depth: Int = 0) throws -> MarkerNode {
        var nodes = [try atom(depth: depth)]
        var conjunctions: [Bool] = []
        while true {
            if take(word: "and") {
                conjunctions.append(true)
            } else if take(word: "or") {
                conjunctions.append(false)
            } else {
                return nodes.count == 1 ? nodes[0] : .group(nodes, conjunctions: conjunctions)
            }
            nodes.append(try atom(depth: depth))
        }
    }

    private mutating func atom(depth: Int) throws -> MarkerNode {
        guard depth <= RequirementScanner.depthLimit else { throw error("no further parenthesis") }
        skipBlanks()
        defer { skipBlanks() }
        if take("(") {
            skipBlanks()
            let inner = try marker(depth: depth + 1)
            skipBlanks()
            guard take(")") else { throw error("a closing parenthesis") }
            return inner
        }
        let left = try operand()
        skipBlanks()
        let relation = try relation()
        skipBlanks()
        return .comparison(MarkerComparison(left: left, relation: relation, right: try operand()))
    }

    private static let relations: [StaticString] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"]

    private mutating func relation() throws -> String {
        if take(word: "in") { return "in" }
        if take(word: "not") {
            let start = position
            skipBlanks()
            guard position > start, take(word: "in") else { throw error("'in' after 'not'") }
            return "not in"
        }
        for text in RequirementScanner.relations {
            let end = position + text.utf8CodeUnitCount
            guard end <= bytes.count, bytes.slice(position..<end).equals(text) else { continue }
            position = end
            return "\(text)"
        }
        throw error("one of <=, <, !=, ==, >=, >, ~=, ===, in, not in")
    }

    private mutating func operand() throws -> MarkerComparison.Operand {
        if peek("'") || peek("\"") { return .text(try quoted()) }
        var end = position
        while end < bytes.count, isWordByte(at: end) || bytes[end] == 0x2e { end += 1 }
        guard !isWordByte(at: position - 1), let variable = MarkerVariable(name: bytes.slice(position..<end).text)
        else { throw error("a marker variable or a quoted text") }
        position = end
        return .variable(variable)
    }

    /// A literal as Python reads it.
    private mutating func quoted() throws -> String {
        let quote = bytes[position]
        guard let end = bytes.firstIndex(of: quote, from: position + 1) else { throw error("the closing quote") }
        var text: [UInt8] = []
        var index = position + 1
        while index < end {
            guard bytes[index] == UInt8(ascii: "\\") else {
                if bytes[index] == 0x0a || bytes[index] == 0x0d { throw error("the closing quote") }
                text.append(bytes[index])
                index += 1
                continue
            }
            guard index + 1 < end else { throw error("a quoted text that a backslash does not end") }
            switch bytes[index + 1] {
            case UInt8(ascii: "\\"): text.append(0x5c)
            case UInt8(ascii: "n"): text.append(0x0a)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0d)
            case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"), UInt8(ascii: "N"), 0x30...0x37:
                throw error("a quoted text without codes of characters")
            default: text.append(contentsOf: [0x5c, bytes[index + 1]])
            }
            index += 2
        }
        position = end + 1
        return String(decoding: text, as: UTF8.self)
    }
}
