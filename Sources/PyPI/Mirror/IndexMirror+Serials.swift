import Basics
import Mirroring

// Where the last state of a project is kept: upstream's is older, by its own serials, or does not come.

extension IndexMirror {
    /// Notes what was seen of upstream, for what it says now may be older.
    func noticeSerials() throws {
        if session.acceptsRemovals { return }
        let projects = try previous.get()?.projects() ?? []
        serials = SeenSerials(Dictionary(projects.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
    }

    /// How a project is listed whose last state is taken over.
    func takenOver(_ part: Part) -> ListedProject {
        var project = ListedProject(name: part.demand.name, displayName: part.demand.displayName)
        let isOlder = serials.isOlder(part.serial, than: project.name)
        project.serial = isOlder ? part.known?.serial : part.serial
        project.seen = isOlder ? serials[project.name] : part.serial ?? serials[project.name]
        return project
    }

    /// The last state of a project, if nothing of what was wanted instead came in.
    func keepInstead(of draft: ProjectDraft, _ contents: PlanContents) throws -> [ManifestEntry]? {
        guard !draft.files.isEmpty, let index = try previous.get(),
            draft.files.allSatisfy({ $0.taken == nil && contents.failed.contains($0.path) }),
            let kept = try keep(draft.name, index),
            kept.contains(where: { $0.role == .package && !ProjectPlanner.isTwin($0.path) })
        else { return nil }
        return kept
    }

    /// Keeps the last state of a project if its page is older than the one that is mirrored.
    func keepOlder(_ project: ListedProject, _ serial: Int64?, _ index: PublishedIndex?) throws -> Bool {
        guard serials.isOlder(serial, than: project.name), let index, let kept = try keep(project.name, index) else {
            return false
        }
        serials.noteOlder(page: project.name, serial)
        forgetPage(project.name)
        add(project, .kept(kept))
        return true
    }
}
