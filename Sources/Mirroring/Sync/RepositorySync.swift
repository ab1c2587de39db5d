import Basics
import Catalog
import Fetching
import FileSystem
import Store

/// The sync of one repository, from the lock to the switched links (docs/store-format.md, "The order of things").
///
/// Whatever fails, the last generation stays in force and every verified blob is kept.
struct RepositorySync {
    let engine: Engine
    let section: RepositorySection
    let options: SyncOptions
    /// Says what the next generation holds: from upstream, or whatever else it is made from.
    let planning: (SyncSession) throws -> PlanOutcome
    /// Whether a failure is one of the repository, and stands in its history. A refused upload is not.
    let isAttempt: Bool
    let steps: StepTimer

    var repository: String { section.name }
    var records: LocalRecordStore { engine.store.records }

    /// - Parameter planning: called once, with the lock held, as ``Ecosystem/plan(_:)`` is; all else goes as in any sync.
    init(
        engine: Engine, section: RepositorySection, options: SyncOptions, isAttempt: Bool = true,
        planning: @escaping (SyncSession) throws -> PlanOutcome
    ) {
        self.engine = engine
        self.section = section
        self.options = options
        self.isAttempt = isAttempt
        self.planning = planning
        steps = StepTimer(repository: section.name, observer: engine.observer)
    }

    /// Never throws: what went wrong stands in the report.
    func run() -> SyncReport {
        let started = Clock.monotonic()
        var report = SyncReport(repository: repository, status: .failed)
        engine.warnings.begin(repository)
        do {
            let lock = try engine.store.locks.sync(repository)
            defer { withExtendedLifetime(lock) {} }
            let catalog = try engine.openCatalog()
            let startedAt = Clock.now()
            func begin() throws -> Int64 {
                try catalog.beginAttempt(repository: repository, pid: Machine.process, startedAt: startedAt)
            }
            // A dry run leaves the repository as it is, and so its history.
            var attempt = options.dryRun || !isAttempt ? nil : try begin()
            do {
                try work(catalog, &report)
            } catch {
                report.fail(with: error)
            }
            report.seconds = Clock.monotonic() - started
            if !options.dryRun { try describeGeneration(&report) }
            if !isAttempt, !options.dryRun, [.changed, .unchanged].contains(report.status) { attempt = try begin() }
            if let attempt { try catalog.finishAttempt(attempt, report.attemptOutcome(at: Clock.now())) }
        } catch {
            report.fail(with: error)
            // What is in force is told where it can be read; why it cannot is not what the user asked.
            if !options.dryRun, report.generation == nil { try? describeGeneration(&report) }
        }
        steps.end()
        report.warnings = engine.warnings.end(repository)
        report.seconds = Clock.monotonic() - started
        return report
    }

    private func describeGeneration(_ report: inout SyncReport) throws {
        guard let record = try records.latestGeneration(of: repository) else { return }
        report.generation = record.number
        report.manifest = record.manifest
        report.packages = record.packages
        report.files = record.files
        report.bytes = record.bytes
    }

    func work(_ catalog: any PackageCatalog, _ report: inout SyncReport, thoroughly: Bool) throws {
        let now = Clock.now()
        let previous = try records.latestGeneration(of: repository)
        try engine.publisher.requireOwnName(of: repository)
        let state = try condition(of: previous, thoroughly: thoroughly)
        if let damage = state.damage {
            engine.warnings.warn(
                "the generation in force is damaged and is made anew: \(damage)", repository: repository)
        } else if let previous, !options.dryRun {
            if thoroughly { try SyncMemory.noteWhole(repository, catalog) }
            // A predecessor may have been killed between its commit and its last link.
            try finish(previous, catalog)
        }
        let trustsMemory = !options.full && state.isWhole
        let memory = try SyncMemory(catalog, repository: repository, previous: previous)
        let configDigest = try section.digest()
        let staging = try engine.store.blobs.beginSession(name: repository)
        let downloader = Downloader(
            client: try engine.network.client(for: section.network), session: staging, upstream: try Upstream(section),
            cancellation: engine.cancellation)
        report.earlierBytes = staging.adopted.bytes
        defer {
            report.requests += downloader.requestCount
            if !options.dryRun { report.fetchedBytes += downloader.receivedBytes }
        }
        let session = SyncSession(
            repository: repository,
            conditions: SyncSession.Conditions(
                previous: previous, state: state, now: now,
                mayBeUnchanged: trustsMemory && memory.mayBeUnchanged(config: configDigest, now: now),
                validatorsHold: trustsMemory && memory.validatorsHold(config: configDigest),
                acceptsRemovals: options.acceptRemovals,
                acknowledgedRoots: memory.acknowledgedRoots(config: configDigest)),
            staging: staging, downloader: downloader, catalog: catalog, records: records,
            cancellation: engine.cancellation, signing: section.signing,
            firstSight: FirstSight(
                try records.firstSeen(of: repository), quarantinesInitial: section.filterRules.minAgeInitial),
            workDirectory: engine.store.makeTemporaryDirectory,
            warning: { [warnings = engine.warnings, repository] in warnings.warn($0, repository: repository) })
        do {
            try advance(session, downloader, memory, configDigest, catalog, &report)
            try bringBack(session)
            // What was taken over has served its purpose; what of it is not needed goes with the next gc.
            if !options.dryRun, [.changed, .unchanged].contains(report.status) {
                try records.deleteTakeover(of: repository)
            }
        } catch {
            // What was fetched and verified is kept for the next attempt, whatever went wrong.
            do {
                try session.discardPassing()
                if !options.dryRun { try staging.promote() }
                try bringBack(session)
                try staging.end()
            } catch let second {
                // What ended the sync stands last, and decides how it is called.
                let error = (error as? LostFile)?.error ?? error
                let first = (error as? CombinedError)?.errors ?? [ChantalError.wrap(error)]
                let last = ChantalError.wrap(second)
                // Of a disk that fails once is enough.
                if first.contains(where: { $0.description.hasSuffix(last.description) }) { throw CombinedError(first) }
                throw CombinedError([last] + first)
            }
            throw error
        }
        try session.discardPassing()
        try staging.end()
    }

