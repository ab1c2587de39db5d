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
    let steps: StepTimer

    private var repository: String { section.name }
    private var records: LocalRecordStore { engine.store.records }

    init(engine: Engine, section: RepositorySection, options: SyncOptions) {
        self.engine = engine
        self.section = section
        self.options = options
        steps = StepTimer(repository: section.name, observer: engine.observer)
    }

    /// Never throws: what went wrong stands in the report.
    func run() -> SyncReport {
        let started = Clock.monotonic()
        var report = SyncReport(repository: repository, status: .failed)
        do {
            let lock = try engine.store.locks.sync(repository)
            defer { withExtendedLifetime(lock) {} }
            let catalog = try engine.openCatalog()
            // A dry run leaves the repository as it is, and so its history.
            let attempt =
                options.dryRun
                ? nil : try catalog.beginAttempt(repository: repository, pid: Machine.process, startedAt: Clock.now())
            do {
                try work(catalog, &report)
            } catch {
                report.fail(with: error)
            }
            report.seconds = Clock.monotonic() - started
            if !options.dryRun { try describeGeneration(&report) }
            if let attempt { try catalog.finishAttempt(attempt, report.attemptOutcome(at: Clock.now())) }
        } catch {
            report.fail(with: error)
            // What is in force is told where it can be read; why it cannot is not what the user asked.
            if !options.dryRun, report.generation == nil { try? describeGeneration(&report) }
        }
        steps.end()
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

    private func work(_ catalog: any PackageCatalog, _ report: inout SyncReport) throws {
        let now = Clock.now()
        let previous = try records.latestGeneration(of: repository)
        try engine.publisher.requireOwnName(of: repository)
        if let previous, !options.dryRun {
            // A predecessor may have been killed between its commit and its last link.
            try engine.publisher.publishIfNeeded(previous, repository: repository)
            try engine.index(previous, repository: repository, into: catalog)
        }
        let memory = try SyncMemory(catalog, repository: repository, previous: previous)
        let configDigest = try section.digest()
        let staging = try engine.store.blobs.beginSession(name: repository)
        let upstream = try Upstream(section)
        let downloader = Downloader(
            client: try engine.network.client(for: section.network), session: staging, upstream: upstream,
            cancellation: engine.cancellation)
        defer {
            report.requests = downloader.requestCount
            if !options.dryRun { report.fetchedBytes = downloader.receivedBytes }
        }
        let session = SyncSession(
            repository: repository, previous: previous, now: now,
            mayBeUnchanged: !options.full && memory.mayBeUnchanged(config: configDigest, now: now), staging: staging,
            downloader: downloader, bases: upstream.bases, catalog: catalog, cancellation: engine.cancellation,
            signing: section.signing,
            firstSight: FirstSight(
                try records.firstSeen(of: repository), quarantinesInitial: section.filterRules.minAgeInitial),
            workDirectory: engine.store.makeTemporaryDirectory,
            warning: { [observer = engine.observer, repository] in observer.warn($0, repository: repository) })
        do {
            try advance(session, downloader, memory, configDigest, catalog, &report)
        } catch {
            // What was fetched and verified is kept for the next attempt, whatever went wrong.
            do {
                if !options.dryRun { try staging.promote() }
                try staging.end()
            } catch let second {
                // What ended the sync stands last, and decides how it is called.
                let first = (error as? CombinedError)?.errors ?? [ChantalError.wrap(error)]
                throw CombinedError([ChantalError.wrap(second)] + first)
            }
            throw error
        }
        try staging.end()
    }

    private func advance(
        _ session: SyncSession, _ downloader: Downloader, _ memory: SyncMemory, _ configDigest: Digest,
        _ catalog: any PackageCatalog, _ report: inout SyncReport
    ) throws {
        steps.begin(.upstream)
        let ecosystem = try engine.ecosystems.type(section.type).init(section)
        guard case .changed(let plan) = try ecosystem.plan(session) else {
            report.status = .unchanged
            return
        }
        for warning in plan.warnings { session.warn(warning) }
        report.warnings = plan.warnings
        steps.begin(.plan)
        let policy = Leniency(section)
        let fetch = try PackageFetch(plan: plan, session: session, policy: policy, observer: engine.observer)
        if options.dryRun {
            report.status = fetch.wanted.isEmpty && isUnchanged(plan, session, configDigest) ? .unchanged : .changed
            report.packages = plan.packages
            report.files = plan.files.count
            report.fetchedFiles = fetch.wanted.count
            report.fetchedBytes = fetch.wantedBytes
            report.errors = plan.defects.filter { !($0.path.map(policy.allows) ?? false) }.map(\.error)
            if !report.errors.isEmpty { report.status = policy.keepsGoing ? .partial : .failed }
            return
        }
        try checkSpace(for: fetch.wantedBytes)
        steps.begin(.fetch)
        let fetched = try fetch.run(downloader)
        report.fetchedFiles = fetch.wanted.count
        if isUnchanged(plan, session, configDigest), fetched.incomplete == session.previous?.incomplete {
            try memory.acknowledge(config: configDigest, plan: plan)
            try session.rememberValidators()
            report.status = .unchanged
            return
        }
        steps.begin(.metadata)
        let manifest = try compose(fetched.entries + plan.compose(fetched.leftOut))
        if !plan.forcesGeneration, let previous = session.previous, previous.selection == plan.selection,
            previous.manifest == manifest.id,
            previous.verified == plan.verified,
            previous.incomplete == fetched.incomplete,
            (previous.notes[GenerationNote.partial] == nil) == fetched.failures.isEmpty
        {
            // What was missing is still missing, and all else is the same: no generation is pushed out for that.
            report.status = fetched.failures.isEmpty ? .unchanged : .partial
            report.errors = fetched.failures
            if fetched.failures.isEmpty { try memory.acknowledge(config: configDigest, plan: plan) }
            try session.rememberValidators()
            return
        }
        steps.begin(.commit)
        let record = try commit(manifest, plan, fetched, session, configDigest)
        report.status = fetched.failures.isEmpty ? .changed : .partial
        report.errors = fetched.failures
        steps.begin(.publish)
        try engine.publisher.publish(record, repository: repository, manifest: manifest)
        steps.begin(.catalog)
        try engine.index(record, repository: repository, manifest: manifest, into: catalog)
        try session.rememberValidators()
        try engine.expireGenerations(
            of: repository, keeping: section.retention.generations, catalog: catalog)
    }

    /// Whether the plan makes what the last generation holds already.
    private func isUnchanged(_ plan: SyncPlan, _ session: SyncSession, _ configDigest: Digest) -> Bool {
        guard let previous = session.previous, !plan.forcesGeneration, previous.verified == plan.verified else {
            return false
        }
        guard previous.selection == plan.selection, previous.notes[GenerationNote.partial] == nil else { return false }
        return previous.configDigest == configDigest || !plan.isRegenerated
    }

    private func compose(_ entries: [ManifestEntry]) throws -> Manifest {
        do {
            return try Manifest(entries)
        } catch let error as ChantalError where error.code == .malformed {
            var named = error.within("what upstream of '\(repository)' names does not fit into one directory tree")
            named.hint = "mirror the suites that disagree as separate repositories"
            throw named
        }
    }

    private func checkSpace(for bytes: Int64) throws {
        let free = try engine.store.temporary.freeSpace()
        let least = engine.configuration.minFree
        guard free - bytes < least ?? 0 else { return }
        let need = "the sync of '\(repository)' needs \(ByteCount.text(bytes))"
        guard let least else {
            throw ChantalError(
                .noSpace, "\(need), and \(ByteCount.text(free)) are free", hint: "make room (chantal gc)")
        }
        throw ChantalError(
            .noSpace,
            "\(need) and would leave \(ByteCount.text(max(0, free - bytes))) free, less than min_free \(ByteCount.text(least))",
            hint: "make room (chantal gc), or lower min_free")
    }

    private func commit(
        _ manifest: Manifest, _ plan: SyncPlan, _ fetched: FetchedPackages, _ session: SyncSession,
        _ configDigest: Digest
    ) throws -> GenerationRecord {
        try engine.cancellation.check()
        if let firstSeen = session.changedFirstSeen { try records.putFirstSeen(firstSeen, of: repository) }
        try session.staging.promote()
        try session.staging.protect([manifest.id])
        let id = try records.put(manifest)
        let tree = try engine.publisher.treeIdentity(for: manifest, id: id, repository: repository)
        var notes = plan.notes
        for root in plan.roots { notes["\(GenerationNote.root)\(root.path)"] = root.digest.hex }
        if !fetched.failures.isEmpty { notes[GenerationNote.partial] = "1" }
        let record = GenerationRecord(
            number: (try records.generations(of: repository).last ?? 0) + 1, type: section.type, manifest: id,
            tree: tree,
            selection: plan.selection, createdAt: session.now, upstream: section.upstream.map(Redaction.url),
            configDigest: configDigest, packages: plan.packages - fetched.leftOutPackages,
            files: manifest.entries.count, bytes: manifest.bytes, verified: plan.verified,
            incomplete: fetched.incomplete, nextChangeAt: plan.nextChangeAt, expiresAt: plan.expiresAt, notes: notes)
        try records.commit(record, to: repository)
        return record
    }
}
