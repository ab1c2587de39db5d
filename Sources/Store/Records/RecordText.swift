import Basics
import Hashing

/// Writes a record: `chantal-<kind> 1`, lines `key value` in an order that the kind fixes, and the SHA-256 of all before it.
struct RecordWriter {
    private var text: [UInt8]

    init(kind: String) { text = Array("chantal-\(kind) 1\n".utf8) }

    mutating func line(_ key: String, _ value: String) {
        text.append(contentsOf: key.utf8)
        text.append(0x20)
        RecordWriter.escape(value, into: &text)
        text.append(0x0a)
    }

    mutating func line(_ key: String, _ value: Digest) { line(key, value.hex) }
    mutating func line(_ key: String, _ value: some BinaryInteger) { line(key, String(value)) }
    mutating func line(_ key: String, _ value: Timestamp) { line(key, value.rfc3339) }
    mutating func line(_ key: String, _ value: Bool) { line(key, value ? "yes" : "no") }

    mutating func line(_ key: String, _ value: Timestamp?) {
        if let value { line(key, value) }
    }

    consuming func finish() -> [UInt8] {
        let digest = sha256(of: text)
        line("sha256", digest)
        return text
    }

    /// Percent-encodes control characters and `%`: a value never ends its line.
    static func escape(_ value: String, into text: inout [UInt8]) {
        for byte in value.utf8 {
            if byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "%") {
                text.append(UInt8(ascii: "%"))
                text.append(Hex.digit(byte >> 4))
                text.append(Hex.digit(byte & 15))
            } else {
                text.append(byte)
            }
        }
    }

    /// The same for a word within a value, spaces as well.
    static func word(_ value: String) -> String {
        var text: [UInt8] = []
        escape(value, into: &text)
        return String(decoding: text, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
            .joined(separator: "%20")
    }
}

/// Reads a record, key by key in the order of its kind.
struct RecordReader {
    private var lines: ArraySlice<(key: String, value: String)>
    private let kind: String

    /// - Throws: ``ChantalError`` `malformed`.
    init(_ bytes: [UInt8], kind: String) throws {
        self.kind = kind
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.elementsEqual(bytes), text.utf8.last == 0x0a else {
            throw RecordReader.malformed("it is no text, or ends in the middle of a line")
        }
        let all = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        guard all[0] == "chantal-\(kind) 1" else {
            if all[0].hasPrefix("chantal-\(kind) ") {
                throw ChantalError(.store, "it is of a format newer than this chantal", hint: "use a newer chantal")
            }
            throw RecordReader.malformed("it does not begin with 'chantal-\(kind) 1'")
        }
        guard let last = all.last, last.hasPrefix("sha256 ") else { throw RecordReader.malformed("its end is missing") }
        let body = bytes.dropLast(last.utf8.count + 1)
        guard String(last.dropFirst(7)) == sha256(of: Array(body)).hex else {
            throw RecordReader.malformed("its bytes have changed (the SHA-256 at its end is another)")
        }
        lines = try all.dropFirst().dropLast().map { line in
            guard let space = line.utf8.firstIndex(of: 0x20) else {
                throw RecordReader.malformed("a line has no value")
            }
            return (
                String(line[..<space]), try RecordReader.unescape(String(line[line.utf8.index(after: space)...]))
            )
        }[...]
    }

    static func malformed(_ reason: String) -> ChantalError { ChantalError(.malformed, reason) }

    static func unescape(_ text: String) throws -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hex.value), let low = rest.popFirst().flatMap(Hex.value) else {
                throw malformed("'%' is not followed by two hex digits")
            }
            bytes.append(high << 4 | low)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of the next line if it has this key.
    mutating func next(_ key: String) -> String? {
        guard let line = lines.first, line.key == key else { return nil }
        lines.removeFirst()
        return line.value
    }

    /// The values of all next lines that have this key.
    mutating func all(_ key: String) -> [String] {
        var values: [String] = []
        while let value = next(key) { values.append(value) }
        return values
    }

    mutating func text(_ key: String) throws -> String {
        guard let value = next(key) else { throw RecordReader.malformed("the line '\(key)' is missing") }
        return value
    }

    private mutating func value<Value>(_ key: String, _ read: (String) -> Value?) throws -> Value {
        guard let value = read(try text(key)) else {
            throw RecordReader.malformed("the value of '\(key)' is no such value")
        }
        return value
    }

    mutating func digest(_ key: String) throws -> Digest { try value(key) { Digest(hex: $0) } }
    mutating func integer(_ key: String) throws -> Int64 { try value(key) { Int64($0) } }
    mutating func time(_ key: String) throws -> Timestamp { try value(key) { Timestamp(rfc3339: $0) } }

    mutating func flag(_ key: String) throws -> Bool {
        try value(key) { ["yes": true, "no": false][$0] }
    }

    mutating func optionalTime(_ key: String) throws -> Timestamp? {
        lines.first?.key == key ? try time(key) : nil
    }

    /// To be called at the end.
    func finish() throws {
        if let line = lines.first {
            throw RecordReader.malformed("the line '\(line.key)' is not known, or not in its place")
        }
    }
}
