import Mirroring
import Terminal

/// Shows warnings, and nothing else of what goes on.
struct WarningObserver: SyncObserver {
    let output: Output

    func warn(_ message: String, repository: String) {
        output.warning("\(repository): \(DisplayText.line(message))")
    }

    func step(_ step: SyncStep, repository: String) {}
    func willFetch(files: Int, bytes: Int64, repository: String) {}
    func didFetch(files: Int, bytes: Int64, repository: String) {}
    func ended(_ step: SyncStep, seconds: Double, cpuSeconds: Double, repository: String) {}
}
