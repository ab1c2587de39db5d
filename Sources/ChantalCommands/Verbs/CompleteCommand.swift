import Basics
import CommandLineKit
import Mirroring

/// `chantal complete -- WORD…`: what the shells' scripts ask.
enum CompleteCommand {
    private static let words = Argument("WORD", .some, "the words of the command line up to the cursor")

    static let command = Command<Context>(
        "complete", "give candidates to a shell's completion", arguments: [words], isHidden: true
    ) { context, arguments in
        var context = context
        let line = arguments[words]
        // The line being completed may name the configuration itself.
        for (index, word) in line.enumerated() {
            if word == "--config", index + 1 < line.count - 1 { context.configPath = line[index + 1] }
            if word.hasPrefix("--config=") { context.configPath = String(word.dropFirst("--config=".count)) }
        }
        let found = ChantalProgram.program.complete(line) { kind in
            // Nobody reads an error in the middle of a line: where there is no store, there is nothing to offer.
            do { return try candidates(kind, context) } catch { return [] }
        }
        context.output.write(found.lines)
        return .done
    }

    private static func candidates(_ kind: String, _ context: Context) throws -> [String] {
        if kind == CommonArguments.Words.types { return context.ecosystems.declarations.map(\.type) }
        let engine = try context.engine(writing: false)
        let records = engine.store.records
        if kind == CommonArguments.Words.publications { return try records.readablePublications().records.map(\.name) }
        let repositories = try engine.repositoryNames()
        if kind == CommonArguments.Words.repositories { return repositories }
        let snapshots = try repositories.flatMap { repository in
            try records.snapshots(of: repository).map { "\(repository)@\($0.name)" }
        }
        return kind == CommonArguments.Words.snapshots ? snapshots : repositories + snapshots
    }
}
