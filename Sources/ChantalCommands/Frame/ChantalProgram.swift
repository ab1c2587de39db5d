import Basics
import CommandLineKit
import Mirroring
import Terminal

/// The program: its commands, and how one of them is run.
public enum ChantalProgram {
    public static let program: Program<Context> = Program(
        "chantal", "mirror package repositories, keep every state, publish any of them",
        discussion: """
            A state is named REPO (its latest generation), REPO@NAME (a snapshot) or REPO@N (generation N).

            Exit status: 0 done; 1 the work failed, for one repository at least; 2 wrong usage or configuration; 3 verify \
            found damage, or a bundle is refused; 75 another process holds the lock; 130 and 143 ended by SIGINT and SIGTERM.
            """,
        globals: GlobalOptions.all,
        commands: [
            InitCommand.command, SyncCommand.command, SnapshotCommand.command, PublishCommand.command,
            UnpublishCommand.command, RepositoryCommand.command, DiffCommand.command, ListCommand.command,
            ShowCommand.command, SearchCommand.command, MapCommand.command, StatusCommand.command, StatsCommand.command,
            VerifyCommand.command, GarbageCommand.command, ExportCommand.command, ImportCommand.command,
            AddCommand.command, RemoveCommand.command, ImportTreeCommand.command,
            ConfigCommand.command, DoctorCommand.command,
            CompletionCommand.command, HelpCommand.command, CompleteCommand.command,
        ])

    /// Runs a command line in this process: standard streams, environment and signals are the process's own.
    ///
    /// - Parameter words: without the program's name.
    /// - Returns: the exit status.
    public static func main(_ words: [String], ecosystems: EcosystemRegistry) -> Int32 {
        Signals.ignorePipe()
        let environment = ProcessEnvironment.read()
        let status = run(
            words, ecosystems: ecosystems, environment: environment, cancellation: Signals.cancellation,
            willRun: Signals.install
        ) { color, verbosity in Output(environment: environment, color: color, verbosity: verbosity) }
        return status.rawValue
    }

    /// Runs a command line.
    ///
    /// - Parameters:
    ///   - willRun: called once the command line is known to be right.
    ///   - makeOutput: gives the streams for the colour and verbosity that the command line asks for.
    public static func run(
        _ words: [String], ecosystems: EcosystemRegistry, environment: [String: String],
        cancellation: Cancellation = Cancellation(),
        willRun: () -> Void = {}, makeOutput: (ColorMode, Verbosity) -> Output
    ) -> ExitStatus {
        var context: Context
        let invocation: Invocation<Context>
        do {
            invocation = try program.parse(words)
            let arguments = invocation.arguments
            context = Context(
                output: makeOutput(arguments[GlobalOptions.color] ?? .auto, try GlobalOptions.verbosity(arguments)),
                ecosystems: ecosystems, environment: environment, json: arguments[GlobalOptions.json],
                configPath: arguments[GlobalOptions.config], cancellation: cancellation)
        } catch {
            context = Context(
                output: makeOutput(.auto, .normal), ecosystems: ecosystems, json: GlobalOptions.asksForJSON(words))
            return finish(context, failed(context, .wrap(error)))
        }
        do {
            willRun()
            return finish(context, try perform(invocation, context))
        } catch {
            return finish(context, failed(context, .wrap(error)))
        }
    }

    private static func perform(_ invocation: Invocation<Context>, _ context: Context) throws -> ExitStatus {
        switch invocation {
        case .run(let command, _, let arguments): return try command.perform(context, arguments)
        case .help(let path, _): return try HelpCommand.show(path, context)
        case .version:
            context.show(VersionResult()) { $0.line("chantal \(ChantalVersion.text)") }
            return .done
        }
    }

    private static func failed(_ context: Context, _ error: ChantalError) -> ExitStatus {
        if context.json {
            context.show(ErrorResult(error: error)) { _ in }
        } else {
            ErrorReport(error: error).say(to: context.output)
        }
        return ExitStatus(error, signal: context.cancellation.signal)
    }

    /// Writes out what is left; data that could not be written is a failure of the command.
    private static func finish(_ context: Context, _ status: ExitStatus) -> ExitStatus {
        context.output.flush()
        guard let failure = context.output.failure else { return status }
        context.output.error(failure.description)
        return status == .done ? .failed : status
    }
}
