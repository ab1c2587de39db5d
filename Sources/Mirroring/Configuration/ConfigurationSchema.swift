import Basics

/// The configuration as JSON Schema (2020-12), for editors and other tools.
public enum ConfigurationSchema {
    /// The schema, indented, with a line break at its end.
    public static func json(_ ecosystems: [EcosystemDeclaration]) -> String {
        tree(ecosystems).json() + "\n"
    }

    static func tree(_ ecosystems: [EcosystemDeclaration]) -> SettingTree {
        var definitions: [SettingTree.Entry] = [.init("repository", repository(ecosystems))]
        for ecosystem in ecosystems {
            definitions.append(.init("repository-\(ecosystem.type)", self.repository(ecosystem)))
        }
        definitions.append(.init("view", view(ecosystems)))
        var properties: [SettingTree.Entry] = []
        if case .mapping(let entries) = RootSettings.declaration.properties { properties = entries }
        properties += [
            .init(
                RootSettings.repositoriesName,
                named("Repositories by name.", [.init("$ref", .text("#/$defs/repository"))])),
            .init(
                RootSettings.viewsName,
                named("Several repositories of one type as one, by name.", [.init("$ref", .text("#/$defs/view"))])),
        ]
        return .object([
            "$schema": .text("https://json-schema.org/draft/2020-12/schema"),
            "title": .text("chantal.yaml"),
            "type": .text("object"),
            "additionalProperties": .flag(false),
            "properties": .mapping(properties),
            "$defs": .mapping(definitions),
        ])
    }

    private static func named(_ description: String, _ value: [SettingTree.Entry]) -> SettingTree {
        .object([
            "description": .text(description),
            "type": .list([.text("object"), .text("null")]),
            "propertyNames": .object(["pattern": .text("^[a-z0-9][a-z0-9._-]{0,63}$")]),
            "additionalProperties": .mapping(value),
        ])
    }

    /// Any view: which keys its filter has follows from the type of its members, which is told elsewhere.
    private static func view(_ ecosystems: [EcosystemDeclaration]) -> SettingTree {
        let filters = ecosystems.map { ecosystem -> SettingTree in
            .object([
                "$ref": .text(
                    "#/$defs/repository-\(ecosystem.type)/properties/\(CommonSettings.filter.name)")
            ])
        }
        guard !filters.isEmpty, case .mapping(let properties) = ViewSection.declaration.properties else {
            return ViewSection.declaration.schema
        }
        let own = properties.map { entry -> SettingTree.Entry in
            guard entry.key == CommonSettings.filter.name else { return entry }
            let text = entry.value["description"] ?? .text("")
            return .init(entry.key, .object(["description": text, "anyOf": .list(filters)]))
        }
        return .object([
            "type": .text("object"), "additionalProperties": .flag(false), "properties": .mapping(own),
        ])
    }

    /// Any repository: which keys there are follows from its type.
    private static func repository(_ ecosystems: [EcosystemDeclaration]) -> SettingTree {
        let rules = ecosystems.map { ecosystem -> SettingTree in
            .object([
                "if": .object([
                    "properties": .object(["type": .object(["const": .text(ecosystem.type)])]),
                    "required": .list([.text("type")]),
                ]),
                "then": .object(["$ref": .text("#/$defs/repository-\(ecosystem.type)")]),
            ])
        }
        return .object([
            "type": .text("object"),
            "required": .list([.text("type")]),
            "properties": .object(["type": .object(["enum": .list(ecosystems.map { .text($0.type) })])]),
            "allOf": .list(rules),
        ])
    }

    private static func repository(_ ecosystem: EcosystemDeclaration) -> SettingTree {
        var properties: [SettingTree.Entry] = [.init("type", .object(["const": .text(ecosystem.type)]))]
        if case .mapping(let entries) = ecosystem.repositoryDeclaration.properties { properties += entries }
        return .object([
            "description": .text(ecosystem.summary),
            "type": .text("object"),
            "additionalProperties": .flag(false),
            "properties": .mapping(properties),
        ])
    }
}
