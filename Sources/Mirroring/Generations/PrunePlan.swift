import Basics
import Store

/// Which snapshots of a repository a rule keeps: the newest N, and the newest of each of the last N days, weeks or months that have one.
public struct PrunePlan: Sendable {
    public struct Rule: Sendable {
        public var last: Int?
        public var daily: Int?
        public var weekly: Int?
        public var monthly: Int?

        public init(last: Int? = nil, daily: Int? = nil, weekly: Int? = nil, monthly: Int? = nil) {
            self.last = last
            self.daily = daily
            self.weekly = weekly
            self.monthly = monthly
        }

        /// Whether it keeps no snapshot at all.
        public var keepsNothing: Bool { !isEmpty && [last, daily, weekly, monthly].allSatisfy { $0 ?? 0 == 0 } }

        /// Whether it says anything: a rule that says nothing keeps everything.
        public var isEmpty: Bool { last == nil && daily == nil && weekly == nil && monthly == nil }
    }

    public let kept: [SnapshotRecord]
    public let removed: [SnapshotRecord]

    /// Days, ISO weeks (from Monday) and months are those of UTC.
    public init(_ snapshots: [SnapshotRecord], rule: Rule) {
        let newestFirst = snapshots.sorted { ($1.createdAt, $1.name) < ($0.createdAt, $0.name) }
        var keep: Set<String> = []
        if rule.isEmpty { keep = Set(snapshots.map(\.name)) }
        keep.formUnion(newestFirst.prefix(rule.last ?? 0).map(\.name))
        func keepNewest(of count: Int?, by period: (Timestamp) -> String) {
            var seen: Set<String> = []
            for snapshot in newestFirst where seen.count < count ?? 0 {
                if seen.insert(period(snapshot.createdAt)).inserted { keep.insert(snapshot.name) }
            }
        }
        keepNewest(of: rule.daily) { $0.date }
        keepNewest(of: rule.weekly) { moment in
            let days = moment.seconds / 86_400
            return String((days + 3) / 7)  // 1970-01-01 was a Thursday
        }
        keepNewest(of: rule.monthly) { String($0.date.prefix(7)) }
        kept = newestFirst.filter { keep.contains($0.name) }
        removed = newestFirst.filter { !keep.contains($0.name) }
    }
}

extension Engine {
    /// Deletes the snapshots that a rule does not keep; those that a publication is pinned to stay.
    public func pruneSnapshots(of repository: String, rule: PrunePlan.Rule, dryRun: Bool) throws -> PrunePlan {
        let pinned = try records.publications().compactMap { publication -> String? in
            guard case .pinned(repository, _, let snapshot) = publication.source else { return nil }
            return snapshot
        }
        let all = try records.snapshots(of: repository)
        let plan = PrunePlan(all, rule: rule)
        let removed = plan.removed.filter { !pinned.contains($0.name) }
        if !dryRun { for snapshot in removed { try deleteSnapshot(snapshot.name, of: repository) } }
        return PrunePlan(
            kept: all.filter { snapshot in !removed.contains { $0.name == snapshot.name } }, removed: removed)
    }
}

extension PrunePlan {
    init(kept: [SnapshotRecord], removed: [SnapshotRecord]) {
        self.kept = kept
        self.removed = removed
    }
}
