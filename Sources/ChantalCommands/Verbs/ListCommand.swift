import CommandLineKit

/// `chantal list [REPO[@NAME]]`
enum ListCommand {
    private static let state = Argument(
        "REPO[@NAME]", .optional, "a state", completion: .dynamic(CommonArguments.Words.states))

    static let command = Command<Context>(
        "list", "show the packages of a state, or all states if none is named",
        examples: [
            .init("list", "every repository with its generations and snapshots"),
            .init("list debian@2026-10", "the packages of a snapshot"),
        ],
        arguments: [state]
    ) { context, arguments in
        try pending(context)
    }
}
