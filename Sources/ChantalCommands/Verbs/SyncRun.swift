import Mirroring

/// One sync, and what is told of it as it goes.
enum SyncRun {
    static func sync(
        _ section: RepositorySection, _ options: SyncOptions, _ engine: Engine, _ progress: SyncProgress
    ) -> SyncReport {
        progress.board.begin(section.name)
        let report = engine.sync(section, options)
        progress.board.end(section.name)
        if !options.dryRun { progress.output.note(SyncSummary.line(report, isDryRun: false)) }
        for error in report.errors { ErrorReport(error: error, about: section.name).say(to: progress.output) }
        return report
    }
}
