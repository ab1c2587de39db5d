import Basics

/// The root of the declarations.
public struct Program<Context>: Sendable {
    public let name: String
    public let summary: String
    public let discussion: String
    /// Accepted before and after the command's name.
    public let globals: [OptionDeclaration]
    public let commands: [Command<Context>]

    public init(
        _ name: String, _ summary: String, discussion: String = "", globals: [any OptionDeclaring],
        commands: [Command<Context>]
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.globals = globals.map(\.declaration) + [Self.help]
        self.commands = commands
    }

    static var help: OptionDeclaration { Flag("help", short: "h", "show help for a command").declaration }
    static var version: OptionDeclaration { Flag("version", "show the version").declaration }

    /// The command at a path of names, nil for the root.
    ///
    /// - Throws: ``ChantalError`` `usage` if there is none.
    public func command(at path: [String]) throws -> Command<Context>? {
        var current: Command<Context>?
        var seen: [String] = []
        for name in path {
            let candidates = current?.subcommands ?? commands
            guard let next = candidates.first(where: { $0.name == name }) else {
                throw unknownCommand(name, after: seen, among: candidates)
            }
            current = next
            seen.append(name)
        }
        return current
    }

    func unknownCommand(_ name: String, after path: [String], among candidates: [Command<Context>]) -> ChantalError {
        let near = NearName.of(name, among: candidates.filter { !$0.isHidden }.map(\.name))
        let full = ([self.name] + path).joined(separator: " ")
        if candidates.isEmpty {
            return ChantalError(.usage, "'\(full)' has no subcommands", hint: "see '\(full) --help'")
        }
        return ChantalError(
            .usage, "'\(DisplayName.quoted(name))' is not a command of '\(full)'",
            hint: near.map { "did you mean '\($0)'?" } ?? "see '\(full) --help'")
    }

    /// What is wrong with the declarations themselves; a test asserts that it is nothing.
    public var defects: [String] {
        var found: [String] = []
        func visit(_ command: Command<Context>, _ path: String) {
            let longs = command.options.map(\.long) + globals.map(\.long)
            if Set(longs).count != longs.count { found.append("\(path): two options of one name") }
            let shorts = (command.options + globals).compactMap(\.short)
            if Set(shorts).count != shorts.count { found.append("\(path): two options of one letter") }
            if command.arguments.filter({ $0.count == .any || $0.count == .some || $0.count == .optional }).count > 1 {
                found.append("\(path): more than one argument without a fixed count")
            }
            if command.summary.isEmpty || command.summary.hasSuffix(".") { found.append("\(path): summary") }
            for option in command.options where option.help.isEmpty {
                found.append("\(path): --\(option.long) says nothing")
            }
            for child in command.subcommands { visit(child, path + " " + child.name) }
        }
        for command in commands { visit(command, command.name) }
        return found
    }
}

/// Words of the command line as messages show them.
enum DisplayName {
    /// Cut after 60 characters, without control characters.
    static func quoted(_ word: String) -> String {
        let text = String(
            String.UnicodeScalarView(word.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }))
        return text.count > 60 ? String(text.prefix(60)) + "…" : text
    }
}
