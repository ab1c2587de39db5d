import Basics

/// What a command line asks for.
public enum Invocation<Context>: Sendable {
    /// To run a command; the path holds its names.
    case run(Command<Context>, path: [String], ParsedArguments)
    /// To see the help of the command at a path; the root's if it is empty.
    case help(path: [String], ParsedArguments)
    case version(ParsedArguments)

    public var arguments: ParsedArguments {
        switch self {
        case .run(_, _, let arguments), .help(_, let arguments), .version(let arguments): arguments
        }
    }
}

extension Program {
    /// Reads a command line as GNU programs do: options anywhere, `--name=value` or `--name value`, `-xvalue`, flags of one letter
    /// together, `--` before words that start with a dash.
    ///
    /// - Parameter words: without the program's name.
    /// - Throws: ``ChantalError`` `usage`.
    public func parse(_ words: [String]) throws -> Invocation<Context> {
        var parser = Parser(program: self, words: words)
        return try parser.parse()
    }
}

struct Parser<Context> {
    let program: Program<Context>
    let words: [String]
    private var index = 0
    private var path: [String] = []
    private var command: Command<Context>?
    private var positionals: [String] = []
    private var arguments = ParsedArguments()

    init(program: Program<Context>, words: [String]) {
        self.program = program
        self.words = words
    }

    private var fullName: String { ([program.name] + path).joined(separator: " ") }

    mutating func parse() throws -> Invocation<Context> {
        var onlyWords = false
        while index < words.count {
            let word = words[index]
            index += 1
            if onlyWords {
                positionals.append(word)
            } else if word == "--" {
                onlyWords = true
            } else if word.hasPrefix("--") {
                try readLong(word.dropFirst(2))
            } else if word.hasPrefix("-"), word != "-" {
                try readShort(word.dropFirst())
            } else if command == nil || !command!.subcommands.isEmpty {
                try descend(word)
            } else {
                positionals.append(word)
            }
        }
        if arguments.values["help"] != nil { return .help(path: path, arguments) }
        if arguments.values["version"] != nil { return .version(arguments) }
        guard let command else {
            throw ChantalError(.usage, "no command is named", hint: "see '\(program.name) --help'")
        }
        guard command.subcommands.isEmpty else {
            let names = command.subcommands.map(\.name).joined(separator: ", ")
            throw ChantalError(.usage, "'\(fullName)' needs one of: \(names)", hint: "see '\(fullName) --help'")
        }
        try assign(command)
        return .run(command, path: path, arguments)
    }

    private mutating func descend(_ word: String) throws {
        let candidates = command?.subcommands ?? program.commands
        guard let next = candidates.first(where: { $0.name == word }) else {
            throw program.unknownCommand(word, after: path, among: candidates)
        }
        command = next
        path.append(word)
    }

    // MARK: Options

    private var known: [OptionDeclaration] {
        (command?.options ?? []) + program.globals + (command == nil ? [Program<Context>.version] : [])
    }

    private mutating func readLong(_ text: Substring) throws {
        let name = String(text.prefix { $0 != "=" })
        let given = name.utf8.count < text.utf8.count ? String(text.dropFirst(name.count + 1)) : nil
        guard let option = known.first(where: { $0.long == name }) else { throw unknown("--" + name) }
        if !option.takesValue {
            guard given == nil else { throw ChantalError(.usage, "--\(name) takes no value", hint: seeHelp) }
            return try store(option, "")
        }
        try store(option, try given ?? nextWord(option, "--" + name))
    }

    private mutating func readShort(_ cluster: Substring) throws {
        var rest = cluster
        while let letter = rest.popFirst() {
            guard let option = known.first(where: { $0.short == letter }) else { throw unknown("-\(letter)") }
            if !option.takesValue {
                try store(option, "")
                continue
            }
            if rest.first == "=" { rest.removeFirst() }
            try store(option, rest.isEmpty ? try nextWord(option, "-\(letter)") : String(rest))
            return
        }
    }

    private mutating func nextWord(_ option: OptionDeclaration, _ spelling: String) throws -> String {
        guard index < words.count else {
            throw ChantalError(.usage, "\(spelling) needs a value: \(option.placeholder ?? "")", hint: seeHelp)
        }
        defer { index += 1 }
        return words[index]
    }

    private mutating func store(_ option: OptionDeclaration, _ text: String) throws {
        if option.takesValue, !option.isRepeatable, arguments.values[option.long] != nil {
            throw ChantalError(.usage, "--\(option.long) is given twice", hint: seeHelp)
        }
        do { arguments.values[option.long, default: []].append(try option.read(text)) } catch {
            let below = ChantalError.wrap(error, .usage)
            throw ChantalError(.usage, "--\(option.long): \(below.message)", hint: below.hint ?? seeHelp)
        }
    }

    private var seeHelp: String { "see '\(fullName) --help'" }

    private func unknown(_ spelling: String) -> ChantalError {
        let near = NearName.of(spelling, among: known.map { "--" + $0.long })
        if let elsewhere = owner(of: spelling), command == nil {
            return ChantalError(
                .usage, "\(spelling) stands before the command it belongs to",
                hint: "write it after the command, as in '\(program.name) \(elsewhere) \(spelling)'")
        }
        return ChantalError(
            .usage, "'\(fullName)' has no option \(DisplayName.quoted(spelling))",
            hint: near.map { "did you mean \($0)?" } ?? seeHelp)
    }

    /// The command on the line that has an option which was given before the command's name.
    private func owner(of spelling: String) -> String? {
        guard let next = words.dropFirst(index).first(where: { !$0.hasPrefix("-") }),
            let command = program.commands.first(where: { $0.name == next }),
            command.options.contains(where: { "--" + $0.long == spelling })
        else { return nil }
        return next
    }

    // MARK: Words

    /// Gives each argument its words: those of a fixed count take one each, the repeated one takes the rest.
    private mutating func assign(_ command: Command<Context>) throws {
        var rest = positionals[...]
        for (place, argument) in command.arguments.enumerated() {
            let needed = command.arguments[(place + 1)...].count { $0.count.isRequired }
            let free = max(0, rest.count - needed)
            let count = argument.count.isRepeated ? free : min(1, free)
            if count == 0, argument.count.isRequired {
                throw ChantalError(
                    .usage, "'\(fullName)' needs \(argument.name): \(argument.help)",
                    hint: "usage: \(fullName) \(command.usages[0])")
            }
            arguments.words[argument.name] = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        if let extra = rest.first {
            throw ChantalError(
                .usage, "'\(fullName)' has no place for '\(DisplayName.quoted(extra))'",
                hint: "usage: \(fullName) \(command.usages[0])")
        }
    }
}