    private func advance(
        _ session: SyncSession, _ downloader: Downloader, _ memory: SyncMemory, _ configDigest: Digest,
        _ catalog: any PackageCatalog, _ report: inout SyncReport
    ) throws {
        steps.begin(.upstream)
        guard case .changed(var plan) = try planned(session) else {
            report.status = .unchanged
            if options.dryRun {
                report.packages = session.previous?.packages ?? 0
                report.files = session.previous?.files ?? 0
                report.bytes = session.previous?.bytes ?? 0
            } else {
                try memory.rememberValidators(session, about: session.previous, config: configDigest)
            }
            return
        }
        for warning in plan.warnings { session.warn(warning) }
        steps.begin(.plan)
        let selection = plan.isDecidedByManifest ? nil : plan.selection
        guard let fetched = try fetch(plan, selection, session, downloader, configDigest, &report) else { return }
        let mayBeUnchanged = isUnchanged(plan, selection, session, configDigest)
        // Of a large repository they are the larger part of what is in memory.
        plan.files = []
        let trees = try treeFiles(for: session.previous?.number)
        func end(_ status: SyncReport.Status) throws {
            report.status = plan.held.isEmpty ? fetched.failures.isEmpty ? status : .partial : .held
            try noteIncomplete(fetched, plan, session.previous)
            if report.status == .unchanged { try memory.acknowledge(config: configDigest, plan: plan) }
            try memory.rememberValidators(session, about: session.previous, config: configDigest)
        }
        if mayBeUnchanged, fetched.incomplete == session.previous?.incomplete,
            session.previous?.notes[GenerationNote.treeFiles] == trees.digest?.hex
        {
            return try end(.unchanged)
        }
        steps.begin(.metadata)
        let composition = try plan.compose(
            PlanContents(leftOut: fetched.leftOut, failed: fetched.failed, entries: fetched.entries))
        let manifest = try compose(fetched.entries, composition)
        if isSame(manifest, plan, selection, session),
            session.previous?.notes[GenerationNote.treeFiles] == trees.digest?.hex
        {
            // What is missing may be something else than before, and all else is the same: no generation is pushed out for that.
            return try end(.unchanged)
        }
        steps.begin(.commit)
        let (record, text) = try commit(manifest, composition, plan, selection, fetched, session, configDigest)
        report.status = plan.held.isEmpty ? fetched.failures.isEmpty ? .changed : .partial : .held
        // What was gathered with the plan holds if nothing of the plan is missing.
        let isWhole = fetched.incomplete.isEmpty && plan.defects.isEmpty && composition.withdrawn.isEmpty
        steps.begin(.publish)
        try noticingLosses {
            try engine.publisher.publish(record, repository: repository, manifest: manifest, text: text)
        }
        // Trees of the damaged state, and others that have files of it, are there and lack them.
        try engine.publisher.replaceTrees(naming: session.lost)
        steps.begin(.catalog)
        try engine.index(
            record, repository: repository, manifest: manifest, draft: isWhole ? plan.rows : nil, into: catalog)
        try memory.rememberValidators(session, about: record, config: configDigest)
        try engine.expireGenerations(
            of: repository, keeping: section.retention.generations, catalog: catalog)
    }

