import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal snapshot list [REPO]`
enum SnapshotListCommand {
    private static let repository = Argument(
        "REPO", .optional, "only those of this repository", completion: .dynamic(CommonArguments.Words.repositories))

    static let command = Command<Context>(
        "list", "show snapshots", arguments: [repository]
    ) { context, arguments in
        let engine = try context.engine(writing: false)
        let records = engine.store.records
        let repositories = try engine.storedRepositories(arguments[repository])
        let rows = try repositories.flatMap { repository in
            try records.snapshots(of: repository).map { try SnapshotRow($0, of: repository, records) }
        }
        context.show(SnapshotsResult(snapshots: rows)) {
            $0.table(.snapshots(rows), ifEmpty: "there are no snapshots; chantal snapshot create makes one")
        }
        return .done
    }
}
