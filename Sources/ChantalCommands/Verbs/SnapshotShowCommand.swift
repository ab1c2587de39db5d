import CommandLineKit

/// `chantal snapshot show REPO@NAME`
enum SnapshotShowCommand {
    private static let snapshot = Argument(
        "REPO@NAME", .one, "the snapshot", completion: .dynamic(CommonArguments.Words.snapshots))

    static let command = Command<Context>(
        "show", "show what a snapshot holds and where it is published", arguments: [snapshot]
    ) { context, arguments in
        try pending(context)
    }
}
