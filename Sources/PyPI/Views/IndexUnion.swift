import Basics
import Hashing
import Mirroring

/// Several indexes as one: projects united by their normalised names, each with the files of all members that a filter takes.
///
/// Where several members have a project, the first one's display name and status (PEP 792) count; where several have a file of one name,
/// that of the first with all that its page says of it.
final class IndexUnion {
    private let session: SyncSession
    private let section: RepositorySection
    private let members: [(name: String, index: PublishedIndex)]
    /// Nil without a filter.
    private let selection: FileSelection?
    private var quarantine: FileQuarantine
    /// Files that another member has under the same name with other bytes, as `NAME of MEMBER`.
    private var disputed: [String] = []

    init(_ members: [ViewMember], session: SyncSession, section: RepositorySection) {
        self.session = session
        self.section = section
        self.members = members.map { ($0.name, PublishedIndex($0.state)) }
        selection = section.filter == nil ? nil : FileSelection(section)
        quarantine = FileQuarantine(session: session, rules: selection?.rules ?? FilterRules())
    }

    func plan() throws -> SyncPlan {
        var projects: [ProjectName: Project] = [:]
        var packages = 0
        for (number, member) in members.enumerated() {
            for listed in try member.index.projects() where selection?.mayTake(listed.name) ?? true {
                projects[listed.name, default: Project(displayName: listed.displayName)].members.append(number)
                packages += member.index.files(of: listed.name).count { !ProjectPlanner.isTwin($0.path) }
            }
        }
        let sorted = projects.sorted { $0.key < $1.key }
        var decided: Digest?
        if selection != nil { (packages, decided) = try decide(sorted) }
        return SyncPlan(
            roots: [], files: [], packages: packages, verified: false, nextChangeAt: quarantine.nextRelease,
            facts: decided.map { [$0] } ?? [], isRegenerated: true,
            compose: { [self] in try compose(sorted, $0) })
    }

    /// Selects once in advance, without keeping what a large index would take too much memory for.
    /// - Returns: the number of files, and a digest that tells them from others.
    private func decide(_ projects: [(key: ProjectName, value: Project)]) throws -> (Int, Digest) {
        var hasher = SHA256Hasher()
        var count = 0
        for (number, (name, project)) in projects.enumerated() {
            if number & 0xff == 0 { try session.checkCancellation() }
            let files = try draft(name, project).files
            count += files.count
            for file in files { file.path.bytes.withUnsafeBytes { hasher.update($0) } }
        }
        return (count, hasher.finish())
    }

    private struct Project {
        let displayName: String
        /// Numbers of those that have it, in order.
        var members: [Int] = []
    }

    private func compose(_ projects: [(key: ProjectName, value: Project)], _ contents: PlanContents) throws
        -> Composition
    {
        var url = section.value(CommonSettings.publicURL)?.text
        while url?.hasSuffix("/") == true { url?.removeLast() }
        var composer = IndexComposer(session: session, publicURL: url)
        disputed = []
        for (number, (name, project)) in projects.enumerated() {
            if number & 0xff == 0 { try session.checkCancellation() }
            _ = try composer.add(draft(name, project), contents)
        }
        // Serials count the changes of one index each; those of several mean nothing together.
        try composer.addList(
            projects.map { ListedProject(name: $0.key, displayName: $0.value.displayName) })
        if let first = disputed.first {
            session.warn(
                "\(first)\(disputed.count > 1 ? " and \(disputed.count - 1) other files" : "") is left out: an earlier member has a file of that name with other content"
            )
        }
        return Composition(composer.entries, withdrawn: composer.withdrawn, packages: composer.packages)
    }

    private func draft(_ name: ProjectName, _ project: Project) throws -> ProjectDraft {
        var (draft, others) = try united(name, project)
        if let selection {
            let files = draft.files.map { ParsedFile($0.file, of: name) }
            let demand = ProjectDemand(name, displayName: draft.displayName)
            let chosen = try quarantine.choosing(files) { selection.choose(files, for: demand, releases: $0) }
            draft.files = chosen.map { draft.files[$0] }
            let taken = Set(draft.files.map(\.file.filename))
            others.removeAll { !taken.contains($0.filename) }
        }
        disputed += others.map { "'\($0.filename)' of '\($0.member)'" }
        return draft
    }

    /// A project with the files of all members, and the files that an earlier member has with other bytes.
    private func united(_ name: ProjectName, _ project: Project) throws -> (
        ProjectDraft, others: [(filename: String, member: String)]
    ) {
        var others: [(filename: String, member: String)] = []
        var draft = ProjectDraft(name: name, displayName: project.displayName)
        var taken: [String: Digest] = [:]
        for (place, number) in project.members.enumerated() {
            let member = members[number]
            guard let page = try member.index.page(of: name) else { continue }
            if place == 0 {
                draft.status = page.status
                draft.statusReason = page.statusReason
            }
            // Whoever has it first warns of it: then none of its files are offered, wherever they come from.
            if draft.status == ProjectPage.quarantined { break }
            for file in page.files {
                let path = try IndexPath.file(file.filename, of: name)
                guard let entry = member.index.state.manifest[path] else { continue }
                if let known = taken[file.filename] {
                    if known != entry.digest { others.append((file.filename, member.name)) }
                    continue
                }
                taken[file.filename] = entry.digest
                draft.files.append(fileDraft(file, entry, member.index))
            }
        }
        return (draft, others)
    }

    private func fileDraft(_ file: ProjectFile, _ entry: ManifestEntry, _ index: PublishedIndex) -> FileDraft {
        func twin(_ suffix: String) -> FileDraft.Twin {
            guard let path = IndexPath.twin(entry.path, suffix), let twin = index.state.manifest[path] else {
                return .none
            }
            return .taken(twin)
        }
        return FileDraft(
            file: file, path: entry.path, isWheel: entry.path.bytes.suffix(4).elementsEqual(".whl".utf8), taken: entry,
            metadata: twin(IndexPath.metadataSuffix), provenance: twin(IndexPath.provenanceSuffix), why: file.why)
    }
}

extension PyPIEcosystem {
    public func unite(_ members: [ViewMember], _ session: SyncSession) throws -> SyncPlan {
        try IndexUnion(members, session: session, section: section).plan()
    }
}
