import Basics
import CommandLineKit
import Mirroring
import Terminal

/// What `add` and `remove` have in common.
enum HostingRun {
    static func perform(
        _ context: Context, _ arguments: ParsedArguments,
        _ work: (Engine, RepositorySection, HostingOptions) throws -> SyncReport
    ) throws -> ExitStatus {
        var options = HostingOptions()
        options.suite = arguments[AddCommand.suite]
        options.component = arguments[AddCommand.component]
        let progress = SyncProgress(context.output)
        let engine = try context.engine(writing: true, observer: progress)
        let section = try engine.configuration.repository(named: try arguments.required(AddCommand.repository))
        progress.board.begin(section.name)
        defer { progress.board.close() }
        let report = try work(engine, section, options)
        progress.board.end(section.name)
        context.output.note(line(report))
        for error in report.errors { ErrorReport(error: error, about: section.name).say(to: context.output) }
        var reports = [report]
        if report.status == .changed {
            // Views follow their members, whatever changes these.
            for view in try ViewChoice(engine.configuration, engine.store.records).sections(following: [section.name]) {
                reports.append(SyncRun.sync(view, SyncOptions(), engine, progress))
            }
        }
        let summary = SyncSummary(reports: reports, isDryRun: false)
        context.show(summary.result) { _ in }
        if let error = report.errors.last, [.usage, .config].contains(error.code) {
            return ExitStatus(error, signal: context.cancellation.signal)
        }
        return summary.status(signal: context.cancellation.signal)
    }

    private static func line(_ report: SyncReport) -> String {
        var text = "\(report.repository): \(report.status.rawValue)"
        if let generation = report.generation { text += ", generation \(generation)" }
        if report.status == .changed { text += ": \(DisplayText.count(report.packages, "package"))" }
        return text
    }
}
