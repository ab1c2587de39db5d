import Basics
import YAML

/// How a value is read, described and shown: one declaration for the file, its schema and its reference.
public struct ValueKind<Value: Sendable>: Sendable {
    /// As the reference calls it: `duration`, `list of text`.
    public let typeName: String
    /// JSON Schema (2020-12) of a value.
    public let schema: SettingTree
    /// Reads and checks a value.
    public let parse: @Sendable (YAMLNode, ParseContext) throws -> Value
    /// The value, canonical: equal values give equal trees.
    public let show: @Sendable (Value) -> SettingTree
    /// Reads the value of the key's twin `KEY_file`, for secrets.
    let parseTwin: (@Sendable (YAMLNode, ParseContext) throws -> Value)?
    /// The keys below this one, for sections.
    let section: SectionDeclaration?

    public init(
        typeName: String, schema: SettingTree,
        parse: @escaping @Sendable (YAMLNode, ParseContext) throws -> Value,
        show: @escaping @Sendable (Value) -> SettingTree
    ) {
        self.init(typeName: typeName, schema: schema, parse: parse, show: show, parseTwin: nil)
    }

    init(
        typeName: String, schema: SettingTree,
        parse: @escaping @Sendable (YAMLNode, ParseContext) throws -> Value,
        show: @escaping @Sendable (Value) -> SettingTree,
        parseTwin: (@Sendable (YAMLNode, ParseContext) throws -> Value)?, section: SectionDeclaration? = nil
    ) {
        self.typeName = typeName
        self.schema = schema
        self.parse = parse
        self.show = show
        self.parseTwin = parseTwin
        self.section = section
    }

    /// The same kind with a narrower test: `check` returns what is wrong with a value, or nil.
    public func checked(_ check: @escaping @Sendable (Value) -> String?) -> ValueKind {
        let parse = self.parse
        return ValueKind(
            typeName: typeName, schema: schema,
            parse: { node, context in
                let value = try parse(node, context)
                if let problem = check(value) { throw context.error(node, problem) }
                return value
            }, show: show, parseTwin: parseTwin, section: section)
    }

    /// The same kind under another name in the reference.
    public func named(_ typeName: String) -> ValueKind {
        ValueKind(
            typeName: typeName, schema: schema, parse: parse, show: show, parseTwin: parseTwin, section: section)
    }
}

/// All, or only what is listed.
public enum AllOr<Element: Sendable & Equatable>: Sendable, Equatable {
    case all
    case only([Element])
}

extension ValueKind {
    /// A list; every item of one kind.
    public static func list<E>(of element: ValueKind<E>) -> ValueKind where Value == [E] {
        ValueKind(
            typeName: "list of \(element.typeName)",
            schema: .object(["type": .text("array"), "items": element.schema]),
            parse: { node, context in
                guard let items = node.items else {
                    let hint = node.isEmpty || node.text == nil ? nil : "write it in brackets: [\(node.text ?? "")]"
                    throw context.error(node, "expected a list of \(element.typeName)", hint: hint)
                }
                return try items.map { try element.parse($0, context) }
            },
            show: { .list($0.map(element.show)) })
    }

    /// One value or a list of at least one.
    public static func oneOrMore<E>(_ element: ValueKind<E>) -> ValueKind where Value == [E] {
        ValueKind(
            typeName: "\(element.typeName), or a list",
            schema: .object([
                "anyOf": .list([
                    element.schema,
                    .object(["type": .text("array"), "items": element.schema, "minItems": .number(1)]),
                ])
            ]),
            parse: { node, context in
                guard let items = node.items else { return [try element.parse(node, context)] }
                if items.isEmpty { throw context.error(node, "the list is empty") }
                return try items.map { try element.parse($0, context) }
            },
            show: { $0.count == 1 ? element.show($0[0]) : .list($0.map(element.show)) })
    }

    /// The word `all`, or a list.
    public static func allOrList<E>(of element: ValueKind<E>) -> ValueKind where Value == AllOr<E> {
        let list = ValueKind<[E]>.list(of: element)
        return ValueKind(
            typeName: "`all`, or \(list.typeName)",
            schema: .object(["anyOf": .list([.object(["const": .text("all")]), list.schema])]),
            parse: { node, context in
                if node.text == "all" { return .all }
                return .only(try list.parse(node, context))
            },
            show: { value in
                switch value {
                case .all: .text("all")
                case .only(let items): list.show(items)
                }
            })
    }

    /// A mapping with keys of the user's choice.
    public static func mapping<E>(of element: ValueKind<E>) -> ValueKind
    where Value == [(key: String, value: E)] {
        ValueKind(
            typeName: "mapping to \(element.typeName)",
            schema: .object(["type": .text("object"), "additionalProperties": element.schema]),
            parse: { node, context in
                guard let entries = node.entries else {
                    throw context.error(node, "expected a mapping to \(element.typeName)")
                }
                return try entries.map { ($0.key, try element.parse($0.value, context)) }
            },
            show: { .mapping($0.map { SettingTree.Entry($0.key, element.show($0.value)) }) })
    }

    /// Keys below this one.
    public static func section(_ declaration: SectionDeclaration) -> ValueKind where Value == SectionValues {
        ValueKind(
            typeName: "section", schema: declaration.schema,
            parse: { node, context in try declaration.parse(node, context) },
            show: { $0.tree }, parseTwin: nil, section: declaration)
    }
}

extension ValueKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a fixed set of words.
    public static var choice: ValueKind {
        let words = Value.allCases.map(\.rawValue)
        return ValueKind(
            typeName: words.map { "`\($0)`" }.joined(separator: " or "),
            schema: .object(["enum": .list(words.map { .text($0) })]),
            parse: { node, context in
                let expected = "one of \(words.joined(separator: ", "))"
                guard let value = Value(rawValue: try context.text(node, expected: expected)) else {
                    let near = NearName.of(node.text ?? "", among: words).map { "did you mean '\($0)'?" }
                    throw context.error(node, "'\(node.text ?? "")' is not \(expected)", hint: near)
                }
                return value
            },
            show: { .text($0.rawValue) })
    }
}
