/// What could stand at the cursor.
public struct Candidates: Sendable, Equatable {
    public struct Candidate: Sendable, Equatable {
        public let word: String
        public let help: String
    }

    public var candidates: [Candidate] = []
    /// Whether the shell should offer files or directories.
    public var paths: Completion = .none

    /// What the shells' scripts read: a line each, the word and its help parted by a tab; `:files` and `:directories` ask for paths.
    public var lines: String {
        var text = candidates.map { $0.help.isEmpty ? $0.word + "\n" : "\($0.word)\t\($0.help)\n" }.joined()
        if paths == .files { text += ":files\n" }
        if paths == .directories { text += ":directories\n" }
        return text
    }
}

extension Program {
    /// Completes a command line that may be unfinished or wrong.
    ///
    /// - Parameters:
    ///   - words: without the program's name; the last one is at the cursor, empty if nothing is typed yet.
    ///   - dynamic: gives the words of a kind.
    public func complete(_ words: [String], dynamic: (String) -> [String] = { _ in [] }) -> Candidates {
        guard let current = words.last else { return Candidates() }
        var command: Command<Context>?
        var places = 0
        var pending: OptionDeclaration?
        var onlyWords = false
        var used: Set<String> = []
        for word in words.dropLast() {
            if pending != nil {
                pending = nil
            } else if onlyWords {
                places += 1
            } else if word == "--" {
                onlyWords = true
            } else if word.hasPrefix("-"), word != "-" {
                let option = options(command).first { word == "--" + $0.long || word == $0.short.map { "-\($0)" } }
                if let option, option.takesValue { pending = option }
                used.insert(option?.long ?? String(word.dropFirst(2).prefix { $0 != "=" }))
            } else if command == nil || !command!.subcommands.isEmpty {
                guard let next = (command?.subcommands ?? commands).first(where: { $0.name == word }) else {
                    return Candidates()
                }
                command = next
            } else {
                places += 1
            }
        }
        if let pending { return values(pending.completion, "", current, dynamic) }
        if !onlyWords, current.hasPrefix("--"), let equals = current.firstIndex(of: "="),
            let option = options(command).first(where: { "--" + $0.long == current[..<equals] && $0.takesValue })
        {
            return values(
                option.completion, "--\(option.long)=", String(current[current.index(after: equals)...]), dynamic)
        }
        if !onlyWords, current.hasPrefix("-") {
            let open = options(command).filter { $0.isRepeatable || !used.contains($0.long) }
            return Candidates(
                candidates: open.filter { ("--" + $0.long).hasPrefix(current) }.map {
                    .init(word: "--" + $0.long, help: $0.help)
                })
        }
        if command == nil || !command!.subcommands.isEmpty {
            let names = (command?.subcommands ?? commands).filter { !$0.isHidden && $0.name.hasPrefix(current) }
            return Candidates(candidates: names.map { .init(word: $0.name, help: $0.summary) })
        }
        guard let argument = argument(at: places, of: command!) else { return Candidates() }
        return values(argument.completion, "", current, dynamic)
    }

    private func options(_ command: Command<Context>?) -> [OptionDeclaration] {
        (command?.options ?? []) + globals + (command == nil ? [Self.version] : [])
    }

    private func argument(at place: Int, of command: Command<Context>) -> Argument? {
        if let repeated = command.arguments.firstIndex(where: { $0.count.isRepeated }), place >= repeated {
            return command.arguments[repeated]
        }
        return place < command.arguments.count ? command.arguments[place] : nil
    }

    private func values(
        _ completion: Completion, _ lead: String, _ current: String, _ dynamic: (String) -> [String]
    ) -> Candidates {
        let words: [String]
        switch completion {
        case .none: return Candidates()
        case .files, .directories: return Candidates(paths: completion)
        case .words(let list): words = list
        case .dynamic(let kind): words = dynamic(kind)
        }
        return Candidates(
            candidates: words.filter { $0.hasPrefix(current) }.map { .init(word: lead + $0, help: "") })
    }
}
