import Basics
import Catalog
import CommandLineKit
import Mirroring
import Terminal

/// `chantal diff A B`
enum DiffCommand {
    private static let first = Argument(
        "A", .one, "a state: REPO, REPO@NAME or REPO@N", completion: .dynamic(CommonArguments.Words.states))
    private static let second = Argument("B", .one, "another", completion: .dynamic(CommonArguments.Words.states))
    private static let files = Flag("files", "compare all published files, not packages")

    static let command = Command<Context>(
        "diff", "show the packages added, removed and changed between two states",
        discussion: """
            Packages are compared by suite and component (where there are such), name and architecture. One version on each \
            side that differs is a change; of several versions each is added or removed by itself. The same version with other \
            bytes is shown as well. Advisories that came in are named, where the format has them.
            """,
        examples: [.init("diff debian@2026-10 debian", "what came since the snapshot")],
        arguments: [first, second], options: [files]
    ) { context, arguments in
        let engine = try context.engine(writing: false)
        let a = try engine.resolve(StateReference(arguments.required(first)))
        let b = try engine.resolve(StateReference(arguments.required(second)))
        if arguments[files] {
            let records = engine.store.records
            try FileDifference(records.manifest(a.record.manifest), records.manifest(b.record.manifest)).show(context)
        } else if a.record.manifest == b.record.manifest {
            PackageChanges().show(context)
        } else {
            let catalog = try engine.openCatalogForReading()
            let changes = try PackageChanges(
                RepositoryState(repository: a.repository, generation: a.record.number),
                RepositoryState(repository: b.repository, generation: b.record.number), catalog)
            changes.show(context, advisories: try engine.advisories(since: a, in: b))
        }
        return .done
    }
}
