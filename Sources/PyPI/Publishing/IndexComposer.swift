import Basics
import Mirroring

/// Writes the pages of an index once its files are in the store: only what is there is offered.
struct IndexComposer {
    let session: SyncSession
    /// Where clients read the repository, without a slash at the end; provenance needs absolute URLs.
    let publicURL: String?
    let pages: IndexPages

    private(set) var entries: [ManifestEntry] = []
    private(set) var withdrawn: Set<RepositoryPath> = []
    private(set) var packages = 0
    /// Pages that are not in the store yet, and their bytes.
    private var waiting: [(path: RepositoryPath, page: [UInt8])] = []
    private var waitingBytes = 0
    private static let batchBytes = 1 << 20
    private static let batchPages = 512

    init(session: SyncSession, publicURL: String?) {
        self.session = session
        self.publicURL = publicURL
        pages = IndexPages(session: session)
    }

    /// Where the pages of a repository say that it is read; nil if its section does not say.
    static func publicURL(_ section: RepositorySection) -> String? {
        var url = section.value(CommonSettings.publicURL)?.text
        while url?.hasSuffix("/") == true { url?.removeLast() }
        return url
    }

    mutating func keep(_ kept: [ManifestEntry]) {
        entries += kept
        packages += kept.count { $0.role == .package && !ProjectPlanner.isTwin($0.path) }
    }

    /// Keeps the last state of a project of which nothing else came in.
    mutating func keep(_ kept: [ManifestEntry], insteadOf draft: ProjectDraft) {
        for file in draft.files { withdrawn.formUnion(file.twins) }
        keep(kept)
    }

    /// - Returns: whether all that was wanted of the project is there.
    mutating func add(_ draft: ProjectDraft, _ contents: PlanContents) throws -> Bool {
        var project = PublishedProject(
            name: draft.name, displayName: draft.displayName, status: draft.status, statusReason: draft.statusReason)
        var isWhole = true
        for file in draft.files {
            let stored = file.taken.map { StoredFile(digest: $0.digest, size: $0.size) } ?? contents.stored(file.path)
            for path in [file.path] + file.twins where contents.failed.contains(path) { isWhole = false }
            guard let stored else {
                withdrawn.formUnion(file.twins)
                continue
            }
            if let taken = file.taken { entries.append(taken) }
            project.files.append(try publish(file, stored, contents, of: draft.name))
        }
        packages += project.files.count
        try describe(&project)
        try put(ProjectPageWriter.html(project), at: IndexPath.html(draft.name))
        try put(ProjectPageWriter.json(project), at: IndexPath.json(draft.name))
        return isWhole
    }

    /// The last to be added.
    /// - Parameter tellsSerials: as ``ProjectListWriter/json(_:tellsSerials:)`` has it.
    mutating func addList(_ projects: [ListedProject], tellsSerials: Bool = false) throws {
        try put(ProjectListWriter.html(projects), at: IndexPath.listHTML)
        try put(ProjectListWriter.json(projects, tellsSerials: tellsSerials), at: IndexPath.listJSON)
        try putWaiting()
    }

    private mutating func put(_ bytes: [UInt8], at path: RepositoryPath) throws {
        waiting.append((path, bytes))
        waitingBytes += bytes.count
        if waitingBytes >= IndexComposer.batchBytes || waiting.count >= IndexComposer.batchPages { try putWaiting() }
    }

    private mutating func putWaiting() throws {
        for (file, page) in zip(try session.put(waiting.map(\.page)), waiting) {
            entries.append(ManifestEntry(path: page.path, digest: file.digest, size: file.size, role: .pointer))
        }
        waiting.removeAll(keepingCapacity: true)
        waitingBytes = 0
    }

    private mutating func publish(
        _ draft: FileDraft, _ stored: StoredFile, _ contents: PlanContents, of project: ProjectName
    ) throws -> PublishedFile {
        let file = draft.file
        var published = PublishedFile(filename: file.filename, digest: stored.digest, size: stored.size)
        published.checksums = file.checksums.filter { $0.algorithm != .sha256 }
        published.requiresPython = file.requiresPython
        published.yanked = file.yanked
        published.uploadTime = file.uploadTime
        published.why = draft.why
        published.metadata = try metadata(draft, stored, contents, of: project)
        if try twin(draft.provenance, contents) != nil, let publicURL {
            published.provenance = "\(publicURL)/\(draft.path.urlEncoded)\(IndexPath.provenanceSuffix)"
        }
        return published
    }

    private static let longestSummary = 500
    private static let longestURL = 2000

    /// From the newest file that has metadata.
    private func describe(_ project: inout PublishedProject) throws {
        guard let digest = project.files.last(where: { $0.metadata != nil })?.metadata else { return }
        let reader = try session.open(digest)
        guard reader.size <= DistributionMetadata.lengthLimit else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(reader.size))
        try reader.forEachChunk { bytes.append(contentsOf: $0) }
        let metadata = try DistributionMetadata(bytes)
        if let text = metadata.summary, text != "UNKNOWN" {
            let line = text.split { $0.isNewline || $0 == " " || $0 == "\t" }.joined(separator: " ")
            if !line.isEmpty { project.summary = String(line.prefix(IndexComposer.longestSummary)) }
        }
        if let url = metadata.homepage, url.utf8.count <= IndexComposer.longestURL, !url.contains(where: \.isWhitespace)
        {
            project.homepage = url
        }
    }

    /// The digest of a twin that was planned or taken over.
    private mutating func twin(_ twin: FileDraft.Twin, _ contents: PlanContents) throws -> Digest? {
        switch twin {
        case .planned(let path): return contents.stored(path)?.digest
        case .taken(let entry):
            entries.append(entry)
            return entry.digest
        case .none, .fromWheel: return nil
        }
    }

    private mutating func metadata(
        _ draft: FileDraft, _ stored: StoredFile, _ contents: PlanContents, of project: ProjectName
    ) throws -> Digest? {
        if let digest = try twin(draft.metadata, contents) { return digest }
        let path: RepositoryPath
        switch draft.metadata {
        case .fromWheel(let own): path = own
        case .planned(let own) where draft.isWheel: path = own
        default: return nil
        }
        do {
            guard let bytes = try WheelMetadata.read(session.open(stored.digest), of: project) else { return nil }
            let file = try session.put(bytes)
            entries.append(ManifestEntry(path: path, digest: file.digest, size: file.size, role: .package))
            return file.digest
        } catch let error as ChantalError where error.code == .malformed || error.code == .tooLarge {
            session.warn(
                "\(draft.path): its metadata cannot be read, so clients have to fetch the file itself: \(error)")
            return nil
        }
    }
}

extension FileDraft {
    /// The paths of planned twins.
    var twins: [RepositoryPath] {
        [metadata, provenance].compactMap { twin in
            if case .planned(let path) = twin { path } else { nil }
        }
    }
}
