import Basics
import Hashing
import Mirroring

/// Turns the page of one project into what is wanted of it, and raises the alarms (requirements on changed and vanished files).
struct ProjectPlanner {
    let session: SyncSession
    let selection: FileSelection
    let previous: PublishedIndex?
    /// Whether a file without any hash is refused.
    let requiresHashes: Bool
    let mirrorsProvenance: Bool

    /// What is planned for all projects together.
    var files: [PlannedFile] = []
    var defects: [SyncPlan.Defect] = []
    private var quarantine: FileQuarantine
    /// The next moment at which a quarantine ends.
    var nextRelease: Timestamp? { quarantine.nextRelease }
    /// Whether some file of the project planned last waits for its quarantine to end.
    var isWaiting: Bool { quarantine.isWaiting }

    /// The most bytes of a file, declared or not.
    static let largestFile: Int64 = 32 << 30
    static let largestTwin: Int64 = 64 << 20

    init(
        session: SyncSession, selection: FileSelection, previous: PublishedIndex?, requiresHashes: Bool,
        mirrorsProvenance: Bool
    ) {
        self.session = session
        self.selection = selection
        self.previous = previous
        self.requiresHashes = requiresHashes
        self.mirrorsProvenance = mirrorsProvenance
        quarantine = FileQuarantine(session: session, rules: selection.rules)
    }

    /// What has to be held back: files that are all gone, or that have changed under their name.
    /// - Parameter page: nil if upstream no longer has the project.
    func alarm(_ name: ProjectName, _ page: ProjectPage?) throws -> ChantalError? {
        guard let previous, !session.acceptsRemovals else { return nil }
        let known = previous.files(of: name).filter { !ProjectPlanner.isTwin($0.path) }
        if known.isEmpty { return nil }
        guard let page, !page.files.isEmpty else {
            if page?.isQuarantined == true { return nil }
            let what =
                page == nil
                ? "upstream no longer has the project \(name)" : "the page of \(name) no longer has any file"
            return ChantalError(
                .held, "\(what), of which \(known.count) files are mirrored: its last state is kept",
                hint: "sync with --accept-removals if that is right", path: "\(IndexPath.page(name))")
        }
        let entries = Dictionary(known.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var declared: [String: [Checksum]]?
        for file in page.files {
            guard let path = try? IndexPath.file(file.filename, of: name), let entry = entries[path] else { continue }
            if file.sha256 == entry.digest { continue }
            if file.sha256 == nil {
                if declared == nil { declared = try ProjectPlanner.checksums(previous.page(of: name)) }
                if try isSame(file, as: entry, declared: declared?[file.filename] ?? []) != false { continue }
            }
            let other =
                file.checksums.isEmpty
                ? "another size than the one that is mirrored: \(file.size ?? 0) instead of \(entry.size) bytes"
                : "another hash than the one that is mirrored: \(file.checksums.map(\.description).joined(separator: ", ")) instead of sha256:\(entry.digest)"
            return ChantalError(
                .held, "the file \(file.filename) of \(name) has \(other)",
                hint:
                    "a released file never changes: ask its maintainers, then sync with --accept-removals if the new one is right; until then the project keeps its last state",
                path: "\(path)")
        }
        return nil
    }

    /// Whether what is declared of a file without SHA-256 is true of the bytes that are mirrored; nil if that cannot be told.
    /// - Parameter declared: what was declared of these.
    private func isSame(_ file: ProjectFile, as entry: ManifestEntry, declared: [Checksum]) throws -> Bool? {
        guard let strongest = file.checksums.max(by: { $0.algorithm < $1.algorithm }) else {
            return file.size.map { $0 == entry.size }
        }
        let common = file.checksums.filter { now in declared.contains { $0.algorithm == now.algorithm } }
        if !common.isEmpty { return common.allSatisfy(declared.contains) }
        guard try session.holds([entry.digest]) == [true] else { return nil }
        let hasher = ChecksumHasher(strongest.algorithm)
        try session.open(entry.digest).forEachChunk { hasher.update($0) }
        return hasher.finish() == strongest
    }

    private static func checksums(_ page: ProjectPage?) -> [String: [Checksum]] {
        Dictionary((page?.files ?? []).map { ($0.filename, $0.checksums) }, uniquingKeysWith: { first, _ in first })
    }

    static func isTwin(_ path: RepositoryPath) -> Bool {
        let name = path.name
        return name.suffix(IndexPath.metadataSuffix.utf8.count).elementsEqual(IndexPath.metadataSuffix.utf8)
            || name.suffix(IndexPath.provenanceSuffix.utf8.count).elementsEqual(IndexPath.provenanceSuffix.utf8)
    }
}

extension ProjectPlanner {
    /// Selects, and plans the files.
    mutating func draft(_ demand: ProjectDemand, _ page: ProjectPage) throws -> ProjectDraft {
        var draft = ProjectDraft(
            name: demand.name, displayName: demand.displayName, status: page.status, statusReason: page.statusReason)
        quarantine.beginProject()
        let isBareName = demand.isNamed && demand.lines.contains(where: \.isBareName)
        if page.isQuarantined {
            if isBareName {
                session.warn("upstream has put the project \(demand.name) under quarantine, and offers no file of it")
            }
            defects += UnmetDemands.all(ofQuarantined: demand, page)
            return draft
        }
        var digests: [String: Digest?] = [:]
        let locked = demand.lockedChecksums
        let parsed = page.files.filter { file in
            guard let first = digests[file.filename] else {
                digests[file.filename] = .some(file.sha256)
                return true
            }
            if first != file.sha256 {
                session.warn(
                    "the page of \(demand.name) has \(file.filename) twice, with different hashes: the first counts")
            }
            return false
        }.map { file in
            var file = file
            // What the index does not tell, a lock file does.
            for checksum in locked[file.filename] ?? []
            where !file.checksums.contains(where: { $0.algorithm == checksum.algorithm }) {
                file.checksums.append(checksum)
            }
            return ParsedFile(file, of: demand.name)
        }
        if parsed.isEmpty, isBareName {
            session.warn(
                "upstream has the project \(demand.name), and no file of it: is the URL that of a simple index?")
        }
        // That it is empty now was accepted.
        if !parsed.isEmpty || !session.acceptsRemovals { defects += UnmetDemands.all(of: demand, in: parsed) }
        let selection = self.selection
        let chosen = try quarantine.choosing(parsed) { selection.choose(parsed, for: demand, releases: $0) }
        defects += UnmetDemands.all(
            filteredFrom: demand, in: parsed, chosen: chosen, isWaiting: isWaiting, fits: selection.targets.takes)
        let declared =
            try chosen.contains { parsed[$0].file.sha256 == nil }
            ? ProjectPlanner.checksums(previous?.page(of: demand.name)) : [:]
        for index in chosen {
            let known = declared[parsed[index].file.filename] ?? []
            guard var file = try fileDraft(parsed[index], of: demand.name, declared: known) else { continue }
            file.why = demand.why[file.file.filename] ?? []
            draft.files.append(file)
        }
        sort(&draft.files, of: demand.name)
        return draft
    }

