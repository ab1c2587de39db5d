import Basics

/// A value in a TOML document, with the place where it stands.
public final class TOMLNode: Sendable {
    public enum Content: Sendable {
        case string(String)
        case integer(Int64)
        case float(Double)
        case boolean(Bool)
        /// A date, a time or both, as written (RFC 3339).
        case dateTime(String)
        case array([TOMLNode])
        /// In the order of the file; no key twice.
        case table([TOMLEntry])
    }

    public let content: Content
    /// From 1. For a table that several headers make, the first of them.
    public let line: Int
    /// From 1, in bytes.
    public let column: Int
    private let places: [String: Int]

    init(_ content: Content, line: Int, column: Int) {
        self.content = content
        self.line = line
        self.column = column
        if case .table(let entries) = content {
            places = Dictionary(entries.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
        } else {
            places = [:]
        }
    }

    public var string: String? { if case .string(let value) = content { value } else { nil } }
    public var integer: Int64? { if case .integer(let value) = content { value } else { nil } }
    public var boolean: Bool? { if case .boolean(let value) = content { value } else { nil } }
    public var dateTime: String? { if case .dateTime(let value) = content { value } else { nil } }
    /// The items of an array, of tables too.
    public var items: [TOMLNode]? { if case .array(let value) = content { value } else { nil } }
    public var entries: [TOMLEntry]? { if case .table(let value) = content { value } else { nil } }

    /// The value of a table's key; nil if there is none or this is no table.
    public subscript(key: String) -> TOMLNode? {
        guard case .table(let entries) = content, let place = places[key] else { return nil }
        return entries[place].value
    }

    /// What it is, for messages.
    public var kind: String {
        switch content {
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a float"
        case .boolean: "a boolean"
        case .dateTime: "a date or time"
        case .array: "an array"
        case .table: "a table"
        }
    }

    /// An error at this place: `FILE:LINE:COLUMN: message`.
    public func error(_ message: String, file: String, hint: String? = nil) -> ChantalError {
        .toml(file, line, column, message, hint: hint)
    }
}

/// A key of a table and its value.
public struct TOMLEntry: Sendable {
    public let key: String
    public let value: TOMLNode
}

extension ChantalError {
    /// `FILE:LINE:COLUMN: message`
    static func toml(_ file: String, _ line: Int, _ column: Int, _ message: String, hint: String? = nil) -> ChantalError
    {
        ChantalError(.malformed, "\(file):\(line):\(column): \(message)", hint: hint, path: file)
    }
}
