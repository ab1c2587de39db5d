import Basics
import YAML

/// Text that stands for a value may also come from the environment; the schema has to let it pass.
let environmentPattern = #"\$\{[A-Za-z_][A-Za-z0-9_]*\}"#

extension ValueKind where Value == String {
    /// Any text on one line; numbers stay as written.
    public static var text: ValueKind {
        ValueKind(
            typeName: "text",
            schema: .object(["type": .list([.text("string"), .text("number"), .text("boolean")])]),
            parse: { node, context in try context.text(node) }, show: { .text($0) })
    }

    /// A file or directory; relative to the file that names it. The value is absolute.
    public static var path: ValueKind {
        ValueKind(
            typeName: "path", schema: .object(["type": .text("string"), "minLength": .number(1)]),
            parse: { node, context in
                let text = try context.text(node, expected: "a path")
                if text.isEmpty { throw context.error(node, "the path is empty") }
                return context.resolve(text)
            }, show: { .path($0) })
    }
}

extension ValueKind where Value == Bool {
    /// `true` or `false`, nothing else.
    public static var flag: ValueKind {
        ValueKind(
            typeName: "`true` or `false`",
            schema: .object([
                "anyOf": .list([
                    .object(["type": .text("boolean")]),
                    .object(["type": .text("string"), "pattern": .text("^\(environmentPattern)$")]),
                ])
            ]),
            parse: { node, context in
                switch try context.text(node, expected: "true or false") {
                case "true": return true
                case "false": return false
                default:
                    let meant: String? =
                        switch (node.text ?? "").lowercased() {
                        case "yes", "on", "y", "1", "true": "write true"
                        case "no", "off", "n", "0", "false": "write false"
                        default: nil
                        }
                    throw context.error(node, "'\(node.text ?? "")' is neither true nor false", hint: meant)
                }
            }, show: { .flag($0) })
    }
}

extension ValueKind where Value == Int {
    /// A whole number within bounds.
    public static func count(_ range: ClosedRange<Int>) -> ValueKind {
        let isOpen = range.upperBound == Int.max
        let expected =
            isOpen
            ? "a whole number from \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        var number: [SettingTree.Entry] = [
            .init("type", .text("integer")), .init("minimum", .number(Int64(range.lowerBound))),
        ]
        if !isOpen { number.append(.init("maximum", .number(Int64(range.upperBound)))) }
        return ValueKind(
            typeName: isOpen ? "number from \(range.lowerBound)" : "number \(range.lowerBound)–\(range.upperBound)",
            schema: .object([
                "anyOf": .list([
                    .mapping(number),
                    .object(["type": .text("string"), "pattern": .text("^([0-9]+|\(environmentPattern))$")]),
                ])
            ]),
            parse: { node, context in
                var text = try context.text(node, expected: expected)
                guard let value = text.withUTF8({ UnsafeRawBufferPointer($0).decimal }).flatMap({ Int(exactly: $0) }),
                    range.contains(value)
                else { throw context.error(node, "'\(node.text ?? "")' is not \(expected)") }
                return value
            }, show: { .number(Int64($0)) })
    }

    /// A whole number without an upper bound.
    public static func count(_ range: PartialRangeFrom<Int>) -> ValueKind { count(range.lowerBound...Int.max) }
}

extension ValueKind where Value == Int64 {
    /// Bytes: plain, or `MB` = 10⁶ and `MiB` = 2²⁰ alike.
    public static var size: ValueKind {
        quantity("size", "a size such as 500MB or 2GiB", Quantity.bytes, Quantity.size)
    }

    /// Bytes a second, above zero.
    public static var rate: ValueKind {
        quantity(
            "rate", "a rate such as 50MB (a second)",
            { text in
                Quantity.bytes(text.hasSuffix("/s") ? String(text.dropLast(2)) : text).flatMap { $0 > 0 ? $0 : nil }
            }, Quantity.size)
    }

    /// Seconds: `30s`, `5m`, `12h`, `7d`.
    public static var duration: ValueKind {
        quantity("duration", "a duration such as 30s, 5m, 12h or 7d", Quantity.seconds, Quantity.duration)
    }

    private static func quantity(
        _ name: String, _ expected: String, _ read: @escaping @Sendable (String) -> Int64?,
        _ show: @escaping @Sendable (Int64) -> String
    ) -> ValueKind {
        let isTime = name == "duration"
        let pattern =
            isTime
            ? "[0-9]+ ?[smhdw]|0" : "[0-9]+(\\.[0-9]+)?( ?([kKMGTP]i?)?B)?" + (name == "rate" ? "(/s)?" : "")
        // The only number of seconds that needs no unit is none.
        let number: SettingTree =
            isTime
            ? .object(["const": .number(0)])
            : .object(["type": .text("integer"), "minimum": .number(name == "rate" ? 1 : 0)])
        return ValueKind(
            typeName: name,
            schema: .object([
                "anyOf": .list([
                    number,
                    .object(["type": .text("string"), "pattern": .text("^(\(pattern)|\(environmentPattern))$")]),
                ])
            ]),
            parse: { node, context in
                guard let value = read(try context.text(node, expected: expected)) else {
                    throw context.error(node, "'\(node.text ?? "")' is not \(expected)")
                }
                return value
            }, show: { .text(show($0)) })
    }
}
