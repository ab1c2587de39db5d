import CommandLineKit

/// `chantal snapshot delete REPO@NAME`
enum SnapshotDeleteCommand {
    private static let snapshot = Argument(
        "REPO@NAME", .one, "the snapshot", completion: .dynamic(CommonArguments.Words.snapshots))

    static let command = Command<Context>(
        "delete", "delete a snapshot",
        discussion: """
            One that a publication is pinned to is not deleted. The space comes back with the next gc, unless something else \
            still needs it.
            """,
        arguments: [snapshot]
    ) { context, arguments in
        try pending(context)
    }
}