    /// The files that any requirement may take.
    mutating func candidates(_ page: ProjectPage, of project: ProjectName) throws -> [ProjectFile] {
        quarantine.beginProject()
        if page.isQuarantined { return [] }
        let parsed = page.files.map { ParsedFile($0, of: project) }
        let selection = self.selection
        let chosen = try quarantine.choosing(parsed) { selection.candidates(parsed, of: project, releases: $0) }
        return chosen.map { parsed[$0].file }
    }
}

extension ProjectPlanner {
    /// By version, and within one by name; what has no version comes first.
    private func sort(_ files: inout [FileDraft], of project: ProjectName) {
        let keyed = files.map { ($0, DistributionFilename($0.file.filename, of: project)?.version) }
        files = keyed.sorted { a, b in
            switch (a.1, b.1) {
            case (let x?, let y?) where x != y: x < y
            case (nil, _?): true
            case (_?, nil): false
            default: a.0.path < b.0.path
            }
        }.map(\.0)
    }

    /// Nil for a file that cannot be mirrored, which is noted.
    /// - Parameter declared: what was declared of the file that is mirrored under its name.
    private mutating func fileDraft(
        _ parsed: ParsedFile, of project: ProjectName, declared: [Checksum]
    ) throws -> FileDraft? {
        let file = parsed.file
        var path: RepositoryPath?
        do {
            let own = try IndexPath.file(file.filename, of: project)
            path = own
            try checkHashes(file)
            if let size = file.size, size > ProjectPlanner.largestFile {
                throw ChantalError(
                    .tooLarge, "the index declares \(size) bytes of it, more than \(ProjectPlanner.largestFile)",
                    url: Redaction.url(file.url))
            }
            let before = previous?.state.manifest[own]
            // A weaker hash that is true of the mirrored bytes stands for them, and for no others.
            var sha256 = file.sha256
            if sha256 == nil, !file.checksums.isEmpty, let before,
                try isSame(file, as: before, declared: declared) == true
            {
                sha256 = before.digest
            }
            var draft = FileDraft(
                file: file, path: own, isWheel: parsed.name?.wheel != nil, metadata: .none, provenance: .none)
            if file.checksums.isEmpty, let before, file.size == nil || file.size == before.size,
                try session.holds([before.digest]) == [true]
            {
                draft.taken = before
            } else {
                plan(
                    PlannedFile(
                        source: .url(file.url), path: own, size: file.size,
                        sizeLimit: file.size == nil ? ProjectPlanner.largestFile : nil, sha256: sha256,
                        checksums: file.checksums.filter { $0.algorithm != .sha256 }))
            }
            // Twins belong to the bytes of the file.
            let isSame = before != nil && (draft.taken != nil || sha256 == before?.digest)
            draft.metadata = try metadata(file, own, isWheel: draft.isWheel, isSame: isSame)
            draft.provenance = try provenance(file, own, isSame: isSame)
            return draft
        } catch let error as ChantalError where error.code != .io && error.code != .interrupted {
            defects.append(
                SyncPlan.Defect(path: path, error: error.within("\(file.filename) of \(project) is not mirrored")))
            return nil
        }
    }

