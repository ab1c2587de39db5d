/// A JSON value (RFC 8259) whose members keep the order they were given in.
public indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A name and its value.
    public struct Member: Sendable, Hashable {
        public var name: String
        public var value: JSONValue
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(elements.map { Member($0, $1) }) }
}

extension JSONValue {
    /// UTF-8 text without a line end; `indent` spaces a level, nil for one line.
    public func encoded(indent: Int? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes, indent: indent, depth: 0)
        return bytes
    }

    private func write(to bytes: inout [UInt8], indent: Int?, depth: Int) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .number(let value): bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        case .string(let value): JSONValue.quote(value, to: &bytes)
        case .array(let values):
            JSONValue.list(values, "[", "]", to: &bytes, indent, depth) { value, bytes in
                value.write(to: &bytes, indent: indent, depth: depth + 1)
            }
        case .object(let members):
            JSONValue.list(members, "{", "}", to: &bytes, indent, depth) { member, bytes in
                JSONValue.quote(member.name, to: &bytes)
                bytes.append(contentsOf: (indent == nil ? ":" : ": ").utf8)
                member.value.write(to: &bytes, indent: indent, depth: depth + 1)
            }
        }
    }

    private static func list<Element>(
        _ elements: [Element], _ open: Unicode.Scalar, _ close: Unicode.Scalar, to bytes: inout [UInt8], _ indent: Int?,
        _ depth: Int,
        _ body: (Element, inout [UInt8]) -> Void
    ) {
        func newLine(_ depth: Int) {
            guard let indent, !elements.isEmpty else { return }
            bytes.append(0x0a)
            bytes.append(contentsOf: repeatElement(0x20, count: indent * depth))
        }
        bytes.append(UInt8(ascii: open))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            newLine(depth + 1)
            body(element, &bytes)
        }
        newLine(depth)
        bytes.append(UInt8(ascii: close))
    }

    private static func quote(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5c: bytes.append(contentsOf: [0x5c, byte])
            case 0x0a: bytes.append(contentsOf: "\\n".utf8)
            case 0x0d: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7f:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(contentsOf: [Hex.digit(byte >> 4), Hex.digit(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
