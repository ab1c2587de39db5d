extension Program {
    /// The reference of all commands as one Markdown page.
    public var markdown: String {
        var text = "# The commands of \(name)\n\n"
        text += "This page is made from the declarations of the commands: `\(name) help --markdown > docs/cli.md`.\n\n"
        text += "```\n\(name) [OPTION...] COMMAND\n```\n\n"
        if !discussion.isEmpty { text += Markdown.prose(discussion) + "\n" }
        text += "## Options of every command\n\n"
        text += Markdown.options(globals) + "\n"
        for command in commands where !command.isHidden { text += section(command, [name], level: 2) }
        while text.hasSuffix("\n\n") { text.removeLast() }
        return text
    }

    private func section(_ command: Command<Context>, _ parents: [String], level: Int) -> String {
        let path = parents + [command.name]
        let full = path.joined(separator: " ")
        var text = "\(String(repeating: "#", count: level)) \(full)\n\n"
        text += command.summary.prefix(1).uppercased() + command.summary.dropFirst() + ".\n\n"
        if command.subcommands.isEmpty {
            text += "```\n" + command.usages.map { $0.isEmpty ? full : "\(full) \($0)" }.joined(separator: "\n")
            text += "\n```\n\n"
        }
        if !command.discussion.isEmpty { text += Markdown.prose(command.discussion) + "\n" }
        if !command.arguments.isEmpty {
            text += "| argument | |\n| --- | --- |\n"
            text += command.arguments.map { "| `\($0.spelling)` | \(Markdown.cell($0.help)) |\n" }.joined() + "\n"
        }
        if !command.options.isEmpty { text += Markdown.options(command.options) + "\n" }
        if !command.examples.isEmpty {
            text += "```sh\n" + command.examples.map { "# \($0.purpose)\n\(name) \($0.line)\n" }.joined() + "```\n\n"
        }
        for child in command.subcommands where !child.isHidden { text += section(child, path, level: level + 1) }
        return text
    }
}

enum Markdown {
    static func options(_ options: [OptionDeclaration]) -> String {
        "| option | |\n| --- | --- |\n"
            + options.map { option in
                let short = option.short.map { "`-\($0)`, " } ?? ""
                let preset = option.defaultText.map { " [`\($0)`]" } ?? ""
                return "| \(short)`\(cell(option.spelling))` | \(cell(option.help))\(preset) |\n"
            }.joined()
    }

    /// A bar would end the cell.
    static func cell(_ text: String) -> String {
        text.map { $0 == "|" ? "\\|" : String($0) }.joined()
    }

    /// Indented lines become code.
    static func prose(_ text: String) -> String {
        var result = ""
        var inCode = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isCode = line.hasPrefix("  ")
            if isCode != inCode {
                result += isCode ? (result.hasSuffix("\n\n") ? "```\n" : "\n```\n") : "```\n"
                inCode = isCode
            }
            result += (isCode ? line.dropFirst(2) : line) + "\n"
        }
        return result + (inCode ? "```\n" : "")
    }
}
