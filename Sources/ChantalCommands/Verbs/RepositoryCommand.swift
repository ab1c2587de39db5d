import CommandLineKit

/// `chantal repository …`
enum RepositoryCommand {
    static let command = Command<Context>(
        "repository", "see, rename and delete repositories of the store",
        discussion: """
            Repositories are set up in the configuration. One that is gone from there stays served and kept until it is \
            deleted here.
            """,
        subcommands: [
            RepositoryListCommand.command, RepositoryRenameCommand.command, RepositoryDeleteCommand.command,
        ])
}
