import Basics
import YAML

/// A mapping of the configuration and the keys that it may hold.
public struct SectionDeclaration: Sendable {
    public let name: String
    /// Sentences for the reference.
    public let summary: String
    public let settings: [any DeclaredSetting]

    public init(name: String, summary: String, settings: [any DeclaredSetting]) {
        self.name = name
        self.summary = summary
        self.settings = settings
    }

    /// These settings, but those of `others` in place of any of the same name, and after them what is new.
    public func overridden(by others: [any DeclaredSetting]) -> SectionDeclaration {
        var merged = settings
        for other in others {
            if let index = merged.firstIndex(where: { $0.name == other.name }) {
                merged[index] = other
            } else {
                merged.append(other)
            }
        }
        return SectionDeclaration(name: name, summary: summary, settings: merged)
    }

    /// Every key that may be written, twins of secrets too.
    public var keys: [String] {
        settings.flatMap { $0.hasFileTwin ? [$0.name, "\($0.name)_file"] : [$0.name] }
    }

    /// JSON Schema (2020-12) of the mapping.
    public var schema: SettingTree {
        .object(["type": .text("object"), "additionalProperties": .flag(false), "properties": properties])
    }

    /// The schemas of the keys.
    var properties: SettingTree {
        .mapping(
            settings.flatMap { setting -> [SettingTree.Entry] in
                let own = SettingTree.Entry(setting.name, SectionDeclaration.described(setting.schema, setting))
                guard setting.hasFileTwin else { return [own] }
                let twin = SettingTree.object([
                    "type": .text("string"), "description": .text("A file that holds `\(setting.name)`."),
                ])
                return [own, SettingTree.Entry("\(setting.name)_file", twin)]
            })
    }

    private static func described(_ schema: SettingTree, _ setting: any DeclaredSetting) -> SettingTree {
        guard case .mapping(let entries) = schema else { return schema }
        let text = "\(setting.summary)." + (setting.defaultText.map { " Default: \($0)." } ?? "")
        return .mapping([.init("description", .text(text))] + entries)
    }

    /// Reads a mapping; the first problem is thrown.
    public func parse(_ node: YAMLNode, _ context: ParseContext) throws -> SectionValues {
        let diagnostics = Diagnostics()
        let values = read(node, context, diagnostics)
        if let first = diagnostics.errors.first { throw first }
        return values
    }

    /// Reads a mapping; a key with a problem counts as absent.
    /// - Parameter ignoring: keys that somebody else reads.
    func read(
        _ node: YAMLNode, _ context: ParseContext, _ diagnostics: Diagnostics, ignoring: Set<String> = []
    ) -> SectionValues {
        var values = SectionValues(declaration: self, location: context.location(node))
        guard let entries = node.entries else {
            diagnostics.add(context.error(node, "expected a mapping of the keys of '\(name)'"))
            return values
        }
        for entry in entries where !ignoring.contains(entry.key) {
            let place = SourceLocation(file: context.file, line: entry.line, column: entry.column)
            guard let (setting, isTwin) = setting(for: entry.key) else {
                let near = NearName.of(entry.key, among: keys + ignoring.sorted()).map { "did you mean '\($0)'?" }
                diagnostics.add(
                    place.error(
                        "unknown key '\(entry.key)' in '\(name)'", hint: near ?? "keys: \(keys.joined(separator: ", "))"
                    ))
                continue
            }
            if let other = values.locations[setting.name] {
                diagnostics.add(
                    place.error(
                        "'\(setting.name)' is given here and on line \(other.line)", hint: "keep one of the two"))
                continue
            }
            diagnostics.collect {
                values.set(setting.name, try setting.read(entry.value, isTwin: isTwin, context), at: place)
            }
        }
        return values
    }

    private func setting(for key: String) -> (any DeclaredSetting, isTwin: Bool)? {
        if let setting = settings.first(where: { $0.name == key }) { return (setting, false) }
        guard key.hasSuffix("_file") else { return nil }
        let name = key.dropLast("_file".count)
        return settings.first(where: { $0.hasFileTwin && $0.name == name }).map { ($0, true) }
    }
}

/// Problems found so far.
final class Diagnostics {
    private(set) var errors: [ChantalError] = []

    func add(_ error: ChantalError) { errors.append(error) }

    func collect(_ body: () throws -> Void) {
        do { try body() } catch { errors.append(.wrap(error, .config)) }
    }
}
