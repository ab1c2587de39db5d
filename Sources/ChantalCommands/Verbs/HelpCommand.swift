import Basics
import CommandLineKit

/// `chantal help [COMMAND]`
enum HelpCommand {
    private static let path = Argument("COMMAND", .any, "the command, and its subcommand")
    private static let markdown = Flag("markdown", "write the reference of all commands as a Markdown page")

    static let command = Command<Context>(
        "help", "show help for a command", arguments: [path], options: [markdown]
    ) { context, arguments in
        guard arguments[markdown] else { return try show(arguments[path], context) }
        let page = ChantalProgram.program.markdown
        context.show(TextResult(text: page)) { $0.write(page) }
        return .done
    }

    static func show(_ path: [String], _ context: Context) throws -> ExitStatus {
        let stream = context.output.data
        let text = try ChantalProgram.program.help(
            at: path, columns: context.json || !stream.isTerminal ? 80 : stream.size().columns,
            palette: context.json ? .none : stream.palette)
        context.show(TextResult(text: text)) { $0.write(text) }
        return .done
    }
}
