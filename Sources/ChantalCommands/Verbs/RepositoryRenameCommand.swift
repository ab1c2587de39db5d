import CommandLineKit

/// `chantal repository rename OLD NEW`
enum RepositoryRenameCommand {
    private static let old = Argument(
        "OLD", .one, "the repository", completion: .dynamic(CommonArguments.Words.repositories))
    private static let new = Argument("NEW", .one, "its new name: up to 64 of a-z 0-9 . _ -")

    static let command = Command<Context>(
        "rename", "rename a repository with its generations, snapshots and publications",
        discussion: "The configuration is yours: rename it there as well.", arguments: [old, new]
    ) { context, arguments in
        try pending(context)
    }
}
