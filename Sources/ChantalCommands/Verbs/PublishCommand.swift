import Basics
import CommandLineKit
import Mirroring
import Terminal

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
        if arguments[list] {
            guard arguments.first(state) == nil, arguments[alias] == nil else {
                throw ChantalError(.usage, "--list takes no state and no name", hint: "usage: chantal publish --list")
            }
            return try showAll(context)
        }
        let reference = try StateReference(try arguments.required(state))
        let engine = try context.engine(writing: true)
        let outcome = try engine.publish(reference, as: arguments[alias])
        let row = try PublicationRow(outcome.publication, engine)
        context.show(PublishResult(publication: row, warnings: outcome.warning.map { [$0] } ?? [])) { output in
            output.line(row.name)
            output.note(
                row.follows.map { "\(row.name) follows \($0)" } ?? "\(row.name) is pinned to \(row.state ?? "")")
        }
        if let warning = outcome.warning { context.output.warning(warning) }
        return .done
    }

    private static func showAll(_ context: Context) throws -> ExitStatus {
        let listing = try PublicationListing(context.engine(writing: false))
        context.show(PublicationsResult(publications: listing.rows, errors: listing.errors)) {
            $0.table(.publications(listing.rows), ifEmpty: "nothing is published")
        }
        return listing.tell(context.output)
    }
}
