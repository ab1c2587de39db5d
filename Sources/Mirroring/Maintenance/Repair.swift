import Basics
import Fetching
import FileSystem
import Store

/// Mends what a verification found, as far as that can be done: blobs from upstream, trees and catalog from the files.
extension Verification {
    mutating func repair() throws {
        let mended = try repairBlobs()
        if !mended.isEmpty { try relink(mended) }
        let replaced = try engine.publisher.replaceTrees(naming: putAside(except: mended))
        for index in report.defects.indices {
            let defect = report.defects[index]
            switch defect.kind {
            case .treeMissing, .treeDiffers:
                guard let tree = defect.path else { continue }
                report.defects[index].isRepaired = try replaced[tree] ?? engine.publisher.replaceTree(tree)
            case .blobDamaged, .blobMissing, .blobSize:
                // What nothing needs is mended by being put aside, what is a courtesy by being given up.
                report.defects[index].isRepaired =
                    defect.digest.map { mended.contains($0) || uses[$0]?.isCourtesy ?? true } ?? false
            default: break
            }
        }
        try repairLinks()
        if !mended.isEmpty { try engine.finishInterruptedWork() }
        if report.defects.contains(where: { $0.kind == .catalogDiffers }), try rebuildCatalog() {
            for index in report.defects.indices where report.defects[index].kind == .catalogDiffers {
                report.defects[index].isRepaired = true
            }
        }
        for index in report.defects.indices where !report.defects[index].isRepaired {
            let defect = report.defects[index]
            let isHosted = engine.configuration.repositories.contains { $0.name == defect.repository && $0.isHosted }
            report.defects[index].message += Verification.advice(for: defect, isHosted: isHosted)
        }
    }

    private static func advice(for defect: Defect, isHosted: Bool) -> String {
        switch defect.kind {
        case .blobDamaged where isHosted, .blobMissing where isHosted, .blobSize where isHosted:
            "; it was added here, and no upstream has it: restore it from a backup, or, if it is a package, add it again"
        case .blobDamaged, .blobMissing, .blobSize:
            "; upstream does not have these bytes at this path (any more): it is served no longer, and the next sync asks for it again"
        case .manifestDamaged where isHosted, .manifestMissing where isHosted:
            "; no tree tells what it was: restore it from a backup"
        case .manifestDamaged, .manifestMissing:
            "; no tree tells what it was: chantal sync --full makes the latest generation anew, a backup may have another"
        case .recordDamaged: "; it cannot be made again: restore it from a backup"
        case .treeMissing, .treeDiffers: "; its text or a blob is missing: mend those first"
        case .linkDiffers: "; the state's manifest or a blob is missing: mend those first"
        case .modeDiffers: "; only the store's owner can change it"
        case .catalogDiffers: "; a blob or manifest that it is made from is missing: mend those first"
        }
    }

    /// - Returns: false if a blob or manifest that it is made from is missing or damaged.
    private func rebuildCatalog() throws -> Bool {
        do {
            var isWhole = true
            _ = try engine.rebuildCatalog { _ in isWhole = false }
            return isWhole
        } catch let error as ChantalError where [.missing, .malformed, .store].contains(error.code) {
            return false
        }
    }

    // MARK: Blobs

    /// Takes the names of bad blobs away for which there are no good bytes, so that nothing counts on them any longer.
    /// - Returns: those that were put aside.
    private func putAside(except mended: Set<Digest>) throws -> Set<Digest> {
        let bad = Set(report.defects.filter { [.blobDamaged, .blobSize].contains($0.kind) }.compactMap(\.digest))
            .subtracting(mended)
        // A sync may have brought a good one in since.
        return try bad.filter { digest in
            do {
                guard case .damaged = try engine.store.blobs.check(digest) else { return false }
            } catch let error as ChantalError where error.code == .io {
                // The disk does not give it.
            }
            try engine.store.blobs.quarantine(digest)
            return true
        }
    }

    /// Takes damaged and missing blobs from trees that still have them, and fetches the others again.
    /// - Returns: those that are whole now.
    private mutating func repairBlobs() throws -> Set<Digest> {
        let bad = Set(
            report.defects.filter { [.blobDamaged, .blobMissing, .blobSize].contains($0.kind) }.compactMap(\.digest))
        var mended = try engine.publisher.recover(bad.filter { uses[$0] != nil }, except: unreadable)
        var wanted: [String: [(digest: Digest, use: Use)]] = [:]
        for digest in bad.subtracting(mended).sorted() {
            if let use = uses[digest] { wanted[use.repository, default: []].append((digest, use)) }
        }
        for (repository, blobs) in wanted.sorted(by: { $0.key < $1.key }) {
            guard let section = engine.configuration[repository] else { continue }
            for (section, blobs) in try upstreams(of: blobs, section) {
                mended.formUnion(try fetchAgain(blobs, section))
            }
        }
        return mended
    }

