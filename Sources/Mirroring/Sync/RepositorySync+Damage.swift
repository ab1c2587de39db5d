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

    /// Of a hosted repository the generation in force is all that is known of it: nothing can be made anew.
    func condition(of previous: GenerationRecord?, thoroughly: Bool) throws -> StateCondition {
        if section.isHosted { return .whole(previous) }
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
