import Basics
import CommandLineKit
import Mirroring
import Terminal

/// How the syncs of a command ended, as lines and as an exit status.
struct SyncSummary {
    let reports: [SyncReport]
    let isDryRun: Bool
    /// Why the states could not be named, and what is wrong with publications of which it is not known what they follow.
    var errors: [ChantalError] = []

    var result: SyncResult {
        SyncResult(
            repositories: reports.map { report in
                SyncResult.Repository(
                    repository: report.repository, status: report.status.rawValue, generation: report.generation,
                    manifest: report.manifest, packages: report.packages, files: report.files, bytes: report.bytes,
                    fetchedFiles: report.fetchedFiles, fetchedBytes: report.fetchedBytes, requests: report.requests,
                    seconds: report.seconds, errors: report.errors, warnings: report.warnings)
            }, isDryRun: isDryRun, errors: errors)
    }

    /// Whatever was asked to stop has ended so; a failure counts more than a lock.
    func status(signal: Int32?) -> ExitStatus {
        let statuses = Set(reports.map(\.status))
        if statuses.contains(.interrupted) { return ExitStatus(ChantalError(.interrupted, ""), signal: signal) }
        if !statuses.isDisjoint(with: [.failed, .partial, .held]) { return .failed }
        if let error = errors.first { return ExitStatus(error, signal: signal) }
        return statuses.contains(.locked) ? .locked : .done
    }

    /// One line on one repository.
    static func line(_ report: SyncReport, isDryRun: Bool) -> String {
        let fetched = "\(DisplayText.count(report.fetchedFiles, "file")), \(size(report))"
        if isDryRun, report.status == .changed { return "\(report.repository): would fetch \(fetched)" }
        var text = "\(report.repository): \(report.status.rawValue)"
        if let generation = report.generation { text += ", generation \(generation)" }
        switch report.status {
        case .changed, .partial:
            text += ": \(DisplayText.count(report.packages, "package")); fetched \(fetched)"
            if report.earlierBytes > 0 { text += " (\(ByteCount.text(report.earlierBytes)) had come in before)" }
        default: if report.fetchedFiles > 0 { text += "; fetched \(fetched)" }
        }
        return text + " in \(SyncSummary.time(report.seconds))"
    }

    /// The bytes as far as they are known.
    static func size(_ report: SyncReport) -> String {
        let unknown = report.filesOfUnknownSize
        if unknown == 0 { return ByteCount.text(report.fetchedBytes) }
        if unknown == report.fetchedFiles { return "of unknown size" }
        return "\(ByteCount.text(report.fetchedBytes)) and \(DisplayText.count(unknown)) of unknown size"
    }

    private static func time(_ seconds: Double) -> String {
        seconds < 10 ? "\(Int(seconds)).\(Int(seconds * 10) % 10)s" : Duration64.text(Int64(seconds))
    }
}
