import Basics
import Catalog
import CommandLineKit
import FileSystem
import Mirroring
import Terminal

/// `chantal status`
enum StatusCommand {
    static let command = Command<Context>(
        "status", "show how each repository stands and what is published",
        discussion: """
            The state of a repository is that of its last sync: changed, unchanged, partial, held, failed, interrupted, \
            running; never if there was none; unconfigured if the configuration has it no more; damaged if its records cannot be \
            read. Exit status 1 if a record is damaged.
            """
    ) { context, arguments in
        let engine = try context.engine(writing: false)
        let catalog = try engine.openCatalogForReading()
        let repositories = try engine.repositoryNames().map { try RepositoryStatus($0, engine, catalog).result }
        let listing = try PublicationListing(engine)
        context.show(
            StatusResult(repositories: repositories, publications: listing.rows, errors: listing.errors)
        ) {
            StatusText(repositories: repositories, publications: listing.rows, now: Clock.now()).write(to: $0)
        }
        let status = listing.tell(context.output)
        return repositories.contains { $0.state == RepositoryStatus.damaged } ? .failed : status
    }
}
