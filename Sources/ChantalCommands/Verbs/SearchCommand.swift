import CommandLineKit

/// `chantal search WORDS`
enum SearchCommand {
    private static let words = Argument("WORDS", .some, "beginnings of words in names and summaries; all must match")
    private static let type = ValueOption<String>(
        "type", "TYPE", "only repositories of this type", completion: .dynamic(CommonArguments.Words.types))
    private static let repository = ValueOption<String>(
        "repo", "REPO", "only this repository", completion: .dynamic(CommonArguments.Words.repositories))
    private static let across = Flag("across", "one line for each name, with the repositories that have it")

    static let command = Command<Context>(
        "search", "find packages by name and summary",
        discussion: "Looks through the latest generation of every repository and through the snapshots.",
        examples: [
            .init("search web server --repo debian", "in one repository"),
            .init("search nginx --across", "who has it, in which versions"),
        ],
        arguments: [words], options: [type, repository, across]
    ) { context, arguments in
        try pending(context)
    }
}
