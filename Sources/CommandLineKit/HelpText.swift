import Terminal

extension Program {
    /// The help of the command at a path, or of the program.
    ///
    /// - Throws: ``ChantalError`` `usage` if there is no such command.
    public func help(at path: [String], columns: Int = 80, palette: Palette = Palette(isEnabled: false)) throws
        -> String
    {
        let writer = HelpWriter(columns: max(40, min(columns, 100)), palette: palette)
        guard let command = try command(at: path) else { return rootHelp(writer) }
        return self.help(command, path, writer)
    }

    private func rootHelp(_ writer: HelpWriter) -> String {
        var text = writer.title(name, summary)
        text += writer.usage([name + " [OPTION...] COMMAND"])
        text += writer.prose(discussion)
        text += writer.list("commands", commands.filter { !$0.isHidden }.map { ($0.name, $0.summary) })
        text += writer.list("options", (globals + [Self.version]).map(writer.entry))
        return text + "\nSee '\(name) help COMMAND' for a command.\n"
    }

    private func help(_ command: Command<Context>, _ path: [String], _ writer: HelpWriter) -> String {
        let full = ([name] + path).joined(separator: " ")
        var text = writer.title(full, command.summary)
        text += writer.usage(command.usages.map { $0.isEmpty ? full : "\(full) \($0)" })
        text += writer.prose(command.discussion)
        text += writer.list("commands", command.subcommands.filter { !$0.isHidden }.map { ($0.name, $0.summary) })
        text += writer.list("arguments", command.arguments.map { ($0.spelling, $0.help) })
        text += writer.list("options", command.options.map(writer.entry))
        text += writer.list("global options", globals.map(writer.entry))
        if !command.examples.isEmpty {
            text += "\n" + writer.palette.bold("examples:") + "\n"
            for example in command.examples { text += "  # \(example.purpose)\n  \(name) \(example.line)\n" }
        }
        return text
    }
}

/// Lays help out in columns.
struct HelpWriter {
    let columns: Int
    let palette: Palette

    func title(_ name: String, _ summary: String) -> String {
        let lines = DisplayText.wrapped("\(name): \(summary)", to: columns).joined(separator: "\n")
        return palette.bold(name) + lines.dropFirst(name.count) + "\n\n"
    }

    func usage(_ lines: [String]) -> String {
        lines.enumerated().map { index, line in
            let lead = index == 0 ? "usage: " : "       "
            let wrapped = wrap(line, to: columns - 11)
            return wrapped.enumerated().map { ($0 == 0 ? lead : "           ") + $1 + "\n" }.joined()
        }.joined()
    }

    /// Breaks between the bracketed parts, not within them.
    private func wrap(_ line: String, to columns: Int) -> [String] {
        var depth = 0
        let glued = String(
            line.map { character -> Character in
                if character == "[" { depth += 1 }
                if character == "]" { depth -= 1 }
                return character == " " && depth > 0 ? "\u{a0}" : character
            })
        return DisplayText.wrapped(glued, to: columns).map { String($0.map { $0 == "\u{a0}" ? " " : $0 }) }
    }

    func prose(_ text: String) -> String {
        text.isEmpty ? "" : "\n" + DisplayText.wrapped(text, to: columns).map { $0 + "\n" }.joined()
    }

    func entry(_ option: OptionDeclaration) -> (String, String) {
        let short = option.short.map { "-\($0), " } ?? ""
        return (short + option.spelling, option.help + (option.defaultText.map { " [default: \($0)]" } ?? ""))
    }

    func list(_ title: String, _ entries: [(String, String)]) -> String {
        guard !entries.isEmpty else { return "" }
        let width = min(26, entries.map { DisplayText.width($0.0) }.max() ?? 0)
        var text = "\n" + palette.bold(title + ":") + "\n"
        for (term, help) in entries {
            let lines = DisplayText.wrapped(help, to: columns - width - 4)
            let margin = String(repeating: " ", count: width + 4)
            var first = "  " + DisplayText.padded(term, to: width) + "  "
            if DisplayText.width(term) > width {
                text += "  \(term)\n"
                first = margin
            }
            text += lines.enumerated().map { ($0 == 0 ? first : margin) + $1 + "\n" }.joined()
        }
        return text
    }
}
