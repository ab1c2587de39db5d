import Basics
import Catalog
import FileSystem
import Store

extension Engine {
    /// Looks whether the store holds what its records say: records, manifests, blobs, trees, catalog.
    ///
    /// What a killed process left unfinished is finished first, if this user may write.
    /// - Parameters:
    ///   - references: the states to look at; the whole store if there is none.
    ///   - progress: told the blobs and bytes looked at since the last call.
    public func verify(
        _ references: [StateReference], options: VerificationOptions, progress: (_ files: Int, _ bytes: Int64) -> Void
    ) throws -> VerificationReport {
        var verification = Verification(engine: self, options: options)
        let isWritable = try store.isWritable()
        try verification.readRecords(references)
        if references.isEmpty { try verification.checkLinks() }
        let isSteady = verification.report.defects.isEmpty
        if references.isEmpty { try verification.checkModes() }
        if isWritable, isSteady { try finishInterruptedWork() }
        try verification.readManifests()
        if options.repairs { try verification.restoreTexts() }
        try verification.checkBlobs(wholeStore: references.isEmpty, progress)
        try verification.checkTrees()
        if options.repairs { try verification.restoreTexts() }
        if references.isEmpty { try verification.checkCatalog(isWritable: isWritable) }
        if options.repairs { try verification.repair() }
        if isWritable { try verification.noteDamage() }
        return verification.report
    }

    /// What cannot be finished for want of a manifest or blob is found by what follows.
    func finishInterruptedWork() throws {
        do {
            try publisher.reconcile()
        } catch let error as ChantalError where [.store, .missing, .notFound, .malformed].contains(error.code) {
            observer.warn("links under public/ are not in step: \(error)", repository: "verify")
        }
    }
}

/// One run of `verify`.
struct Verification {
    let engine: Engine
    let options: VerificationOptions
    var report = VerificationReport()
    /// Whether only some states are looked at.
    var isPartial = false
    /// The generations to look at, by repository.
    var generations: [String: [GenerationRecord]] = [:]
    var snapshots: [(repository: String, record: SnapshotRecord)] = []
    var publications: [PublicationRecord] = []
    /// Where each needed blob is used: the first place found.
    var uses: [Digest: Use] = [:]
    /// Texts of manifests and trees that could not be read.
    var unreadable: Set<Digest> = []
    /// Such texts that were written again.
    var restored: Set<Digest> = []

    struct Use {
        let repository: String
        let path: RepositoryPath
        let size: Int64
        /// Whether it is only kept for clients that read an earlier state.
        var isCourtesy = false
    }

    var records: any RecordStore { engine.records }

    init(engine: Engine, options: VerificationOptions) {
        self.engine = engine
        self.options = options
    }

    /// Lets the next syncs look whether what is lost is theirs: without that they would take an unchanged upstream for no reason to.
    fileprivate func noteDamage() throws {
        let kinds: Set<Defect.Kind> = [.blobDamaged, .blobMissing, .blobSize, .treeMissing, .treeDiffers]
        guard report.defects.contains(where: { kinds.contains($0.kind) && !$0.isRepaired }) else { return }
        do {
            let catalog = try engine.openCatalog()
            for repository in generations.keys { try SyncMemory.noteDamage(of: repository, catalog) }
        } catch let error as ChantalError where [.store, .missing, .malformed, .needsRebuild].contains(error.code) {
            engine.observer.warn("the catalog cannot be used: \(error)", repository: "verify")
        }
    }

    mutating func add(_ defect: Defect) { report.defects.append(defect) }

    // MARK: Manifests

    /// Reads every manifest once, and notes which blobs it needs.
    mutating func readManifests() throws {
        var read: Set<Digest> = []
        // What a view shares with a member is mended from that one's upstream.
        let order = generations.keys.sorted { a, b in
            let (x, y) = (hasUpstream(a), hasUpstream(b))
            return x != y ? x : a < b
        }
        for repository in order {
            for record in generations[repository] ?? [] where read.insert(record.manifest).inserted {
                try engine.cancellation.check()
                try readManifest(record.manifest, of: repository)
            }
        }
        // A snapshot needs its manifest also where its generation is gone.
        for (repository, snapshot) in snapshots where read.insert(snapshot.manifest).inserted {
            try readManifest(snapshot.manifest, of: repository)
        }
        for publication in publications {
            let repository = publication.source.repository
            if read.insert(publication.manifest).inserted { try readManifest(publication.manifest, of: repository) }
            // Of earlier states those files are needed that the tree has.
            if let text = Digest(treeName: publication.tree), read.insert(text).inserted {
                try readText(text, repository)
            }
            for state in TreeText.stillNeeded(publication.history, now: Clock.now())
            where read.insert(state.manifest).inserted {
                try readManifest(state.manifest, of: repository, notingUses: false)
            }
        }
    }

    private func hasUpstream(_ repository: String) -> Bool {
        engine.configuration[repository].map { !$0.isHosted && !$0.isView } ?? false
    }

    /// The lines of a tree's text; what is wrong with it is told with its tree.
    private mutating func readText(_ text: Digest, _ repository: String) throws {
        do {
            try records.forEachLine(of: text) { line in
                if uses[line.digest] != nil { return }
                uses[line.digest] = Use(
                    repository: repository, path: line.entry.path, size: line.size, isCourtesy: line.role == .retained)
            }
        } catch let error as ChantalError where error.code == .store { return }
    }

