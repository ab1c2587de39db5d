import Basics

/// What can stand in the JSON that a command writes.
protocol JSONConvertible {
    var json: JSONValue { get }
}

/// An object with members in a fixed order.
protocol JSONResult: JSONConvertible {
    var members: KeyValuePairs<String, any JSONConvertible> { get }
}

extension JSONResult {
    var json: JSONValue { .object(members.map { JSONValue.Member($0.key, $0.value.json) }) }

    /// The whole document of a command: the members behind `"format": 1`, on one line.
    var document: [UInt8] {
        let format = JSONValue.Member("format", 1)
        return JSONValue.object([format] + members.map { JSONValue.Member($0.key, $0.value.json) }).encoded() + [0x0a]
    }
}

extension JSONValue: JSONConvertible {
    var json: JSONValue { self }
}

extension String: JSONConvertible {
    var json: JSONValue { .string(self) }
}

extension Bool: JSONConvertible {
    var json: JSONValue { .bool(self) }
}

extension Int: JSONConvertible {
    var json: JSONValue { .integer(Int64(self)) }
}

extension Int64: JSONConvertible {
    var json: JSONValue { .integer(self) }
}

extension Double: JSONConvertible {
    /// With three decimals.
    var json: JSONValue { .number((self * 1000).rounded() / 1000) }
}

extension Digest: JSONConvertible {
    var json: JSONValue { .string(hex) }
}

extension Timestamp: JSONConvertible {
    var json: JSONValue { .string(rfc3339) }
}

extension Optional: JSONConvertible where Wrapped: JSONConvertible {
    var json: JSONValue { self?.json ?? .null }
}

extension Array: JSONConvertible where Element: JSONConvertible {
    var json: JSONValue { .array(map(\.json)) }
}

extension ChantalError: JSONConvertible {
    var json: JSONValue {
        [
            "code": .string(code.rawValue), "message": .string(description), "hint": ErrorReport.hint(self).json,
            "path": path.json, "url": url.json,
        ]
    }
}
