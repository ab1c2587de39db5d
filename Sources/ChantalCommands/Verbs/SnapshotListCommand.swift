import CommandLineKit

/// `chantal snapshot list [REPO]`
enum SnapshotListCommand {
    private static let repository = Argument(
        "REPO", .optional, "only those of this repository", completion: .dynamic(CommonArguments.Words.repositories))

    static let command = Command<Context>(
        "list", "show snapshots", arguments: [repository]
    ) { context, arguments in
        try pending(context)
    }
}
