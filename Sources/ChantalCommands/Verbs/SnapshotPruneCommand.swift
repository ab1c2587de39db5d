import Basics
import CommandLineKit
import Mirroring

/// `chantal snapshot prune [REPO…]`
enum SnapshotPruneCommand {
    private static func keep(_ name: String, _ help: String) -> ValueOption<Int> {
        ValueOption("keep-\(name)", "N", help, parse: OptionValue.number(0...100_000))
    }

    private static let last = keep("last", "keep the N newest")
    private static let daily = keep("daily", "keep the newest of each of the last N days that have one (UTC)")
    private static let weekly = keep("weekly", "keep the newest of each of the last N weeks that have one (ISO 8601)")
    private static let monthly = keep("monthly", "keep the newest of each of the last N months that have one")

    static let command = Command<Context>(
        "prune", "delete the snapshots that no rule keeps",
        discussion: """
            A snapshot stays if one of the rules keeps it, or if a publication is pinned to it. At least one rule must be given.
            """,
        examples: [
            .init("snapshot prune --keep-daily 7 --keep-monthly 12 --dry-run", "see what a week and a year would leave")
        ],
        arguments: [CommonArguments.repositories], options: [last, daily, weekly, monthly, CommonArguments.dryRun]
    ) { context, arguments in
        let rule = PrunePlan.Rule(
            last: arguments[last], daily: arguments[daily], weekly: arguments[weekly], monthly: arguments[monthly])
        guard !rule.isEmpty else {
            throw ChantalError(
                .usage, "no rule says what to keep",
                hint: "give --keep-last, --keep-daily, --keep-weekly or --keep-monthly")
        }
        guard !rule.keepsNothing else {
            throw ChantalError(
                .usage, "these rules keep no snapshot at all",
                hint: "give one of them a number above 0; chantal snapshot delete takes single ones away")
        }
        let isDryRun = arguments[CommonArguments.dryRun]
        let engine = try context.engine(writing: !isDryRun)
        var kept: [SnapshotName] = []
        var deleted: [SnapshotName] = []
        for repository in try engine.storedRepositories(arguments[CommonArguments.repositories]) {
            let plan = try engine.pruneSnapshots(of: repository, rule: rule, dryRun: isDryRun)
            kept += plan.kept.map { SnapshotName(repository: repository, name: $0.name) }
            deleted += plan.removed.map { SnapshotName(repository: repository, name: $0.name) }
        }
        context.show(SnapshotPruneResult(kept: kept, deleted: deleted, isDryRun: isDryRun)) { output in
            for name in kept { output.line("keep    \(name.repository)@\(name.name)") }
            for name in deleted { output.line("delete  \(name.repository)@\(name.name)") }
        }
        return .done
    }
}
