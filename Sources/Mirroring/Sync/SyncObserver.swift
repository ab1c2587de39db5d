import Basics

/// Hears what a sync does; called from the thread of the repository concerned, several repositories at once.
public protocol SyncObserver: Sendable {
    /// A step has begun: `upstream`, `index`, `plan`, `fetch`, `metadata`, `commit`, `tree`, `publish`, `catalog`.
    func step(_ step: SyncStep, repository: String)
    /// What is to be fetched is known: files and bytes (bytes as far as declared).
    func willFetch(files: Int, bytes: Int64, repository: String)
    /// So much of it has arrived since the last call.
    func didFetch(files: Int, bytes: Int64, repository: String)
    /// Something that the user should know although the work goes on.
    func warn(_ message: String, repository: String)
    /// The seconds that a step took, wall and CPU of its thread.
    func ended(_ step: SyncStep, seconds: Double, cpuSeconds: Double, repository: String)
}

/// The steps of a sync, in the order of the work: what `--verbose` names.
public enum SyncStep: String, Sendable, CaseIterable {
    case upstream, plan, fetch, metadata, commit, tree, publish, catalog
}

/// Hears nothing.
public struct SilentObserver: SyncObserver {
    public init() {}
    public func step(_ step: SyncStep, repository: String) {}
    public func willFetch(files: Int, bytes: Int64, repository: String) {}
    public func didFetch(files: Int, bytes: Int64, repository: String) {}
    public func warn(_ message: String, repository: String) {}
    public func ended(_ step: SyncStep, seconds: Double, cpuSeconds: Double, repository: String) {}
}
