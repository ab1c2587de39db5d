import Basics
import Catalog
import Store

/// From what was fetched to the record that is the commit.
extension RepositorySync {
    /// What the tree of a generation holds beside its manifest.
    func treeFiles(for generation: Int?) throws -> [TreeFile] {
        guard let generation else { return [] }
        return try engine.treeFiles(of: section, generation: generation)
    }

    func compose(_ files: [ManifestEntry], _ composition: Composition) throws -> Manifest {
        var files = files
        if !composition.withdrawn.isEmpty { files.removeAll { composition.withdrawn.contains($0.path) } }
        do {
            return try Manifest(files + composition.entries)
        } catch let error as ChantalError where error.code == .malformed {
            var named = error.within("what upstream of '\(repository)' names does not fit into one directory tree")
            named.hint = "mirror the suites that disagree as separate repositories"
            throw named
        }
    }

    /// What a hosted repository keeps of the generation before can be had from nowhere else.
    private func requireKept(_ entries: [ManifestEntry], _ session: SyncSession) throws {
        let kept = try entries.filter { try !session.staging.contains($0.digest) }
        guard let lost = try engine.publisher.lost(of: kept).first else { return }
        throw ChantalError(
            .missing, "the store has no blob \(lost.digest) of '\(lost.path)', which the repository holds",
            hint: "restore it from a backup, or remove the package", path: lost.path.description)
    }

    /// A number that no generation has had as far as records and history tell: whoever knows one by it shall not find another.
    private func nextNumber(_ catalog: any PackageCatalog) throws -> Int {
        let there = try records.generations(of: repository).last ?? 0
        let known = try catalog.attempts(of: repository, limit: 1000) { _ in true }.compactMap(\.generation).max() ?? 0
        return max(there, known) + 1
    }

    func commit(
        _ manifest: Manifest, _ composition: Composition, _ plan: SyncPlan, _ selection: Digest?,
        _ fetched: FetchedPackages, _ session: SyncSession, _ configDigest: Digest
    ) throws -> (GenerationRecord, Publisher.Text) {
        try engine.cancellation.check()
        if section.isHosted { try requireKept(composition.entries, session) }
        if let firstSeen = session.changedFirstSeen { try records.putFirstSeen(firstSeen, of: repository) }
        try session.discardPassing(keeping: manifest)
        let number = try nextNumber(session.catalog)
        let trees = try treeFiles(for: number)
        let extras = try session.staging.put(trees, beside: manifest)
        try session.staging.promote()
        try session.staging.protect([manifest.id])
        let id = try session.isDamaged ? records.restore(manifest) : records.put(manifest)
        let text = try engine.publisher.ownText(for: manifest, id: id, extras: extras, repository: repository) {
            try session.staging.protect([$0])
        }
        var notes = plan.notes
        for root in plan.roots { notes["\(GenerationNote.root)\(root.path)"] = root.digest.hex }
        if !fetched.failures.isEmpty { notes[GenerationNote.partial] = "1" }
        if !plan.held.isEmpty { notes[GenerationNote.held] = "1" }
        notes[GenerationNote.treeFiles] = trees.digest?.hex
        let record = GenerationRecord(
            number: number, type: section.type, manifest: id, tree: text.id.hex,
            selection: selection ?? manifest.id,
            createdAt: session.now, upstream: session.bases.map(Redaction.url), configDigest: configDigest,
            packages: composition.packages ?? plan.packages - fetched.leftOutPackages, files: manifest.entries.count,
            bytes: manifest.bytes, verified: plan.verified, incomplete: fetched.incomplete,
            nextChangeAt: plan.nextChangeAt, expiresAt: plan.expiresAt, notes: notes)
        try records.commit(record, to: repository)
        return (record, text)
    }
}
