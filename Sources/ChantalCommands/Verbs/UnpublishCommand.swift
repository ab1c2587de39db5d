import CommandLineKit

/// `chantal unpublish NAME`
enum UnpublishCommand {
    private static let name = Argument(
        "NAME", .one, "the publication, as prod/debian", completion: .dynamic(CommonArguments.Words.publications))

    static let command = Command<Context>(
        "unpublish", "stop serving a name",
        discussion: "The states stay. The next sync publishes a repository's own name anew.", arguments: [name]
    ) { context, arguments in
        try pending(context)
    }
}