    private mutating func plan(_ file: PlannedFile) {
        var file = file
        if let before = previous?.state.manifest[file.path] {
            file.before = StoredFile(digest: before.digest, size: before.size)
        }
        files.append(file)
    }

    private func checkHashes(_ file: ProjectFile) throws {
        if file.hasBrokenChecksum {
            throw ChantalError(
                .malformed, "the index declares a hash for it that is none", url: Redaction.url(file.url))
        }
        if file.checksums.isEmpty, requiresHashes {
            throw ChantalError(
                .mismatch, "the index declares no hash for it",
                hint: "`verify: false` takes files without a hash, as they come", url: Redaction.url(file.url))
        }
    }

    private mutating func metadata(
        _ file: ProjectFile, _ path: RepositoryPath, isWheel: Bool, isSame: Bool
    ) throws -> FileDraft.Twin {
        guard isWheel || file.coreMetadata != .none else { return .none }
        guard let twin = IndexPath.twin(path, IndexPath.metadataSuffix) else {
            session.warn(
                "\(path) has too long a name for its metadata to lie beside it: clients have to fetch the file itself")
            return .none
        }
        guard case .hashed(let checksums) = file.coreMetadata else {
            // What proves the wheel proves what is read from it; a file that nothing proves is not taken.
            guard isWheel else { return .none }
            return try taken(twin, isSame: isSame).map { .taken($0) } ?? .fromWheel(twin)
        }
        var url = URLReference(file.url)
        url.path += IndexPath.metadataSuffix
        plan(
            PlannedFile(
                source: .url(url.requestText), path: twin, size: nil, sizeLimit: ProjectPlanner.largestTwin,
                sha256: checksums.lazy.compactMap(\.sha256).first,
                checksums: checksums.filter { $0.algorithm != .sha256 }, isPackage: false))
        return .planned(twin)
    }

    private mutating func provenance(
        _ file: ProjectFile, _ path: RepositoryPath, isSame: Bool
    ) throws -> FileDraft.Twin {
        guard mirrorsProvenance, let url = file.provenance,
            let twin = IndexPath.twin(path, IndexPath.provenanceSuffix)
        else { return .none }
        if let known = try taken(twin, isSame: isSame) { return .taken(known) }
        files.append(
            PlannedFile(
                source: .url(url), path: twin, size: nil, sizeLimit: ProjectPlanner.largestTwin, sha256: nil,
                role: .metadata, isPackage: false))
        return .planned(twin)
    }

    private func taken(_ twin: RepositoryPath, isSame: Bool) throws -> ManifestEntry? {
        guard isSame, let entry = previous?.state.manifest[twin], try session.holds([entry.digest]) == [true] else {
            return nil
        }
        return entry
    }
}
