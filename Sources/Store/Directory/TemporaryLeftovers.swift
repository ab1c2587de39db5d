import Basics
import FileSystem

/// What a process that died, or a download that was given up, left under `tmp/`.
public struct TemporaryLeftover: Hashable, Sendable {
    public enum Kind: String, Sendable {
        /// Verified blobs of a session that ended badly; the next session takes them in.
        case session
        /// A download that can be resumed.
        case partial
        /// A damaged blob that was put aside.
        case quarantine
        /// A half-made tree or file.
        case draft
    }

    public let kind: Kind
    /// Relative to `tmp/`.
    public let path: String
    /// In bytes, with all below it.
    public let bytes: Int64
    /// Seconds since it was last changed.
    public let age: Int64
}

extension StoreDirectory {
    /// Everything under `tmp/` that no living process holds.
    public func temporaryLeftovers(now: Timestamp = Clock.now()) throws -> [TemporaryLeftover] {
        var result: [TemporaryLeftover] = []
        func add(_ kind: TemporaryLeftover.Kind, _ path: String) throws {
            guard let status = try temporary.status(path) else { return }
            result.append(
                TemporaryLeftover(
                    kind: kind, path: path, bytes: try size(of: path), age: max(0, now - status.changed)))
        }
        try LeftoverSessions(blobs).forEachDead { _, name, _ in
            try add(.session, "\(LocalStagingSession.folder)/\(name)")
        }
        for entry in try temporary.entries() where entry.name != LocalStagingSession.folder {
            let inner: TemporaryLeftover.Kind? =
                [PartialPlace.folder: .partial, LocalBlobStore.quarantineFolder: .quarantine][entry.name]
            guard let inner else {
                try add(.draft, entry.name)
                continue
            }
            for name in try temporary.directory(entry.bytes).names() { try add(inner, "\(entry.name)/\(name)") }
        }
        return try result.filter { leftover in
            try leftover.kind == .session || withoutHolder(leftover) {}
        }
    }

    /// Removes leftovers that have not changed for a while.
    /// - Parameters:
    ///   - seconds: how old they have to be.
    ///   - dryRun: only tell.
    /// - Returns: what was removed.
    @discardableResult
    public func cleanTemporary(
        olderThan seconds: Int64, now: Timestamp = Clock.now(), dryRun: Bool = false
    ) throws -> [TemporaryLeftover] {
        let old = try temporaryLeftovers(now: now).filter { $0.age >= seconds }
        if dryRun || old.isEmpty { return old }
        let sessions = Set(old.filter { $0.kind == .session }.map(\.path))
        try LeftoverSessions(blobs).forEachDead { stages, name, owner in
            guard sessions.contains("\(LocalStagingSession.folder)/\(name)") else { return }
            try stages.removeTree(name)
            try owner?.removeFile()
        }
        for leftover in old where leftover.kind != .session {
            _ = try withoutHolder(leftover) { try temporary.removeTree(leftover.path) }
        }
        return old
    }

    /// Removes half-made trees, files and keyrings of processes that died a while ago. Costs a look at the names in `tmp/`.
    public func removeDeadDrafts(olderThan seconds: Int64, now: Timestamp = Clock.now()) throws {
        let others = [LocalStagingSession.folder, PartialPlace.folder, LocalBlobStore.quarantineFolder]
        for entry in try temporary.entries() where !others.contains(entry.name) {
            guard let status = try temporary.status(entry.bytes), now - status.changed >= seconds else { continue }
            let draft = TemporaryLeftover(kind: .draft, path: entry.name, bytes: 0, age: now - status.changed)
            _ = try withoutHolder(draft) { try temporary.removeTree(draft.path) }
        }
    }

    /// Does something while holding the lock by which a living process would hold the leftover.
    /// - Returns: false if a living process has it.
    private func withoutHolder(_ leftover: TemporaryLeftover, _ body: () throws -> Void) throws -> Bool {
        var path = leftover.path
        // A partial file's lock holds for its validator as well.
        if leftover.kind == .partial, path.hasSuffix(PartialPlace.validatorSuffix) {
            path.removeLast(PartialPlace.validatorSuffix.count)
        }
        switch try temporary.status(path)?.kind {
        case .directory:
            let directory = try temporary.directory(path)
            guard try directory.tryLock() else { return false }
            try body()
            withExtendedLifetime(directory) {}
        case .file:
            guard let file = try temporary.openIfPresent(path) else { return true }
            guard try file.tryLock() else { return false }
            try body()
            try file.close()
        default: try body()
        }
        return true
    }

    private func size(of path: String) throws -> Int64 {
        guard let status = try temporary.status(path) else { return 0 }
        guard status.kind == .directory else { return status.size }
        return try temporary.directory(path).names().reduce(0) { try $0 + size(of: "\(path)/\($1)") }
    }
}
