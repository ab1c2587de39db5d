import Basics

/// Reads keys and scalars from the bytes of a document.
struct TOMLScanner {
    let bytes: UnsafeRawBufferPointer
    let file: String
    var position = 0
    private var line = 1
    private var lineStart = 0
    /// Arrays and inline tables around the position.
    var outerDepth = 0

    init(_ bytes: UnsafeRawBufferPointer, file: String) {
        self.bytes = bytes
        self.file = file
        if bytes.count >= 3, bytes.slice(0..<3).elementsEqual([0xef, 0xbb, 0xbf]) {
            position = 3
            lineStart = 3
        }
    }

    /// Refuses other encodings.
    func checkText() throws {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw ChantalError(.malformed, "\(file): the file is not valid UTF-8", hint: "save it as UTF-8", path: file)
        }
    }

    /// Line and column of a byte on the present line, or before it on the line where a value began.
    func place(of offset: Int) -> (line: Int, column: Int) { (line, max(1, offset - lineStart + 1)) }

    func error(_ message: String, at offset: Int? = nil, hint: String? = nil) -> ChantalError {
        let place = place(of: offset ?? position)
        return .toml(file, place.line, place.column, message, hint: hint)
    }

    var isAtEnd: Bool { position >= bytes.count }
    var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    func peek(_ text: StaticString) -> Bool {
        let end = position + text.utf8CodeUnitCount
        return end <= bytes.count && bytes.slice(position..<end).equals(text)
    }

    mutating func take(_ text: StaticString) -> Bool {
        guard peek(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    mutating func skipBlanks() {
        while let byte, byte == 0x20 || byte == 0x09 { position += 1 }
    }

    /// Goes behind a line end; false if there is none.
    mutating func takeLineEnd() -> Bool {
        guard take("\n") || take("\r\n") else { return false }
        line += 1
        lineStart = position
        return true
    }

    private mutating func skipComment() throws {
        guard take("#") else { return }
        while let byte, byte != 0x0a, !peek("\r\n") {
            guard byte >= 0x20 && byte != 0x7f || byte == 0x09 else {
                throw error("a comment holds a control character")
            }
            position += 1
        }
    }

    /// Goes to the next thing that is no blank, comment or line end; false at the end of the file.
    mutating func skipToContent() throws -> Bool {
        while true {
            skipBlanks()
            try skipComment()
            if isAtEnd { return false }
            if !takeLineEnd() { return true }
        }
    }

    /// What may follow a value or a header on its line.
    mutating func endOfLine() throws {
        skipBlanks()
        try skipComment()
        guard isAtEnd || takeLineEnd() else { throw error("the line should end here") }
    }

    /// `a."b.c".d`, and the blanks after it.
    mutating func key() throws -> [String] {
        var path: [String] = []
        repeat {
            skipBlanks()
            path.append(try simpleKey())
            skipBlanks()
            guard path.count + outerDepth <= TOMLDocument.depthLimit else { throw error("the key has too many parts") }
        } while take(".")
        return path
    }

    private mutating func simpleKey() throws -> String {
        if peek("\"\"\"") || peek("'''") { throw error("a key cannot have several lines") }
        if take("\"") { return try basicString() }
        if take("'") { return try literalString() }
        let start = position
        while let byte, byte.isASCIILetter || byte.isASCIIDigit || byte == 0x2d || byte == 0x5f { position += 1 }
        guard position > start else { throw error("a key should stand here") }
        return bytes.slice(start..<position).text
    }
}

// Strings.
extension TOMLScanner {
    /// A string, behind whose opening quotes the position is.
    mutating func string() throws -> String? {
        if take("\"\"\"") { return try multiLine(quote: 0x22, takesEscapes: true) }
        if take("'''") { return try multiLine(quote: 0x27, takesEscapes: false) }
        if take("\"") { return try basicString() }
        if take("'") { return try literalString() }
        return nil
    }

    private mutating func basicString() throws -> String {
        let start = position
        // Most have no escapes.
        while let byte, byte != 0x22, byte != 0x5c, isText(byte) { position += 1 }
        var text = Array(bytes.slice(start..<position))
        while let byte {
            if byte == 0x22 {
                position += 1
                return String(decoding: text, as: UTF8.self)
            }
            if byte == 0x5c {
                try escape(into: &text)
            } else {
                guard isText(byte) else { break }
                text.append(byte)
                position += 1
            }
        }
        throw error("the string is not closed on its line, or holds a control character")
    }

    private mutating func literalString() throws -> String {
        let start = position
        while let byte, byte != 0x27, isText(byte) { position += 1 }
        guard byte == 0x27 else {
            throw error("the string is not closed on its line, or holds a control character")
        }
        defer { position += 1 }
        return bytes.slice(start..<position).text
    }

    private func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte == 0x09 }

    private mutating func multiLine(quote: UInt8, takesEscapes: Bool) throws -> String {
        var text: [UInt8] = []
        _ = takeLineEnd()
        while let byte {
            if byte == quote {
                var count = 0
                while self.byte == quote, count < 5 {
                    count += 1
                    position += 1
                }
                // Up to two quotes may stand before the closing ones.
                let kept = count >= 3 ? count - 3 : count
                text.append(contentsOf: repeatElement(quote, count: kept))
                if count >= 3 { return String(decoding: text, as: UTF8.self) }
            } else if takeLineEnd() {
                text.append(0x0a)
            } else if byte == 0x5c, takesEscapes {
                if try !takeContinuation() { try escape(into: &text) }
            } else {
                guard isText(byte) else { throw error("the string holds a control character") }
                text.append(byte)
                position += 1
            }
        }
        throw error("the string is not closed")
    }

    /// A backslash at the end of a line takes away all blanks up to the next text.
    private mutating func takeContinuation() throws -> Bool {
        let start = position
        position += 1
        skipBlanks()
        guard takeLineEnd() else {
            position = start
            return false
        }
        repeat { skipBlanks() } while takeLineEnd()
        return true
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        position += 1
        guard let byte else { throw error("the string is not closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "r"): text.append(0x0d)
        case 0x22, 0x5c: text.append(byte)
        case UInt8(ascii: "u"): try scalar(digits: 4, into: &text)
        case UInt8(ascii: "U"): try scalar(digits: 8, into: &text)
        default: throw error("an unknown escape", at: position - 2, hint: "write '\\\\' for a backslash")
        }
    }

    private mutating func scalar(digits: Int, into text: inout [UInt8]) throws {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let byte, let digit = Hex.value(byte) else { throw error("\(digits) hex digits should stand here") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw error("the escape stands for no character") }
        text.append(contentsOf: String(Character(scalar)).utf8)
    }
}