    /// Brings what the plan wants; of a dry run it only tells.
    /// - Returns: nil for a dry run.
    private func fetch(
        _ plan: SyncPlan, _ selection: Digest?, _ session: SyncSession, _ downloader: Downloader,
        _ configDigest: Digest, _ report: inout SyncReport
    ) throws -> FetchedPackages? {
        let policy = Leniency(section)
        let fetch = try PackageFetch(plan: plan, session: session, policy: policy, observer: engine.observer)
        try requireKept(plan, fetch)
        if options.dryRun {
            try foretell(plan, selection, fetch, policy, session, downloader, configDigest, &report)
            return nil
        }
        let resumable = try fetch.resumableBytes(downloader)
        report.earlierBytes += resumable.all
        try engine.requireSpace(
            for: fetch.wantedBytes - resumable.ofDeclared, of: "the sync of '\(repository)'")
        steps.begin(.fetch)
        let fetched = try fetch.run(downloader)
        report.fetchedFiles = fetched.arrived + fetch.fetchedBefore.files
        report.errors = fetched.failures + plan.held
        return fetched
    }

    /// What a dry run tells.
    private func foretell(
        _ plan: SyncPlan, _ selection: Digest?, _ fetch: PackageFetch, _ policy: Leniency, _ session: SyncSession,
        _ downloader: Downloader, _ configDigest: Digest, _ report: inout SyncReport
    ) throws {
        var isUnchanged = isUnchanged(plan, selection, session, configDigest)
        if plan.isDecidedByManifest, fetch.wanted.isEmpty, plan.defects.isEmpty, plan.held.isEmpty {
            // Only what would be written tells; nothing of it is kept.
            let there = try fetch.run(downloader)
            let manifest = try compose(
                there.entries,
                try plan.compose(PlanContents(leftOut: there.leftOut, failed: there.failed, entries: there.entries)))
            isUnchanged = isSame(manifest, plan, selection, session)
        }
        report.status = fetch.wanted.isEmpty && isUnchanged ? .unchanged : .changed
        report.packages = plan.packages
        report.files = plan.files.count
        report.bytes = fetch.declaredBytes
        // What had to be fetched to make the plan stays for the sync.
        let before = fetch.fetchedBefore
        report.fetchedFiles = fetch.wanted.count + before.files
        report.fetchedBytes = fetch.wantedBytes + before.bytes
        report.filesOfUnknownSize = fetch.wantedOfUnknownSize
        report.errors = plan.defects.filter { !($0.path.map(policy.allows) ?? false) }.map(\.error)
        if !report.errors.isEmpty { report.status = policy.keepsGoing ? .partial : .failed }
        report.errors += plan.held
        if !plan.held.isEmpty, report.status != .failed { report.status = .held }
    }

    /// Whether the plan makes what the last generation holds already. A file of which upstream says nothing has to be looked at.
    private func isUnchanged(
        _ plan: SyncPlan, _ selection: Digest?, _ session: SyncSession, _ configDigest: Digest
    ) -> Bool {
        guard let previous = session.previous, !session.isDamaged, !plan.forcesGeneration, !plan.isDecidedByManifest,
            previous.verified == plan.verified, !isLacking(session)
        else { return false }
        guard previous.selection == selection, previous.isWhole, plan.held.isEmpty else { return false }
        if plan.files.contains(where: { $0.declared.isEmpty }) { return false }
        return previous.configDigest == configDigest || !plan.isRegenerated
    }

    /// Whether what was made is what the last generation holds already.
    private func isSame(_ manifest: Manifest, _ plan: SyncPlan, _ selection: Digest?, _ session: SyncSession) -> Bool {
        guard let previous = session.previous, !session.isDamaged, !plan.forcesGeneration else { return false }
        let mayHaveOtherRoots =
            plan.isDecidedByManifest || plan.isRegenerated && previous.expiresAt == plan.expiresAt
        let isSameSelection =
            previous.selection == selection
            || mayHaveOtherRoots && plan.notes.allSatisfy { previous.notes[$0.key] == $0.value }
        return isSameSelection && previous.manifest == manifest.id
            && previous.verified == plan.verified
    }

    /// Remembers what the generation in force lacks now, where that is something else than before.
    private func noteIncomplete(_ fetched: FetchedPackages, _ plan: SyncPlan, _ previous: GenerationRecord?) throws {
        guard let previous else { return }
        let notes: [String: String?] = [
            GenerationNote.partial: fetched.failures.isEmpty ? nil : "1",
            GenerationNote.held: plan.held.isEmpty ? nil : "1",
        ]
        if previous.incomplete == fetched.incomplete, notes.allSatisfy({ previous.notes[$0.key] == $0.value }) {
            return
        }
        try records.putIncomplete(
            IncompleteRecord(
                generation: previous.number, manifest: previous.manifest, incomplete: fetched.incomplete, notes: notes),
            of: repository)
    }
}
