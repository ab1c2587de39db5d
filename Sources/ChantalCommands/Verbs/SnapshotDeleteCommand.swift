import Basics
import CommandLineKit
import Mirroring

/// `chantal snapshot delete REPO@NAME`
enum SnapshotDeleteCommand {
    private static let snapshot = Argument(
        "REPO@NAME", .one, "the snapshot", completion: .dynamic(CommonArguments.Words.snapshots))

    static let command = Command<Context>(
        "delete", "delete a snapshot",
        discussion: """
            One that a publication is pinned to is not deleted. The space comes back with the next gc, unless something else \
            still needs it.
            """,
        arguments: [snapshot]
    ) { context, arguments in
        let reference = try StateReference.snapshot(try arguments.required(snapshot))
        let engine = try context.engine(writing: true)
        try engine.deleteSnapshot(reference.name, of: reference.state.repository)
        let deleted = SnapshotName(repository: reference.state.repository, name: reference.name)
        context.show(SnapshotDeleteResult(deleted: [deleted])) { $0.note("deleted \(reference.state)") }
        return .done
    }
}
