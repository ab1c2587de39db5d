import Basics
import Catalog
import FileSystem
import Glibc
import Mirroring
import Store
import Synchronization
import Terminal

/// Looks at what a mirror needs, one thing after the other, and goes on where one is not well.
struct Doctor {
    private let context: Context
    private(set) var checks: [DoctorResult.Check] = []
    private(set) var hasRebuilt = false

    init(_ context: Context) { self.context = context }

    /// - Throws: ``ChantalError`` only when it was interrupted.
    mutating func examine(rebuilding: Bool) throws {
        examinePrograms()
        guard let configuration = examineConfiguration(), let store = examineStore(configuration) else { return }
        let engine = Engine(
            configuration: configuration, store: store, ecosystems: context.ecosystems,
            cancellation: context.cancellation, observer: SilentObserver())
        let isOwner = examineOwner(store)
        examineSpace(engine)
        examineCatalog(engine, rebuilding: rebuilding)
        examinePublications(engine)
        examineSigningKey(engine)
        examineUpstreams(engine, isOwner: isOwner)
        try context.cancellation.check()
    }

    // MARK: The machine

    /// gpgme runs gpg.
    private mutating func examinePrograms() {
        let directories = (context.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        if let found = directories.first(where: { access("\($0)/gpg", X_OK) == 0 }) {
            add("gpg", .ok, "\(found)/gpg")
        } else {
            add("gpg", .problem, "there is no program gpg in PATH", hint: "apt-get install gpg gpg-agent")
        }
    }

    private mutating func examineSpace(_ engine: Engine) {
        check("free space") {
            let free = try engine.store.publicDirectory.freeSpace()
            let text = "\(ByteCount.text(free)) free in \(engine.store.path)"
            guard let least = engine.configuration.minFree, free < least else { return (.ok, text, nil) }
            return (.warning, "\(text), less than min_free \(ByteCount.text(least))", "make room: chantal gc")
        }
    }

    // MARK: The configuration and the store

    private mutating func examineConfiguration() -> Configuration? {
        do {
            let path = try Configuration.locate(explicit: context.configPath, environment: context.environment)
            let (configuration, errors) = Configuration.check(
                path: path, ecosystems: context.ecosystems.declarations, environment: context.environment)
            let all = errors + (configuration?.checkFiles() ?? [])
            for error in all { add("configuration", .problem, error.description, hint: ErrorReport.hint(error)) }
            if all.isEmpty { add("configuration", .ok, path) }
            return configuration
        } catch {
            fail("configuration", error)
            return nil
        }
    }

    private mutating func examineStore(_ configuration: Configuration) -> StoreDirectory? {
        do {
            let store = try StoreDirectory.open(at: configuration.storePath)
            add("store", .ok, store.path)
            return store
        } catch {
            fail("store", error)
            return nil
        }
    }

    private mutating func examinePublications(_ engine: Engine) {
        check("public") {
            let dead = try engine.publisher.deadNames()
            let count = try engine.store.records.readablePublications().records.count
            guard let first = dead.first else { return (.ok, DisplayText.count(count, "publication"), nil) }
            let others = dead.count > 1 ? " and \(DisplayText.count(dead.count - 1, "other name"))" : ""
            return (
                .problem, "nothing is served under '\(first)'\(others)",
                "chantal sync, or chantal verify --repair, makes the trees again"
            )
        }
    }

    private mutating func examineOwner(_ store: StoreDirectory) -> Bool {
        do {
            try store.requireOwner()
            return true
        } catch {
            let error = ChantalError.wrap(error)
            add("owner", .warning, error.description, hint: ErrorReport.hint(error))
            return false
        }
    }

    private mutating func examineCatalog(_ engine: Engine, rebuilding: Bool) {
        var rebuilt = false
        var gaps: [CatalogGap] = []
        check("catalog") {
            if rebuilding {
                try engine.store.requireOwner()
                _ = try engine.rebuildCatalog { _ in }
                rebuilt = true
            }
            let catalog = try engine.openCatalogForReading { gaps.append($0) }
            if let defect = try catalog.defects().first { return (.problem, defect, "chantal doctor --rebuild") }
            let generations = try catalog.repositories().map { try catalog.indexedGenerations(of: $0.name).count }
            return (
                .ok,
                DisplayText.count(generations.count, "repository") + ", "
                    + DisplayText.count(generations.reduce(0, +), "generation"), nil
            )
        }
        hasRebuilt = rebuilt
        for gap in gaps { add("catalog", .problem, "\(gap.repository): \(gap.message)", hint: CatalogGap.hint) }
    }

    // MARK: Keys and upstreams

    private mutating func examineSigningKey(_ engine: Engine) {
        guard engine.configuration.signing != nil else { return }
        check("signing key") { (.ok, try engine.checkSigningKey() ?? "", nil) }
    }

    /// Asks upstream as a dry run does; that takes the repository's lock, so it is the owner's right.
    private mutating func examineUpstreams(_ engine: Engine, isOwner: Bool) {
        let sections = engine.configuration.repositories.filter { !$0.isHosted }
        guard isOwner, !sections.isEmpty else { return }
        var options = SyncOptions()
        options.dryRun = true
        let reports = Mutex<[Int: SyncReport]>([:])
        Workers.run(sections.count, width: 8) { [options] index in
            let report = engine.sync(sections[index], options)
            reports.withLock { $0[index] = report }
        }
        for (_, report) in reports.withLock({ $0 }).sorted(by: { $0.key < $1.key }) { judge(report) }
    }

    private mutating func judge(_ report: SyncReport) {
        let name = "upstream of \(report.repository)"
        for warning in report.warnings { add(name, .warning, warning) }
        switch report.status {
        case .unchanged: add(name, .ok, "answers, nothing new")
        case .changed where report.fetchedFiles == 0: add(name, .ok, "answers, no files to be fetched")
        case .changed:
            let files =
                "\(DisplayText.count(report.fetchedFiles, "file")), \(SyncSummary.size(report))"
            add(name, .ok, "answers, \(files) to be fetched", hint: "chantal sync \(report.repository)")
        default:
            for error in report.errors {
                add(
                    name, error.code == .locked ? .warning : .problem, error.description, hint: ErrorReport.hint(error))
            }
        }
    }

    // MARK: Notes

    private mutating func check(
        _ name: String, _ body: () throws -> (outcome: DoctorResult.Check.Outcome, message: String, hint: String?)
    ) {
        do {
            let found = try body()
            add(name, found.outcome, found.message, hint: found.hint)
        } catch { fail(name, error) }
    }

    private mutating func fail(_ name: String, _ error: any Error) {
        let error = ChantalError.wrap(error)
        add(name, .problem, error.description, hint: ErrorReport.hint(error))
    }

    private mutating func add(
        _ name: String, _ outcome: DoctorResult.Check.Outcome, _ message: String, hint: String? = nil
    ) {
        checks.append(.init(name: name, outcome: outcome, message: message, hint: hint))
    }
}
