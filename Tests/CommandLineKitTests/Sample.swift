import Basics
import CommandLineKit

/// A small program with one of everything.
enum Sample {
    enum Mode: String, CaseIterable, Sendable { case fast, careful }

    static let quiet = Flag("quiet", short: "q", "say less")
    static let config = ValueOption<String>("config", short: "c", "FILE", "the configuration", completion: .files)
    static let dryRun = Flag("dry-run", short: "n", "only say what would be done")
    static let jobs = ValueOption(
        "jobs", short: "j", "N", "how many at once", default: "4", parse: OptionValue.number(1...64))
    static let mode = ValueOption<Mode>(choice: "mode", "how to work")
    static let tag = ValueOption<String>("tag", "TAG", "a word | another", isRepeatable: true)
    static let repositories = Argument("REPO", .any, "a repository", completion: .dynamic("repositories"))
    static let states = Argument("STATE", .some, "a state", completion: .dynamic("repositories"))
    static let name = Argument("NAME", .one, "the new name")
    static let directory = Argument("DIR", .optional, "where", completion: .directories)

    static let program = Program<Void>(
        "sample", "does things", discussion: "Some words on it.", globals: [quiet, config],
        commands: [
            Command(
                "sync", "bring up to date", discussion: "Text.\n\n  an indented line",
                examples: [.init("sync --full", "do all")],
                arguments: [repositories], options: [dryRun, jobs, mode, tag]
            ) { _, _ in .done },
            Command("init", "make anew", arguments: [directory]) { _, _ in .done },
            Command(
                "snapshot", "named states",
                subcommands: [
                    Command("create", "name a state", arguments: [states, name]) { _, _ in .done },
                    Command("list", "show them") { _, _ in .failed },
                ]),
            Command("secret", "not shown", isHidden: true) { _, _ in .done },
        ])
}
