import Basics
import Mirroring

/// Plans a hosted index: the projects that a revision touches get new pages, the others stay as they are.
struct HostedPlan {
    let session: SyncSession
    let section: RepositorySection
    private let index: PublishedIndex?
    private var projects: [ProjectName: ListedProject] = [:]
    /// Of touched projects.
    private var drafts: [ProjectName: ProjectDraft] = [:]
    private var uploads: [PlannedFile] = []

    init(session: SyncSession, section: RepositorySection) throws {
        self.session = session
        self.section = section
        index = try session.previousState().map(PublishedIndex.init)
        for project in try index?.projects() ?? [] {
            projects[project.name] = ListedProject(name: project.name, displayName: project.displayName)
        }
    }

    mutating func plan(_ revision: Revision) throws -> SyncPlan {
        try revision.refuseDivision(type: section.type)
        try remove(revision.removals)
        for upload in revision.uploads {
            try session.checkCancellation()
            let distribution = try upload.reading { try Distribution(upload, session.open(upload.stored.digest)) }
            try add(distribution, upload, replaces: revision.replaces)
        }
        return try finish()
    }

    // MARK: Changes

    /// The files of a project, for which new pages are written from now on.
    private mutating func touch(_ name: ProjectName) throws -> ProjectDraft {
        if let draft = drafts[name] { return draft }
        var draft = ProjectDraft(name: name, displayName: projects[name]?.displayName ?? name.text)
        guard let index, let page = try index.page(of: name) else { return draft }
        draft.status = page.status
        draft.statusReason = page.statusReason
        for file in page.files {
            let path = try IndexPath.file(file.filename, of: name)
            guard let entry = index.state.manifest[path] else { continue }
            func twin(_ suffix: String) -> FileDraft.Twin {
                IndexPath.twin(path, suffix).flatMap { index.state.manifest[$0] }.map { .taken($0) } ?? .none
            }
            draft.files.append(
                FileDraft(
                    file: file, path: path, isWheel: file.filename.hasSuffix(".whl"), taken: entry,
                    metadata: twin(IndexPath.metadataSuffix), provenance: twin(IndexPath.provenanceSuffix),
                    why: file.why))
        }
        return draft
    }

    private mutating func add(_ distribution: Distribution, _ upload: Upload, replaces: Bool) throws {
        var draft = try touch(distribution.project)
        if draft.files.isEmpty { draft.displayName = distribution.displayName }
        if let place = draft.files.firstIndex(where: { $0.file.filename == upload.name }) {
            let there = draft.files[place].taken?.digest ?? draft.files[place].file.sha256
            if there == upload.stored.digest { return }
            guard replaces else {
                throw Revision.conflict(upload.name, upload.stored.digest, there ?? upload.stored.digest, upload)
            }
            draft.files.remove(at: place)
            uploads.removeAll { $0.path.name.elementsEqual(upload.name.utf8) }
        }
        let path = try IndexPath.file(upload.name, of: distribution.project)
        var file = ProjectFile(filename: upload.name, url: "", checksums: [Checksum(upload.stored.digest)])
        file.requiresPython = distribution.requiresPython.flatMap { $0.isEmpty ? nil : $0 }
        file.size = upload.stored.size
        file.uploadTime = session.now.rfc3339
        let twin = distribution.isWheel ? IndexPath.twin(path, IndexPath.metadataSuffix) : nil
        draft.files.append(
            FileDraft(
                file: file, path: path, isWheel: distribution.isWheel, taken: nil,
                metadata: twin.map { .fromWheel($0) } ?? .none, provenance: .none))
        uploads.append(
            PlannedFile(source: path, path: path, size: upload.stored.size, sha256: upload.stored.digest))
        drafts[distribution.project] = draft
        projects[distribution.project] = ListedProject(
            name: distribution.project, displayName: draft.displayName)
    }

    /// - Throws: ``ChantalError`` `not_found` for words that name nothing.
    private mutating func remove(_ removals: Removals) throws {
        if removals.isEmpty { return }
        let names = projects.keys.map(\.text).sorted()
        let wanted = removals.words.map { PackageWord($0) }
        for name in projects.keys.sorted() where wanted.contains(where: { $0.mayName(name) }) {
            var draft = try touch(name)
            let count = draft.files.count
            draft.files.removeAll { file in
                removals.takes(wanted.filter { $0.names(file.file.filename, of: name) }.map(\.text))
            }
            guard draft.files.count < count else { continue }
            drafts[name] = draft
            if draft.files.isEmpty {
                projects[name] = nil
                drafts[name] = nil
            }
        }
        try removals.requireAllMatched(
            in: session.repository, names: names, form: "NAME, NAME==VERSION or by its file's name")
    }

    // MARK: The generation

    private func finish() throws -> SyncPlan {
        let listed = projects.values.sorted { $0.name < $1.name }
        var kept: [ManifestEntry] = []
        for project in listed where drafts[project.name] == nil { kept += index?.entries(of: project.name) ?? [] }
        let taken = drafts.values.flatMap { $0.files.compactMap(\.taken) }
        for (entry, isHeld) in zip(kept + taken, try session.holds((kept + taken).map(\.digest))) where !isHeld {
            throw ChantalError(
                .store, "the store has lost '\(entry.path)' of '\(session.repository)'",
                hint: "chantal verify tells what else; add or remove that file", path: entry.path.description)
        }
        var plan = SyncPlan(
            roots: [], files: uploads, packages: 0, verified: false, isRegenerated: true,
            compose: { [self] in try compose(listed, kept, $0) })
        plan.isDecidedByManifest = true
        return plan
    }

    private func compose(_ listed: [ListedProject], _ kept: [ManifestEntry], _ contents: PlanContents) throws
        -> Composition
    {
        var composer = IndexComposer(session: session, publicURL: IndexComposer.publicURL(section))
        composer.keep(kept)
        for project in listed {
            guard var draft = drafts[project.name] else { continue }
            // The same files give the same page, in whatever order they came.
            draft.files.sort { $0.file.filename < $1.file.filename }
            _ = try composer.add(draft, contents)
        }
        try composer.addList(listed)
        return Composition(composer.entries, withdrawn: composer.withdrawn, packages: composer.packages)
    }
}

/// A word that names files of an index: a requirement (`hello`, `hello==1.0`), or a file.
private struct PackageWord {
    let text: String
    private let requirement: Requirement?

    init(_ text: String) {
        self.text = text
        let found = try? Requirement(text)  // a file's name need not be one
        requirement = found?.url == nil && found?.marker == nil ? found : nil
    }

    /// Whether it may name files of a project.
    func mayName(_ project: ProjectName) -> Bool {
        requirement?.name == project || DistributionFilename(text, of: project) != nil
    }

    func names(_ filename: String, of project: ProjectName) -> Bool {
        if text == filename { return true }
        guard let requirement, requirement.name == project else { return false }
        guard !requirement.specifiers.isEmpty else { return true }
        guard let version = DistributionFilename(filename, of: project)?.version else { return false }
        return requirement.specifiers.contains(version, preReleases: true)
    }
}
