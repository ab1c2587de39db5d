import Basics
import Mirroring

// What upstream says is older than what is mirrored, by its own serials.

extension IndexMirror {
    /// Notes what was seen of upstream, for what it says now may be older.
    func noticeSerials() throws {
        if session.acceptsRemovals { return }
        serials = SeenSerials(try previous.get()?.projects() ?? [])
    }

    /// How a project is listed whose last state is taken over.
    func takenOver(_ part: Part) -> ListedProject {
        var project = ListedProject(name: part.demand.name, displayName: part.demand.displayName)
        let isOlder = serials.isOlder(part.serial, than: project.name)
        project.serial = isOlder ? part.known?.serial : part.serial
        project.seen = isOlder ? serials[project.name] : part.serial ?? serials[project.name]
        return project
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
