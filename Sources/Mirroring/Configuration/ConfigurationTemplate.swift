import Basics

/// A configuration with every key, each with what it stands for.
public enum ConfigurationTemplate {
    /// `chantal.yaml.example`: the essential keys are in use, the others commented out.
    public static func example(_ ecosystems: [EcosystemDeclaration]) -> String {
        render(ecosystems, store: nil)
    }

    /// What `chantal init` writes: only `store` is in use.
    public static func initial(_ ecosystems: [EcosystemDeclaration], store: String) -> String {
        render(ecosystems, store: store)
    }

    private static func render(_ ecosystems: [EcosystemDeclaration], store: String?) -> String {
        var writer = TemplateWriter(usesEssentials: store == nil)
        writer.comment(
            "The configuration of chantal, with every key. Prose stands behind '# '; a key behind '#' alone is not in use, "
                + "and its value is an example or the default. See docs/configuration.md.", indent: 0)
        for setting in RootSettings.declaration.settings {
            writer.blank()
            if setting.name == RootSettings.store.name, let store {
                writer.comment(setting.summary, indent: 0)
                writer.line("\(setting.name): \(SettingTree.text(store).flowYAML)", indent: 0, isUsed: true)
            } else {
                writer.setting(setting, indent: 0)
            }
        }
        writer.blank()
        writer.line("\(RootSettings.repositoriesName):", indent: 0, isUsed: writer.usesEssentials)
        for (index, ecosystem) in ecosystems.enumerated() {
            if index > 0 { writer.blank() }
            writer.repository(ecosystem, isFirst: index == 0)
        }
        writer.blank()
        writer.comment(ViewSection.declaration.summary, indent: 0)
        writer.line("\(RootSettings.viewsName):", indent: 0, isUsed: false)
        writer.line("everything:", indent: 2, isUsed: false)
        writer.usesEssentials = false
        for setting in ViewSection.declaration.settings {
            writer.setting(setting, indent: 4, expands: setting.name != CommonSettings.filter.name)
        }
        return writer.text
    }
}

/// Writes keys with their comments.
private struct TemplateWriter {
    /// Whether essential keys are in use.
    var usesEssentials: Bool
    private(set) var text = ""
    private var expanded: Set<String> = []

    init(usesEssentials: Bool) { self.usesEssentials = usesEssentials }

    mutating func blank() { text += "\n" }

    mutating func line(_ content: String, indent: Int, isUsed: Bool) {
        text += String(repeating: " ", count: indent) + (isUsed ? "" : "#") + content + "\n"
    }

    mutating func comment(_ prose: String, indent: Int) {
        let margin = String(repeating: " ", count: indent) + "# "
        var line = margin
        for word in prose.split(separator: " ") {
            if line.count > margin.count, line.count + 1 + word.count > 110 {
                text += line + "\n"
                line = margin
            }
            line += (line.count > margin.count ? " " : "") + word
        }
        text += line + "\n"
    }

    /// A key; the keys below it as well, the first time that a section comes, unless they are explained elsewhere.
    mutating func setting(
        _ setting: any DeclaredSetting, indent: Int, example: String? = nil, expands: Bool = true
    ) {
        let twin = setting.hasFileTwin ? "; `\(setting.name)_file` names a file that holds it" : ""
        comment(setting.summary + twin + (setting.defaultText.map { " [\($0)]" } ?? ""), indent: indent)
        guard expands, let section = setting.section,
            section.name == "filter" || expanded.insert(section.name).inserted
        else {
            line(
                "\(setting.name): \(example ?? setting.example)", indent: indent,
                isUsed: usesEssentials && setting.isEssential)
            return
        }
        line(
            "\(setting.name):", indent: indent,
            isUsed: usesEssentials && setting.isEssential && section.settings.contains(where: \.isEssential))
        let outer = usesEssentials
        usesEssentials = usesEssentials && setting.isEssential
        for inner in section.settings { self.setting(inner, indent: indent + 2) }
        usesEssentials = outer
    }

    mutating func repository(_ ecosystem: EcosystemDeclaration, isFirst: Bool) {
        comment(ecosystem.summary, indent: 2)
        line("\(ecosystem.exampleName):", indent: 2, isUsed: usesEssentials)
        line("\(CommonSettings.typeName): \(ecosystem.type)", indent: 4, isUsed: usesEssentials)
        let own = Set(ecosystem.settings.map(\.name))
        let common = Set(CommonSettings.repository.map(\.name))
        for setting in ecosystem.repositoryDeclaration.settings {
            // The common keys are explained once.
            let isKnown = !isFirst && common.contains(setting.name) && !own.contains(setting.name)
            if isKnown, !setting.isEssential { continue }
            self.setting(setting, indent: 4, example: ecosystem.examples[setting.name])
        }
    }
}
