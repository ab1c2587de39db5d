import Synchronization

/// Passes warnings on to who listens, and keeps them for the reports of the syncs that they belong to.
final class WarningBook: Sendable {
    private let observer: any SyncObserver
    private let open = Mutex<[String: [String]]>([:])

    init(_ observer: any SyncObserver) { self.observer = observer }

    /// Begins to keep a repository's warnings.
    func begin(_ repository: String) { open.withLock { $0[repository] = [] } }

    func warn(_ message: String, repository: String) {
        open.withLock { $0[repository]?.append(message) }
        observer.warn(message, repository: repository)
    }

    /// What has been kept since ``begin(_:)``.
    func end(_ repository: String) -> [String] { open.withLock { $0.removeValue(forKey: repository) ?? [] } }
}
