import CommandLineKit

/// `chantal diff A B`
enum DiffCommand {
    private static let first = Argument(
        "A", .one, "a state: REPO, REPO@NAME or REPO@N", completion: .dynamic(CommonArguments.Words.states))
    private static let second = Argument("B", .one, "another", completion: .dynamic(CommonArguments.Words.states))
    private static let files = Flag("files", "compare all published files, not packages")

    static let command = Command<Context>(
        "diff", "show the packages added, removed and changed between two states",
        discussion: """
            Packages are compared by suite and component (where there are such), name and architecture. One version on each \
            side that differs is a change; of several versions each is added or removed by itself. The same version with other \
            bytes is shown as well.
            """,
        examples: [.init("diff debian@2026-10 debian", "what came since the snapshot")],
        arguments: [first, second], options: [files]
    ) { context, arguments in
        try pending(context)
    }
}
