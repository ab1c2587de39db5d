import Basics
import Catalog
import Store

/// What a sync does where the generation in force is not all there.
extension RepositorySync {
    /// Where a file of the generation in force turns out to be lost although nobody knew, it is looked at closely and made anew.
    func work(_ catalog: any PackageCatalog, _ report: inout SyncReport) throws {
        if !options.dryRun { tidy() }
        let thoroughly = try options.full || SyncMemory.mayBeDamaged(repository, catalog)
        do {
            do {
                try work(catalog, &report, thoroughly: thoroughly)
            } catch is LostFile where !thoroughly && !section.isHosted {
                try work(catalog, &report, thoroughly: true)
            }
        } catch let lost as LostFile { throw lost.error }
    }

    /// What processes that were killed left half made is of no use to anybody.
    private func tidy() {
        do { try engine.store.removeDeadDrafts(olderThan: 3600) } catch {
            engine.warnings.warn("what was left under tmp/ cannot be removed: \(error)", repository: repository)
        }
    }

    /// The store lacks a file of the generation in force.
    struct LostFile: Error { let error: ChantalError }

    func noticingLosses(_ body: () throws -> Void) throws {
        do { try body() } catch let error as ChantalError where error.code == .missing { throw LostFile(error: error) }
    }

    func condition(of previous: GenerationRecord?, thoroughly: Bool) throws -> StateCondition {
        if section.isHosted { return .hosted(previous, try lookAndRecover(previous, thoroughly: true)) }
        return try lookAndRecover(previous, thoroughly: thoroughly)
    }

    private func lookAndRecover(_ previous: GenerationRecord?, thoroughly: Bool) throws -> StateCondition {
        func look() throws -> StateCondition {
            try StateCondition(
                of: previous, repository: repository, records: records, blobs: engine.store.blobs,
                thoroughly: thoroughly)
        }
        let state = try look()
        if state.lost.isEmpty || options.dryRun { return state }
        // What some tree still has need not be had from upstream, which may have it no longer.
        let found = try engine.publisher.recover(state.lost)
        if found.isEmpty { return state }
        engine.warnings.warn(
            "\(found.count) files that the store had lost were taken from what is served", repository: repository)
        try engine.publisher.replaceTrees(naming: found)
        return try look()
    }

    /// What a hosted repository had lost, and the user adds again or is made again: blobs get their names, and trees the files that they lack.
    func bringBack(_ session: SyncSession) throws {
        if session.lacking.isEmpty || options.dryRun { return }
        try session.staging.promote()
        let back = try session.lacking.filter { digest in
            if case .good = try engine.store.blobs.check(digest) { true } else { false }
        }
        if back.isEmpty { return }
        try engine.publisher.replaceTrees(naming: back)
        session.warn("of \(session.lacking.count) lost files of the repository \(back.count) came back")
    }

    /// Whether a hosted repository has to be looked at as a whole: lost packages are refused, lost metadata is made anew.
    func isLacking(_ session: SyncSession) -> Bool { !session.lacking.isSubset(of: session.broughtBack) }

    /// A hosted repository goes on with all of its files, or without what needs those that are lost.
    func requireKept(_ plan: SyncPlan, _ fetch: PackageFetch) throws {
        guard section.isHosted, let index = fetch.wanted.first, let digest = plan.files[index].sha256 else { return }
        let path = plan.files[index].path
        let others = fetch.wanted.count > 1 ? ", nor those of \(fetch.wanted.count - 1) more files" : ""
        throw ChantalError(
            .missing, "the store has no blob \(digest) of '\(path)', which the repository holds\(others)",
            hint: "add the file again (chantal add \(repository)), restore it from a backup, or remove the package",
            path: path.description)
    }

    /// What a hosted repository says of itself cannot be fetched again.
    func planned(_ session: SyncSession) throws -> PlanOutcome {
        do { return try planning(session) } catch var error as ChantalError
            where section.isHosted && error.code == .missing
        {
            error.hint = "nothing else has it: restore it from a backup"
            throw error
        }
    }

    /// Does what is left of an earlier sync.
    func finish(_ previous: GenerationRecord, _ catalog: any PackageCatalog) throws {
        do {
            try noticingLosses {
                try engine.publisher.publishIfNeeded(previous, repository: repository)
                try engine.index(previous, repository: repository, into: catalog)
            }
        } catch let lost as LostFile where section.isHosted {
            // No upstream has it; what is to be added or removed now may be what mends it.
            engine.warnings.warn(
                "generation \(previous.number) cannot be published as it should be: \(lost.error)",
                repository: repository)
        }
    }
}
