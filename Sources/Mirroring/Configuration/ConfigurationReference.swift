import Basics

/// The configuration reference in Markdown.
public enum ConfigurationReference {
    public static func markdown(_ ecosystems: [EcosystemDeclaration]) -> String {
        var text = introduction
        text += section("At the top", RootSettings.declaration.summary, rows(RootSettings.declaration.settings))
        text += "Beside them stand `repositories` and `views`, each a mapping from names.\n"
        for inner in [NetworkSettings.declaration, SigningSettings.declaration, RetentionSettings.declaration] {
            text += section("`\(inner.name)`", inner.summary, rows(inner.settings))
        }
        let types = ecosystems.map { "`\($0.type)`" }.joined(separator: ", ")
        text += section(
            "`repositories`: keys of every type",
            "Each needs `type` (\(types)). A name is up to 64 of `a-z`, `0-9`, `.`, `_` and `-`, a letter or digit first.",
            rows(CommonSettings.repository + [CommonSettings.filter]))
        let certificate = ClientCertificate.declaration
        text += section("`client_certificate`", certificate.summary, rows(certificate.settings))
        text += section(
            "`filter`: keys of every type", FilterSettings.declaration.summary,
            rows(FilterSettings.declaration.settings))
        for ecosystem in ecosystems {
            text += section("`type: \(ecosystem.type)`", ecosystem.summary, rows(ecosystem.settings))
            if !ecosystem.filterSettings.isEmpty {
                text += "\nUnder `filter`:\n\n" + rows(ecosystem.filterSettings)
            }
        }
        text += section("`views`", ViewSection.declaration.summary, rows(ViewSection.declaration.settings))
        return text
    }

    private static let introduction = """
        # Configuration

        <!-- Written by chantal from the declarations of its keys; do not edit. -->

        chantal reads the first of: the file that `--config` names, the one that `$CHANTAL_CONFIG` names, `./chantal.yaml`,
        `$XDG_CONFIG_HOME/chantal/chantal.yaml` (`~/.config` if that is not set), `/etc/chantal/chantal.yaml`. `chantal init` writes one,
        `chantal config check` tests it, `chantal config show` prints what counts, `chantal config schema` a JSON Schema for editors.

        - An unknown key, a wrong type and a duplicate key are errors, shown as `FILE:LINE:COLUMN: …`.
        - Values are text until their key's type says otherwise: `3.10` stays 3.10. `true` and `false` are the only flags.
        - Sizes: `1000`, `500MB` (10⁶), `2GiB` (2³⁰). Rates: a size, meant a second. Durations: `30s`, `5m`, `12h`, `7d`, `2w`.
        - Paths are relative to the file they stand in.
        - `${NAME}` in a value is the environment variable of that name, an error if it is not set; `$$` is `$`.
        - A secret may stand in a file of its own, named by the key with `_file` behind it: `password_file`. It is never shown.
        - YAML anchors and aliases work; tags, merge keys (`<<`) and a second document do not.

        """

    private static func section(_ title: String, _ summary: String, _ table: String) -> String {
        "\n## \(title)\n\n\(summary)\n\n\(table)"
    }

    private static func rows(_ settings: [any DeclaredSetting]) -> String {
        func cell(_ text: String) -> String {
            text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
        }
        var text = "| key | type | default | meaning |\n| --- | --- | --- | --- |\n"
        for setting in settings {
            let twin = setting.hasFileTwin ? ", `\(setting.name)_file`" : ""
            text += "| `\(setting.name)`\(twin) | \(cell(setting.typeName)) | \(cell(setting.defaultText ?? "–")) "
            text += "| \(cell(setting.summary)) |\n"
        }
        return text
    }
}

/// The committed files that are written from the declarations; a test compares them.
public enum ConfigurationDocuments {
    /// Paths from the top of the project, and texts.
    public static func files(_ ecosystems: [EcosystemDeclaration]) -> [(path: String, text: String)] {
        [
            ("chantal.yaml.example", ConfigurationTemplate.example(ecosystems)),
            ("docs/configuration.md", ConfigurationReference.markdown(ecosystems)),
        ]
    }
}
