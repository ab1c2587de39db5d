import CommandLineKit

/// `chantal snapshot …`
enum SnapshotCommand {
    static let command = Command<Context>(
        "snapshot", "name and keep states of repositories",
        discussion: """
            A snapshot is a name for a generation, and keeps it. It is served at once under the repository's name, @ and its \
            own: http://mirror/debian@2026-11/.
            """,
        subcommands: [
            SnapshotCreateCommand.command, SnapshotListCommand.command, SnapshotShowCommand.command,
            SnapshotDeleteCommand.command, SnapshotPruneCommand.command,
        ])
}
