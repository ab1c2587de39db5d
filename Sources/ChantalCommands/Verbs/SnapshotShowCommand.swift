import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal snapshot show REPO@NAME`
enum SnapshotShowCommand {
    private static let snapshot = Argument(
        "REPO@NAME", .one, "the snapshot", completion: .dynamic(CommonArguments.Words.snapshots))

    static let command = Command<Context>(
        "show", "show what a snapshot holds and where it is published", arguments: [snapshot]
    ) { context, arguments in
        let engine = try context.engine(writing: false)
        let records = engine.store.records
        let reference = try StateReference.snapshot(try arguments.required(snapshot))
        let state = try engine.resolve(reference.state)
        let row = try SnapshotRow(
            records.snapshot(reference.name, of: state.repository), of: state.repository, records)
        let publications = try records.readablePublications().records.filter {
            guard case .pinned(state.repository, _, let snapshot) = $0.source else { return false }
            return snapshot == reference.name
        }
        let result = SnapshotShowResult(
            snapshot: row, type: state.record.type, upstream: state.record.upstream, verified: state.record.verified,
            incomplete: state.record.incomplete, publications: publications.map(\.name))
        context.show(result) { show(result, $0) }
        return .done
    }

    private static func show(_ result: SnapshotShowResult, _ output: Output) {
        let row = result.snapshot
        var lines = [
            ("snapshot", "\(row.repository)@\(row.name)"), ("type", result.type),
            ("generation", String(row.generation)),
            ("created", row.createdAt.rfc3339), ("manifest", row.manifest.hex),
            ("packages", row.packages.map(DisplayText.count) ?? ""), ("files", row.files.map(DisplayText.count) ?? ""),
            ("size", row.bytes.map(ByteCount.text) ?? ""), ("verified", result.verified ? "yes" : "no"),
        ]
        lines += result.upstream.map { ("upstream", $0) }
        lines += result.incomplete.map { ("incomplete", $0) }
        lines += result.publications.map { ("published as", $0) }
        for (name, value) in lines {
            output.line(DisplayText.padded(name, to: 14) + DisplayText.line(value))
        }
    }
}
