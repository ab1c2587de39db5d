import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal stats`
enum StatsCommand {
    static let command = Command<Context>(
        "stats", "show how much the store holds and what sharing saves",
        discussion: """
            Logical bytes are what all kept generations would take if each had its own copy. The own bytes of a repository \
            are those of its blobs that no other one has.
            """
    ) { context, arguments in
        let engine = try context.engine(writing: false)
        let result = try StoreStatistics(engine).result
        context.show(result) { show(result, $0) }
        return .done
    }

    private static func show(_ result: StatsResult, _ output: Output) {
        var table = Table([
            .init("repository"), .init("generations", right: true), .init("snapshots", right: true),
            .init("packages", right: true), .init("files", right: true), .init("size", right: true),
            .init("own", right: true),
        ])
        for row in result.repositories {
            table.add([
                .init(row.repository), .init(DisplayText.count(row.generations)),
                .init(DisplayText.count(row.snapshots)),
                .init(DisplayText.count(row.packages)), .init(DisplayText.count(row.files)),
                .init(ByteCount.text(row.bytes)), .init(ByteCount.text(row.ownBytes)),
            ])
        }
        output.table(table, ifEmpty: "there are no repositories")
        let saved = result.logicalBytes > 0 ? 100 - result.bytes * 100 / result.logicalBytes : 0
        output.line(
            "\(DisplayText.count(result.blobs, "blob")), \(ByteCount.text(result.bytes)) on disk for "
                + "\(ByteCount.text(result.logicalBytes)) in all generations" + (saved > 0 ? " (\(saved)% saved)" : ""))
    }
}
