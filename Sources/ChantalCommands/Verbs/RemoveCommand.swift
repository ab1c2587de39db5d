import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal remove REPO PACKAGE…`
enum RemoveCommand {
    private static let packages = Argument("PACKAGE", .some, "a package's name, alone or with its version, or its file")

    static let command = Command<Context>(
        "remove", "remove packages from a hosted repository",
        discussion: """
            All packages go in one new generation, or none. Generations and snapshots that hold them keep them.

            A package is named as its own tools do: for apt NAME, NAME=VERSION, NAME:ARCHITECTURE or src:NAME; for rpm NAME, \
            NAME-VERSION-RELEASE or with .ARCHITECTURE at the end; for pypi NAME or NAME==VERSION; for all of them by its file's name.
            """,
        examples: [
            .init("remove ours hello=1.0", "one version"),
            .init("remove ours hello world", "all versions of both"),
        ],
        arguments: [AddCommand.repository, packages], options: [AddCommand.suite, AddCommand.component]
    ) { context, arguments in
        try HostingRun.perform(context, arguments) { engine, section, options in
            try engine.remove(arguments[packages], from: section, options)
        }
    }
}
