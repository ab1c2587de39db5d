import Basics
import CommandLineKit
import FileSystem
import Mirroring
import Store
import Synchronization
import Terminal

/// `chantal sync [REPO…]`
enum SyncCommand {
    private static let full = Flag("full", "ask upstream for everything anew, whatever it says has not changed")
    private static let jobs = ValueOption(
        "jobs", short: "j", "N", "how many repositories are synced at once", default: "4",
        parse: OptionValue.number(1...64))
    private static let snapshot = ValueOption<String>(
        "snapshot", "NAME", "name the state of each repository afterwards; {date} stands for today (UTC)")
    private static let acceptRemovals = Flag(
        "accept-removals", "take over what was held back: a mass removal, a changed hash, an index that was set back")

    static let command = Command<Context>(
        "sync", "bring repositories up to date and publish them",
        discussion: """
            A sync that ends well commits one new generation, or none if nothing has changed, and moves every publication that \
            follows the repository. One that does not end well leaves the last generation in force; what was fetched and \
            verified is kept for the next one. A hosted repository is brought up to date with the configuration, and signed anew \
            when it is time.

            A view follows its members: it is made anew when one of them has changed, and a sync of a repository brings the views that \
            it is part of up to date as well. A view is made of what its members hold, also where the sync of one has failed.

            With --dry-run nothing is committed; what would be fetched is shown in files and bytes.

            Exit status 1 if one repository failed (the others are still synced), 75 if one is being synced by another \
            process and nothing else failed.
            """,
        examples: [
            .init("sync", "all repositories"),
            .init("sync debian --snapshot {date}", "one repository, its state kept as debian@2026-11-21"),
        ],
        arguments: [CommonArguments.repositories],
        options: [CommonArguments.dryRun, full, jobs, snapshot, acceptRemovals]
    ) { context, arguments in
        let name = try arguments[snapshot].map { try snapshotName($0) }
        let isDryRun = arguments[CommonArguments.dryRun]
        if isDryRun, name != nil {
            throw ChantalError(
                .usage, "--dry-run and --snapshot exclude each other", hint: "a dry run makes no state to name")
        }
        var options = SyncOptions()
        options.dryRun = isDryRun
        options.full = arguments[full]
        options.acceptRemovals = arguments[acceptRemovals]
        let progress = SyncProgress(context.output)
        let engine = try context.engine(writing: true, observer: progress)
        let names = arguments[CommonArguments.repositories]
        let width = arguments[jobs] ?? 4
        var reports = run(try sections(names, engine.configuration), options, width: width, engine, progress)
        if !context.cancellation.isCancelled {
            // Only now do the members hold what the views are made of.
            let views = try ViewChoice(engine.configuration, engine.store.records).sections(following: names)
            reports += run(views, options, width: width, engine, progress)
        }
        progress.board.close()
        var summary = SyncSummary(reports: reports, isDryRun: isDryRun)
        if let name {
            do {
                try nameStates(reports, name, engine, context)
            } catch {
                // What was synced is told all the same.
                let error = ChantalError.wrap(error)
                ErrorReport(error: error).say(to: context.output)
                summary.errors.append(error)
            }
        }
        for damaged in try engine.store.records.readablePublications().damaged
        where !reports.contains(where: { $0.repository == damaged.name }) {
            ErrorReport(error: damaged.error).say(to: context.output)
            summary.errors.append(damaged.error)
        }
        context.show(summary.result) { output in
            if isDryRun { for report in reports { output.line(SyncSummary.line(report, isDryRun: true)) } }
        }
        return summary.status(signal: context.cancellation.signal)
    }

    /// The name with today's date, refused before anything is fetched.
    private static func snapshotName(_ pattern: String) throws -> String {
        let name = pattern.split(separator: "{date}", omittingEmptySubsequences: false).joined(
            separator: Clock.now().date)
        try StoreNames.checkSnapshot(name)
        return name
    }

    /// Those that are named, in the order of the configuration; all if none is.
    private static func sections(_ names: [String], _ configuration: Configuration) throws -> [RepositorySection] {
        for name in names { _ = try configuration.section(named: name) }
        return configuration.repositories.filter { names.isEmpty || names.contains($0.name) }
    }

    private static func run(
        _ sections: [RepositorySection], _ options: SyncOptions, width: Int, _ engine: Engine, _ progress: SyncProgress
    ) -> [SyncReport] {
        let reports = Mutex<[Int: SyncReport]>([:])
        Workers.run(sections.count, width: width) { index in
            let report = SyncRun.sync(sections[index], options, engine, progress)
            reports.withLock { $0[index] = report }
        }
        return reports.withLock { reports in sections.indices.compactMap { reports[$0] } }
    }

    /// Names the states of the repositories that are up to date now.
    private static func nameStates(
        _ reports: [SyncReport], _ name: String, _ engine: Engine, _ context: Context
    ) throws {
        let states = reports.filter { $0.status == .changed || $0.status == .unchanged }.map {
            StateReference(repository: $0.repository, selector: .latest)
        }
        guard !states.isEmpty else { return }
        for made in try engine.createSnapshots(of: states, name: name) {
            context.output.note("\(made.repository)@\(made.snapshot.name) keeps generation \(made.snapshot.generation)")
        }
    }
}
