import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal snapshot create REPO[@N]… NAME`
enum SnapshotCreateCommand {
    private static let states = Argument(
        "REPO[@N]", .some, "a repository's latest generation, or generation N of it",
        completion: .dynamic(CommonArguments.Words.repositories))
    private static let name = Argument(
        "NAME", .one, "up to 64 of A-Z a-z 0-9 . _ -, not digits alone; {date} stands for today (UTC)")

    static let command = Command<Context>(
        "create", "name the states of repositories, of all or of none",
        discussion: "Costs the same at any size: nothing is copied.",
        examples: [
            .init("snapshot create debian debian-security 2026-11", "two repositories under one name"),
            .init("snapshot create debian@12 known-good", "an earlier generation"),
        ],
        arguments: [states, name]
    ) { context, arguments in
        let engine = try context.engine(writing: true)
        let references = try arguments[states].map { try StateReference($0) }
        let made = try engine.createSnapshots(of: references, name: try arguments.required(name))
        let records = engine.store.records
        let rows = try made.map { try SnapshotRow($0.snapshot, of: $0.repository, records) }
        context.show(SnapshotsResult(snapshots: rows)) { output in
            for row in rows { output.line("\(row.repository)@\(row.name)") }
        }
        return .done
    }
}
