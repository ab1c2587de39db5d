import Basics
import Mirroring

// Repositories without `projects`: what the list of an index names, of which serials tell what has changed.

extension IndexMirror {
    func planIndex() throws -> PlanOutcome {
        let (request, answer) = try pages.askForList()
        let isSameList = session.mayBeUnchanged && IndexMirror.isUnchanged(.success(answer))
        let note = session.previous?.notes[IndexMirror.serialsNote]
        if isSameList, note == IndexMirror.allSerials { return .unchanged }
        let published = try previous.get()?.projects() ?? []
        let known = Dictionary(published.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let before = session.validatorsHold ? known : [:]
        if !session.acceptsRemovals { serials = SeenSerials(known) }
        // What is published has no serial of a page that was behind the list.
        var list = isSameList && note == nil ? ListedIndex(unchanged: before) : try read(request, answer)
        let isOlder = isOlder(list)
        if isOlder { leaveWhatIsGone(&list, before) }
        let projects = list.projects.values.sorted { $0.name < $1.name }
        let asked = projects.indices.filter { index in
            let name = projects[index].name
            guard let serial = projects[index].serial, let known = before[name]?.serial else { return true }
            return session.acceptsRemovals ? serial != known : serial > known
        }
        let answers = try pages.ask(asked.map { projects[$0].name })
        if isSameList, answers.allSatisfy(IndexMirror.isUnchanged) { return .unchanged }
        var parts = projects.map { project in
            var demand = ProjectDemand(project.name, displayName: project.displayName)
            demand.isNamed = false
            return Part(demand: demand, serial: project.serial, known: before[project.name], answer: nil)
        }
        for (index, answer) in zip(asked, answers) { parts[index].answer = answer }
        try keepVanished(of: published, list, isOlder: isOlder)
        tellsSerials = selection.takesWholeProjects
        var plan = try plan(parts, isWholeIndex: true)
        // An unchanged list would not tell of what is older.
        if isOlder || !serials.older.isEmpty { session.forgetRoot(IndexPath.list, source: request.source) }
        if projects.allSatisfy({ $0.serial != nil }) {
            plan.notes[IndexMirror.serialsNote] =
                serials.late.isEmpty ? IndexMirror.allSerials : IndexMirror.someSerials
        }
        return .changed(plan)
    }

    /// Noted where the list tells the serial of every project.
    private static let serialsNote = "serials"
    /// Every page is of its serial or later: an unchanged list means that no page has changed.
    private static let allSerials = "all"
    /// Some page was older than the list says.
    private static let someSerials = "some"

    /// The projects of a list that may be mirrored.
    private struct ListedIndex {
        var projects: [ProjectName: ListedProject] = [:]
        /// Of the last change that the list tells of.
        var serial: Int64?

        init(serial: Int64?) { self.serial = serial }

        /// A list without serials that is as before.
        init(unchanged projects: [ProjectName: ListedProject]) {
            self.projects = projects.mapValues { ListedProject(name: $0.name, displayName: $0.displayName) }
        }
    }

    private func read(_ request: RootRequest, _ answer: RootAnswer) throws -> ListedIndex {
        let page = try pages.list(request, answer)
        let list = page.projects
        var listed = ListedIndex(serial: page.serial)
        var invalid: [String] = []
        for project in list {
            guard let name = ProjectName(project.name) else {
                invalid.append(project.name)
                continue
            }
            guard selection.mayTake(name), listed.projects[name] == nil else { continue }
            var own = ListedProject(name: name, displayName: project.name)
            own.serial = project.serial
            listed.projects[name] = own
        }
        if list.isEmpty {
            warnings.append(
                "the list of projects of '\(session.repository)' is empty: is the URL that of a simple index?")
        }
        if invalid.isEmpty { return listed }
        let some = invalid.prefix(3).map { "'\(RepositoryPath(trusted: Array($0.utf8.prefix(100))))'" }
            .joined(separator: ", ")
        if invalid.count == list.count {
            throw ChantalError(
                .malformed,
                "nothing in the list of projects of '\(session.repository)' is the name of a project: \(some)",
                hint: "is the URL that of a simple index? It ends with /simple/ at most indexes",
                url: session.bases.first)
        }
        warnings.append(
            "\(invalid.count) names in the list of projects are no names of projects, and are left out: \(some)\(invalid.count > 3 ? ", …" : "")"
        )
        return listed
    }

    /// Whether a list is older than what was seen.
    private func isOlder(_ list: ListedIndex) -> Bool {
        if let serial = list.serial, let newest = serials.newest, serial < newest { return true }
        return list.projects.values.contains { serials.isOlder($0.serial, than: $0.name) }
    }

    /// Takes out of an older list what had gone since, and notes what else it would take back.
    private func leaveWhatIsGone(_ list: inout ListedIndex, _ before: [ProjectName: ListedProject]) {
        let newest = serials.newest ?? .max
        let gone = list.projects.values.filter { project in
            !before.isEmpty && before[project.name] == nil && (project.serial ?? newest) <= newest
        }
        for project in gone { list.projects[project.name] = nil }
        let older = list.projects.values.contains { serials.isOlder($0.serial, than: $0.name) }
        let lacks = before.keys.contains { selection.mayTake($0) && list.projects[$0] == nil }
        if older || lacks || !gone.isEmpty {
            serials.noteOlder(list: list.serial, list.projects.values)
        }
    }

    /// What an older list lacks is kept. Of any other list more than a tenth of all projects do not go at once, unless the user says so.
    private func keepVanished(of published: [ListedProject], _ list: ListedIndex, isOlder: Bool) throws {
        guard let index = try previous.get(), !session.acceptsRemovals else { return }
        let before = published.filter { selection.mayTake($0.name) }
        let gone = before.filter { list.projects[$0.name] == nil }
        if isOlder {
            for project in gone {
                if let kept = try keep(project.name, index) { add(project, .kept(kept)) }
            }
            return
        }
        guard gone.count * 10 > before.count else { return }
        let some = gone.prefix(5).map(\.name.text).joined(separator: ", ")
        held.append(
            ChantalError(
                .held,
                "\(gone.count) of \(before.count) projects are gone from the list of '\(session.repository)' (\(some)\(gone.count > 5 ? ", …" : "")): they are kept",
                hint: "sync with --accept-removals if that is right", path: "\(IndexPath.list)"))
        for project in gone {
            guard let kept = try keep(project.name, index) else { continue }
            var project = project
            project.serial = nil
            add(project, .kept(kept))
        }
    }
}
