import Basics
import CommandLineKit

/// `chantal publish REPO[@NAME] [--as NAME]`, `chantal publish --list`
enum PublishCommand {
    private static let state = Argument(
        "REPO[@NAME]", .optional, "the repository to follow, or the state to pin",
        completion: .dynamic(CommonArguments.Words.states))
    private static let alias = ValueOption<String>(
        "as", "NAME", "the name to publish under, as prod/debian; otherwise the repository's own",
        completion: .dynamic(CommonArguments.Words.publications))
    private static let list = Flag("list", "show what is published")

    static let command = Command<Context>(
        "publish", "serve a state of a repository under a name",
        discussion: """
            With @NAME the name is pinned: it serves that state until told otherwise, also while the repository is synced. \
            Pinning a repository's own name to an earlier state is the rollback. Without @NAME the name follows the repository.

            The switch is one rename(2): a client sees the old state or the new one, and what it has begun to read stays.
            """,
        synopses: ["REPO[@NAME] [--as NAME]", "--list"],
        examples: [
            .init("publish debian@2026-10 --as prod/debian", "promote a snapshot"),
            .init("publish debian@2026-10", "roll debian back"),
            .init("publish debian", "let debian follow its repository again"),
        ],
        arguments: [state], options: [alias, list]
    ) { context, arguments in
        try pending(context)
    }
}
