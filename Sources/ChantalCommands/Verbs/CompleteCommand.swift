import CommandLineKit

/// `chantal complete -- WORD…`: what the shells' scripts ask.
enum CompleteCommand {
    private static let words = Argument("WORD", .some, "the words of the command line up to the cursor")

    static let command = Command<Context>(
        "complete", "give candidates to a shell's completion", arguments: [words], isHidden: true
    ) { context, arguments in
        let found = ChantalProgram.program.complete(arguments[words]) { _ in [] }
        context.output.write(found.lines)
        return .done
    }
}
