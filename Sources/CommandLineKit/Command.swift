import Basics

/// A command, declared: the parser, the help, the completions and the reference all read this value.
public struct Command<Context>: Sendable {
    public typealias Run = @Sendable (Context, ParsedArguments) throws -> ExitStatus

    public let name: String
    /// What it does, in a few words; starts with a small letter, has no full stop.
    public let summary: String
    /// What one needs to know to use it; paragraphs, indented lines stay as they are.
    public let discussion: String
    /// Command lines in place of the one made from the declarations, without the program's and the command's names.
    public let synopses: [String]
    public let examples: [Example]
    public let arguments: [Argument]
    public let options: [OptionDeclaration]
    public let subcommands: [Command]
    /// Left out of help, reference and completion.
    public let isHidden: Bool
    let run: Run?

    /// Runs the command; one that only holds others has nothing to do and says so.
    public func perform(_ context: Context, _ arguments: ParsedArguments) throws -> ExitStatus {
        guard let run else { throw ChantalError(.usage, "'\(name)' needs a subcommand") }
        return try run(context, arguments)
    }

    /// A command line and what it is for.
    public struct Example: Sendable {
        public let line: String
        public let purpose: String

        public init(_ line: String, _ purpose: String) {
            self.line = line
            self.purpose = purpose
        }
    }

    /// A command that does something.
    public init(
        _ name: String, _ summary: String, discussion: String = "", synopses: [String] = [], examples: [Example] = [],
        arguments: [Argument] = [], options: [any OptionDeclaring] = [], isHidden: Bool = false, run: @escaping Run
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.synopses = synopses
        self.examples = examples
        self.arguments = arguments
        self.options = options.map(\.declaration)
        subcommands = []
        self.isHidden = isHidden
        self.run = run
    }

    /// A command that only holds others.
    public init(_ name: String, _ summary: String, discussion: String = "", subcommands: [Command]) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        synopses = []
        examples = []
        arguments = []
        options = []
        self.subcommands = subcommands
        isHidden = false
        run = nil
    }

    func subcommand(_ name: String) -> Command? { subcommands.first { $0.name == name } }

    /// The command lines without the program's name and the path.
    var usages: [String] {
        if !synopses.isEmpty { return synopses }
        if !subcommands.isEmpty { return ["COMMAND"] }
        return [(arguments.map(\.spelling) + options.map { "[\($0.spelling)]" }).joined(separator: " ")]
    }
}
