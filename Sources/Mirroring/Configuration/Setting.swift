import Basics
import YAML

/// A key of the configuration: the one declaration that the reader, the schema, the reference and the example come from.
public struct Setting<Value: Sendable>: Sendable {
    public let name: String
    /// One sentence for the reference, without a full stop.
    public let summary: String
    /// What counts if the key is absent, in words or YAML; nil if there is nothing to say.
    public let defaultText: String?
    /// A value in YAML on one line, as the example file shows it.
    public let example: String
    /// Whether the example file shows the key in use, or commented out.
    public let isEssential: Bool
    /// Whether another value may lead to other content: such keys are part of the section's digest.
    public let affectsContent: Bool

    let defaultValue: Value
    let kind: AnyKind

    /// What a kind does, for an optional and a plain setting alike.
    struct AnyKind: Sendable {
        let typeName: String
        let schema: SettingTree
        let section: SectionDeclaration?
        let parse: @Sendable (YAMLNode, ParseContext) throws -> Value
        let parseTwin: (@Sendable (YAMLNode, ParseContext) throws -> Value)?
        let show: @Sendable (Value) -> SettingTree?
    }

    /// A key with a default. `defaultText` is made from the default unless it is given or empty.
    public init(
        _ name: String, _ kind: ValueKind<Value>, default defaultValue: Value, defaultText: String? = nil,
        example: String, isEssential: Bool = false, affectsContent: Bool = true, summary: String
    ) {
        self.name = name
        self.summary = summary
        self.defaultText = defaultText ?? kind.show(defaultValue).defaultText
        self.example = example
        self.isEssential = isEssential
        self.affectsContent = affectsContent
        self.defaultValue = defaultValue
        self.kind = AnyKind(
            typeName: kind.typeName, schema: kind.schema, section: kind.section, parse: kind.parse,
            parseTwin: kind.parseTwin, show: kind.show)
    }

    /// A key without a default: its value is nil if it is absent.
    public init<Wrapped: Sendable>(
        _ name: String, _ kind: ValueKind<Wrapped>, defaultText: String? = nil, example: String,
        isEssential: Bool = false, affectsContent: Bool = true, summary: String
    ) where Value == Wrapped? {
        self.name = name
        self.summary = summary
        self.defaultText = defaultText
        self.example = example
        self.isEssential = isEssential
        self.affectsContent = affectsContent
        self.defaultValue = nil
        var parseTwin: (@Sendable (YAMLNode, ParseContext) throws -> Value)?
        if let twin = kind.parseTwin { parseTwin = { node, context in try twin(node, context) } }
        let show: @Sendable (Value) -> SettingTree? = { value in value.map { kind.show($0) } }
        self.kind = AnyKind(
            typeName: kind.typeName, schema: kind.schema, section: kind.section,
            parse: { node, context in try kind.parse(node, context) }, parseTwin: parseTwin, show: show)
    }
}

/// A ``Setting`` of any type of value.
public protocol DeclaredSetting: Sendable {
    var name: String { get }
    var summary: String { get }
    var defaultText: String? { get }
    var example: String { get }
    var isEssential: Bool { get }
    var affectsContent: Bool { get }
    var typeName: String { get }
    /// JSON Schema (2020-12) of its value.
    var schema: SettingTree { get }
    /// The keys below it, if it is a section.
    var section: SectionDeclaration? { get }
    /// Whether `NAME_file` is a key as well.
    var hasFileTwin: Bool { get }
    /// Reads the value; `isTwin` if it stands under `NAME_file`.
    func read(_ node: YAMLNode, isTwin: Bool, _ context: ParseContext) throws -> SettingValue
    /// What counts if the key is absent.
    var absent: SettingValue { get }
}

/// A value that was read, and how it is shown.
public struct SettingValue: Sendable {
    let value: any Sendable
    /// Nil if there is none.
    let tree: SettingTree?
}

extension Setting: DeclaredSetting {
    public var typeName: String { kind.typeName }
    public var schema: SettingTree { kind.schema }
    public var section: SectionDeclaration? { kind.section }
    public var hasFileTwin: Bool { kind.parseTwin != nil }

    public func read(_ node: YAMLNode, isTwin: Bool, _ context: ParseContext) throws -> SettingValue {
        let parse = isTwin ? kind.parseTwin ?? kind.parse : kind.parse
        let value = try parse(node, context)
        return SettingValue(value: value, tree: kind.show(value))
    }

    public var absent: SettingValue { SettingValue(value: defaultValue, tree: kind.show(defaultValue)) }
}
