import Basics

/// The typed values of a mapping of the configuration: what is written, and the defaults of the rest.
public struct SectionValues: Sendable {
    public let declaration: SectionDeclaration
    public let location: SourceLocation
    /// Where the keys stand that are written.
    public private(set) var locations: [String: SourceLocation] = [:]
    private var values: [String: SettingValue] = [:]

    init(declaration: SectionDeclaration, location: SourceLocation) {
        self.declaration = declaration
        self.location = location
        for setting in declaration.settings { values[setting.name] = setting.absent }
    }

    mutating func set(_ name: String, _ value: SettingValue, at place: SourceLocation) {
        values[name] = value
        locations[name] = place
    }

    /// The value of a key, which the section's own declaration of that name has read; its default if it is absent.
    public func value<Value>(_ setting: Setting<Value>) -> Value {
        (values[setting.name]?.value as? Value) ?? setting.defaultValue
    }

    /// Whether the key is written.
    public func isGiven(_ name: String) -> Bool { locations[name] != nil }

    public func isGiven(_ setting: some DeclaredSetting) -> Bool { isGiven(setting.name) }

    /// Where a key stands, or else the section.
    public func location(of name: String?) -> SourceLocation { name.flatMap { locations[$0] } ?? location }

    /// These values, with those of `outer` for the keys that are not written here.
    func inheriting(_ outer: SectionValues?) -> SectionValues {
        guard let outer else { return self }
        var merged = self
        for (name, place) in outer.locations where merged.locations[name] == nil {
            guard let value = outer.values[name] else { continue }
            merged.set(name, value, at: place)
        }
        return merged
    }

    /// These values, with the section of a key completed by `outer`, if the key is written.
    func inheriting(_ outer: SectionValues, as setting: Setting<SectionValues?>) -> SectionValues {
        guard let inner = value(setting), let place = locations[setting.name] else { return self }
        let merged = inner.inheriting(outer)
        var result = self
        result.set(setting.name, SettingValue(value: merged, tree: merged.tree), at: place)
        return result
    }

    /// Every file named by a written key, of secrets too, with the key's place.
    func files(except ignored: [String] = []) -> [(path: String, location: SourceLocation)] {
        declaration.settings.filter { !ignored.contains($0.name) }.flatMap {
            setting -> [(path: String, location: SourceLocation)] in
            guard let value = values[setting.name], let place = locations[setting.name] else { return [] }
            var paths = value.tree?.paths ?? []
            if let file = (value.value as? Secret)?.file { paths.append(file) }
            let inner = (value.value as? SectionValues)?.files()
            return inner ?? paths.map { ($0, place) }
        }
    }

    /// All values that there are, defaults too, in the order of the declaration.
    public var tree: SettingTree { tree { _ in true } }

    func tree(where isWanted: (any DeclaredSetting) -> Bool) -> SettingTree {
        .mapping(
            declaration.settings.compactMap { setting in
                guard isWanted(setting), let tree = values[setting.name]?.tree else { return nil }
                return SettingTree.Entry(setting.name, tree)
            })
    }
}

extension SectionValues {
    /// Where a key stands, be it one of `filter`, or else `fallback`.
    func location(of name: String?, or fallback: SourceLocation) -> SourceLocation {
        name.flatMap { locations[$0] ?? value(CommonSettings.filter)?.locations[$0] } ?? fallback
    }
}
