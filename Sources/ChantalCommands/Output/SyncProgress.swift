import Basics
import Mirroring
import Terminal

/// Shows what a sync does: steps and bytes as progress, warnings as prose, times with `--verbose`.
struct SyncProgress: SyncObserver {
    let output: Output
    let board: any ProgressReporter

    /// Bars or plain lines; nothing with `--quiet`.
    init(_ output: Output) {
        self.output = output
        board = output.verbosity == .quiet ? NoProgress() : ProgressBoard(output: output)
    }

    func step(_ step: SyncStep, repository: String) {
        board.stage(repository, SyncProgress.words[step] ?? step.rawValue)
    }

    func willFetch(files: Int, bytes: Int64, repository: String) {
        board.expect(repository, files: files, bytes: bytes)
    }

    func didFetch(files: Int, bytes: Int64, repository: String) {
        board.advance(repository, files: files, bytes: bytes)
    }

    func warn(_ message: String, repository: String) {
        output.warning("\(repository): \(DisplayText.line(message))")
    }

    func ended(_ step: SyncStep, seconds: Double, cpuSeconds: Double, repository: String) {
        func milliseconds(_ seconds: Double) -> String { "\(Int((seconds * 1000).rounded())) ms" }
        output.detail("\(repository): \(step.rawValue): \(milliseconds(seconds)), CPU \(milliseconds(cpuSeconds))")
    }

    private static let words: [SyncStep: String] = [
        .upstream: "reading upstream", .plan: "planning", .fetch: "fetching", .metadata: "composing metadata",
        .commit: "committing", .tree: "linking the tree", .publish: "publishing", .catalog: "indexing packages",
    ]
}