    mutating func readManifest(_ digest: Digest, of repository: String, notingUses: Bool = true) throws {
        guard try records.hasManifest(digest) else {
            unreadable.insert(digest)
            return add(
                Defect(.manifestMissing, "the manifest \(digest) is missing", digest: digest, repository: repository))
        }
        var found: [Digest: Use] = [:]
        do {
            try records.forEachLine(of: digest) { line in
                if notingUses, uses[line.digest] == nil, found[line.digest] == nil {
                    found[line.digest] = Use(repository: repository, path: line.entry.path, size: line.size)
                }
            }
        } catch let error as ChantalError {
            unreadable.insert(digest)
            return add(
                Defect(
                    .manifestDamaged, "\(error)", digest: digest,
                    repository: repository))
        }
        uses.merge(found) { first, _ in first }
    }

    // MARK: Blobs

    mutating func checkBlobs(wholeStore: Bool, _ progress: (Int, Int64) -> Void) throws {
        let blobs = engine.store.blobs
        var present: Set<Digest> = []
        func check(_ digest: Digest, _ size: Int64, in run: inout Verification) throws {
            try run.engine.cancellation.check()
            let use = run.uses[digest]
            run.report.checked += 1
            run.report.bytes += size
            defer { progress(1, size) }
            if let use, use.size != size {
                return run.add(
                    Defect(
                        .blobSize, "the blob \(digest) has \(size) bytes, '\(use.path)' has \(use.size)",
                        digest: digest,
                        path: use.path.description, repository: use.repository))
            }
            if run.options.isQuick { return }
            let condition: BlobCondition
            do { condition = try blobs.check(digest) } catch let error as ChantalError where error.code == .permission {
                return  // its mode is a defect of its own
            } catch let error as ChantalError where error.code == .io {
                return run.add(
                    Defect(
                        .blobDamaged, "the blob \(digest) cannot be read: \(error)", digest: digest,
                        path: use?.path.description, repository: use?.repository))
            }
            guard case .damaged(let actual, _) = condition else { return }
            run.add(
                Defect(
                    .blobDamaged, "the bytes of the blob \(digest) have the digest \(actual)", digest: digest,
                    path: use?.path.description, repository: use?.repository))
        }
        if wholeStore {
            var all: [(Digest, Int64)] = []
            try blobs.forEachBlob { all.append(($0, $1)) }
            for (digest, size) in all {
                present.insert(digest)
                try check(digest, size, in: &self)
            }
        } else {
            for digest in uses.keys.sorted() {
                guard let size = try blobs.size(of: digest) else { continue }
                present.insert(digest)
                try check(digest, size, in: &self)
            }
        }
        for (digest, use) in uses.sorted(by: { $0.key < $1.key }) where !present.contains(digest) {
            // It may have come in since the blobs were listed.
            if try blobs.size(of: digest) != nil { continue }
            add(
                Defect(
                    .blobMissing, "the blob \(digest) of '\(use.path)' is missing", digest: digest,
                    path: use.path.description, repository: use.repository))
        }
    }

    // MARK: Catalog

    mutating func checkCatalog(isWritable: Bool) throws {
        let catalog: any PackageCatalog
        var gaps: [CatalogGap] = []
        do {
            catalog = try engine.openCatalogForReading { gaps.append($0) }
        } catch let error as ChantalError
            where [.needsRebuild, .notFound, .missing, .malformed, .store].contains(error.code)
        {
            return add(Defect(.catalogDiffers, "the catalog cannot be read: \(error)"))
        }
        for gap in gaps { add(Defect(.catalogDiffers, gap.message, repository: gap.repository)) }
        for defect in try catalog.defects() { add(Defect(.catalogDiffers, defect)) }
        if options.isQuick { return }
        for (repository, records) in generations.sorted(by: { $0.key < $1.key }) {
            guard let latest = records.last, !unreadable.contains(latest.manifest) else { continue }
            try engine.cancellation.check()
            if let difference = try catalogDifference(catalog, repository, latest) {
                add(Defect(.catalogDiffers, difference, repository: repository))
            }
        }
    }

    /// Compares the packages that the catalog has of a generation with those of its metadata.
    private func catalogDifference(
        _ catalog: any PackageCatalog, _ repository: String, _ record: GenerationRecord
    ) throws -> String? {
        let indexed = try catalog.indexedGenerations(of: repository)
        guard let manifest = indexed[record.number] else { return nil }  // a sync of this repository is at it
        if manifest != record.manifest { return "the catalog has generation \(record.number) with another manifest" }
        let blobs = engine.store.blobs
        let reader = StateReader(repository: repository, manifest: try records.manifest(record.manifest)) {
            try blobs.open($0)
        }
        var rows: Set<PackageRow> = []
        do {
            try engine.ecosystems.type(record.type).packages(in: reader) { rows.insert($0) }
        } catch let error as ChantalError where [.missing, .malformed].contains(error.code) {
            return nil  // the damaged blob is a defect of its own
        }
        var unknown = 0
        try catalog.forEachPackage(of: RepositoryState(repository: repository, generation: record.number)) {
            if rows.remove($0) == nil { unknown += 1 }
        }
        if rows.isEmpty, unknown == 0 { return nil }
        return "the catalog lacks \(rows.count) packages of generation \(record.number) and has \(unknown) others"
    }
}
