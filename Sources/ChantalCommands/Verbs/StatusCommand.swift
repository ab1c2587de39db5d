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
            running; never if there was none; unconfigured if the configuration has it no more.
            """
    ) { context, arguments in
        let engine = try context.engine(writing: false)
        let catalog = try engine.openCatalogForReading()
        let repositories = try engine.repositoryNames().map { try RepositoryStatus($0, engine, catalog).result }
        let records = engine.store.records
        let publications = try records.publications().map { try PublicationRow($0, records) }
        context.show(StatusResult(repositories: repositories, publications: publications)) {
            StatusText(repositories: repositories, publications: publications, now: Clock.now()).write(to: $0)
        }
        return .done
    }
}
