import Basics
import Catalog
import FileSystem
import Store

/// What a gc removed, or would remove.
public struct GarbageReport: Sendable {
    public var removedBlobs = 0
    public var removedBytes: Int64 = 0
    public var keptBlobs = 0
    public var keptBytes: Int64 = 0
    public var isDryRun = false
}

extension Engine {
    /// Removes what no generation, snapshot, publication or running sync needs: first a plan, then the action.
    ///
    /// Syncs may run meanwhile: what they count on is read again under the sweep lock before each batch is removed.
    /// - Parameter grace: blobs that came in less than so many seconds ago stay in any case.
    public func collectGarbage(dryRun: Bool, grace: Int64) throws -> GarbageReport {
        let now = Clock.now()
        var expired: [String: Set<Int>] = [:]
        for section in configuration.sections {
            let numbers = try expiredGenerations(of: section.name, keeping: section.retention.generations)
            if !numbers.isEmpty { expired[section.name] = Set(numbers) }
        }
        try requireTexts(of: roots(now: now, without: expired), now: now, without: expired)
        if !dryRun {
            try publisher.reconcile()
            let catalog = try openCatalog()
            for section in configuration.sections where expired[section.name] != nil {
                try expireGenerations(of: section.name, keeping: section.retention.generations, catalog: catalog)
            }
            try publisher.refreshTrees(now: now)
        }
        let roots = try self.roots(now: now, without: expired)
        var report = GarbageReport()
        report.isDryRun = dryRun
        let garbage = try unneededBlobs(roots, grace: grace, now: now, &report)
        if dryRun {
            report.removedBlobs = garbage.count
            report.removedBytes = garbage.reduce(0) { $0 + $1.size }
            report.keptBlobs -= garbage.count
            report.keptBytes -= report.removedBytes
            return report
        }
        try publisher.removeUnusedTrees()
        try sweepManifests(roots, now: now)
        try sweepBlobs(garbage.map(\.digest), roots, now: now, &report)
        try store.cleanTemporary(olderThan: grace, now: now)
        let blobs = store.blobs
        try openCatalog().keepAliases { try blobs.size(of: $0) != nil }
        return report
    }

    /// What a manifest that is gone needs cannot be told from garbage.
    /// - Throws: ``ChantalError`` `store` that names the first one that is missing, and who needs it.
    private func requireTexts(of roots: Roots, now: Timestamp, without expired: [String: Set<Int>] = [:]) throws {
        if try roots.missing(records).isEmpty { return }
        guard let lost = try self.roots(now: now, without: expired).missing(records).first else { return }
        throw ChantalError(
            .store, "the manifest \(lost.text) is missing, and \(lost.owner) needs it: nothing is removed",
            hint:
                "put it back (chantal verify --repair, a backup, a bundle), or give up what needs it: docs/recovery.md, `manifest_missing`",
            path: "manifests/sha256/\(lost.text)")
    }

    private func roots(now: Timestamp, without expired: [String: Set<Int>] = [:]) throws -> Roots {
        try Roots(records, links: publisher.links.all(), now: now, without: expired)
    }

    /// The blobs that no root needs and that are old enough; all blobs are counted as kept so far.
    private func unneededBlobs(
        _ roots: Roots, grace: Int64, now: Timestamp, _ report: inout GarbageReport
    ) throws -> [(digest: Digest, size: Int64)] {
        let needed = try roots.blobs(records)
        try requireTexts(of: roots, now: now)
        var result: [(digest: Digest, size: Int64)] = []
        try store.blobs.forEachBlob { digest, size in
            report.keptBlobs += 1
            report.keptBytes += size
            if needed.contains(digest) { return }
            if grace > 0, let stored = try store.blobs.storedAt(digest), now - stored < grace { return }
            result.append((digest, size))
        }
        return result
    }

    private func sweepManifests(_ roots: Roots, now: Timestamp) throws {
        var unneeded: [Digest] = []
        try records.forEachManifest { if !roots.texts.contains($0) { unneeded.append($0) } }
        for batch in unneeded.batches(of: 256) {
            try cancellation.check()
            // A tree's text is put before the record that names its tree: both under this lock.
            let lock = try store.locks.publish()
            defer { withExtendedLifetime(lock) {} }
            _ = try records.removeManifestsUnlessRelied(batch) { try self.roots(now: now).texts }
        }
    }

    private func sweepBlobs(_ garbage: [Digest], _ roots: Roots, now: Timestamp, _ report: inout GarbageReport) throws {
        for batch in garbage.batches(of: 512) {
            try cancellation.check()
            let result = try store.blobs.removeUnlessRelied(batch) {
                let present = try self.roots(now: now)
                try requireTexts(of: present, now: now)
                return try present.blobs(records, since: roots)
            }
            report.removedBlobs += result.removed
            report.removedBytes += result.bytes
        }
        report.keptBlobs -= report.removedBlobs
        report.keptBytes -= report.removedBytes
    }
}

extension Array {
    fileprivate func batches(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
