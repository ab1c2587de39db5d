import CommandLineKit

/// `chantal repository delete NAME`
enum RepositoryDeleteCommand {
    private static let name = Argument(
        "NAME", .one, "the repository", completion: .dynamic(CommonArguments.Words.repositories))

    static let command = Command<Context>(
        "delete", "delete a repository with its generations, snapshots and publications",
        discussion: "The space comes back with the next gc.", arguments: [name], options: [CommonArguments.dryRun]
    ) { context, arguments in
        try pending(context)
    }
}
