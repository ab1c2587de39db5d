import Basics

extension Configuration {
    /// What counts, as YAML that reads back: defaults filled in, files merged, paths absolute, variables replaced, secrets as `***`,
    /// user parts of URLs left out.
    public func yaml() -> String {
        var text = files.map { "# from \($0)\n" }.joined()
        text += tree.escapedForVariables.yaml()
        return text
    }

    /// The same without a type, for JSON.
    public var tree: SettingTree {
        var entries: [SettingTree.Entry] = []
        if case .mapping(let top) = root.tree(where: { $0.name != RootSettings.include.name }) { entries = top }
        if !root.isGiven(RootSettings.network) { entries.append(.init("network", NetworkSettings.defaults.tree)) }
        if !root.isGiven(RootSettings.retention) { entries.append(.init("retention", RetentionSettings.defaults.tree)) }
        entries.append(
            .init(
                RootSettings.repositoriesName,
                .mapping(
                    repositories.map { section in
                        var keys: [SettingTree.Entry] = [.init(CommonSettings.typeName, .text(section.type))]
                        if case .mapping(let own) = section.values.tree { keys += own }
                        return .init(section.name, .mapping(keys))
                    })))
        if !views.isEmpty {
            entries.append(.init(RootSettings.viewsName, .mapping(views.map { .init($0.name, $0.values.tree) })))
        }
        return .mapping(entries)
    }
}

extension SettingTree {
    /// The tree with `$` doubled where it would begin a variable.
    fileprivate var escapedForVariables: SettingTree {
        func escaped(_ text: String) -> String {
            guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
            var result: [UInt8] = []
            let bytes = Array(text.utf8)
            for (index, byte) in bytes.enumerated() {
                result.append(byte)
                guard byte == UInt8(ascii: "$"), index + 1 < bytes.count else { continue }
                if bytes[index + 1] == UInt8(ascii: "{") || bytes[index + 1] == UInt8(ascii: "$") {
                    result.append(byte)
                }
            }
            return String(decoding: result, as: UTF8.self)
        }
        return switch self {
        case .text(let text): .text(escaped(text))
        case .path(let path): .path(escaped(path))
        case .list(let items): .list(items.map(\.escapedForVariables))
        case .mapping(let entries): .mapping(entries.map { Entry($0.key, $0.value.escapedForVariables) })
        default: self
        }
    }
}