    /// Whose upstreams may have blobs: the repository's own; of a view those of the members that hold them now.
    private func upstreams(
        of blobs: [(digest: Digest, use: Use)], _ section: RepositorySection
    ) throws -> [(section: RepositorySection, blobs: [(digest: Digest, use: Use)])] {
        if section.isHosted { return [] }
        if !section.isView { return [(section, blobs)] }
        var open = Set(blobs.map(\.digest))
        var result: [(section: RepositorySection, blobs: [(digest: Digest, use: Use)])] = []
        for name in section.members {
            guard let member = engine.configuration[name], !member.isHosted,
                let record = try engine.records.latestGeneration(of: name),
                try engine.records.hasManifest(record.manifest)
            else { continue }
            var own: [(digest: Digest, use: Use)] = []
            do {
                try engine.records.forEachLine(of: record.manifest) { line in
                    guard open.remove(line.digest) != nil else { return }
                    own.append(
                        (line.digest, Use(repository: name, path: line.entry.path, size: line.size)))
                }
            } catch let error as ChantalError where [.malformed, .mismatch, .store].contains(error.code) {
                // Its own verification tells of it.
                continue
            }
            if !own.isEmpty { result.append((member, own)) }
        }
        return result
    }

    /// Fetches blobs from where the ecosystem says that upstream has them now; what it does not name, as metadata, from the same path.
    private func fetchAgain(_ blobs: [(digest: Digest, use: Use)], _ section: RepositorySection) throws -> Set<Digest> {
        let session = try engine.store.blobs.beginSession(name: section.name)
        defer { withExtendedLifetime(session) {} }
        try session.protect(blobs.map(\.digest))
        let downloader = Downloader(
            client: try engine.network.client(for: section.network), session: session, upstream: try Upstream(section),
            cancellation: engine.cancellation)
        var fetched: Set<Digest> = []
        func fetch(_ sources: [Digest: FileSource]) throws {
            let open = blobs.filter { !fetched.contains($0.digest) }
            let requests = open.enumerated().compactMap { index, blob in
                sources[blob.digest].map { source in
                    FetchRequest(
                        source.location, name: blob.use.path.description, size: blob.use.size,
                        checksums: [Checksum(blob.digest)], tag: index)
                }
            }
            try downloader.fetch(requests) { result in
                if case .success = result.file { fetched.insert(open[result.tag].digest) }
            }
        }
        if !downloader.upstream.bases.isEmpty {
            try fetch(Dictionary(blobs.map { ($0.digest, .path($0.use.path)) }) { first, _ in first })
        }
        if fetched.count < blobs.count {
            try fetch(
                try plannedSources(of: Set(blobs.map(\.digest)).subtracting(fetched), section, session, downloader))
        }
        try engine.publisher.adopt(fetched, session)
        return fetched
    }

    /// Where upstream has blobs, as a plan made now says; none if none can be made.
    private func plannedSources(
        of blobs: Set<Digest>, _ section: RepositorySection, _ staging: any StagingSession, _ downloader: Downloader
    ) throws -> [Digest: FileSource] {
        let latest = try engine.records.latestGeneration(of: section.name)
        let session = SyncSession(
            repository: section.name,
            conditions: SyncSession.Conditions(
                previous: latest,
                state: try StateCondition(
                    of: latest, repository: section.name, records: engine.store.records, blobs: engine.store.blobs,
                    thoroughly: true),
                now: Clock.now(),
                mayBeUnchanged: false, validatorsHold: false, acceptsRemovals: false),
            staging: staging, downloader: downloader, catalog: try engine.openCatalog(),
            records: engine.store.records, cancellation: engine.cancellation, signing: section.signing,
            firstSight: FirstSight(try engine.records.firstSeen(of: section.name), quarantinesInitial: false),
            workDirectory: engine.store.makeTemporaryDirectory, warning: { _ in })
        let outcome: PlanOutcome
        do {
            outcome = try engine.ecosystems.type(section.type).init(section).plan(session)
        } catch let error as ChantalError where error.code != .interrupted {
            engine.observer.warn("upstream cannot be asked where it has the files: \(error)", repository: section.name)
            return [:]
        }
        guard case .changed(let plan) = outcome else { return [:] }
        var sources: [Digest: FileSource] = [:]
        for file in plan.files {
            guard let digest = try file.sha256 ?? session.knownDigest(of: file.checksums), blobs.contains(digest) else {
                continue
            }
            sources[digest] = file.source
        }
        return sources
    }

    /// Lets trees have the new blobs in place of the damaged files that they link to.
    private func relink(_ mended: Set<Digest>) throws {
        let publisher = engine.publisher
        for name in try publisher.trees(naming: mended) {
            if try publisher.discardIfUnused(name) { continue }
            let lock = try engine.store.locks.publish()
            defer { withExtendedLifetime(lock) {} }
            guard let text = Digest(treeName: name), let tree = try publisher.links.tree(name) else { continue }
            let lines = try publisher.lines(of: text, naming: mended) ?? []
            for line in lines { try replace(line, in: tree) }
            // Whoever serves the tree looks at the pointers' times again.
            if !lines.isEmpty { try tree.setModified(".", seconds: Clock.now().seconds) }
        }
    }

    private func replace(_ line: ManifestEntry, in tree: Directory) throws {
        // A tree that lacks the file is made anew as a whole.
        guard let before = try tree.status(line.path) else { return }
        // Two names of one file cannot replace each other.
        if try engine.store.blobs.status(of: line.digest)?.isSameFile(as: before) == true { return }
        let fresh = File.uniqueName("mended")
        if line.role == .pointer {
            try engine.store.blobs.copy(
                line.digest, into: engine.store.temporary, as: fresh, modified: before.modified)
        } else {
            _ = try engine.store.blobs.link(line.digest, into: engine.store.temporary, as: fresh)
        }
        try engine.store.temporary.rename(fresh, to: tree, as: line.path)
    }
}
