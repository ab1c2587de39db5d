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
        var before: [ProjectName: ListedProject] = [:]
        if session.validatorsHold {
            for project in published { before[project.name] = project }
        }
        // What is published has no serial of a page that was behind the list.
        let listed = isSameList && note == nil ? before : try read(request, answer)
        let projects = listed.values.sorted { $0.name < $1.name }
        let asked = projects.indices.filter { index in
            guard let serial = projects[index].serial else { return true }
            return before[projects[index].name]?.serial != serial
        }
        let answers = try pages.ask(asked.map { projects[$0].name })
        if isSameList, answers.allSatisfy(IndexMirror.isUnchanged) { return .unchanged }
        var parts = projects.map { project in
            var demand = ProjectDemand(project.name, displayName: project.displayName)
            demand.isNamed = false
            return Part(
                demand: demand, serial: project.serial,
                knownSerial: before[project.name]?.serial, answer: nil)
        }
        for (index, answer) in zip(asked, answers) { parts[index].answer = answer }
        try keepVanished(of: published, listed)
        var plan = try plan(parts, isWholeIndex: true)
        if projects.allSatisfy({ $0.serial != nil }) {
            plan.notes[IndexMirror.serialsNote] = stale.isEmpty ? IndexMirror.allSerials : IndexMirror.someSerials
        }
        return .changed(plan)
    }

    /// Noted where the list tells the serial of every project.
    private static let serialsNote = "serials"
    /// Every page is of its serial or later: an unchanged list means that no page has changed.
    private static let allSerials = "all"
    /// Some page was older than the list says.
    private static let someSerials = "some"

    private func read(_ request: RootRequest, _ answer: RootAnswer) throws -> [ProjectName: ListedProject] {
        var listed: [ProjectName: ListedProject] = [:]
        var invalid: [String] = []
        let list = try pages.list(request, answer).projects
        for project in list {
            guard let name = ProjectName(project.name) else {
                invalid.append(project.name)
                continue
            }
            guard selection.mayTake(name), listed[name] == nil else { continue }
            listed[name] = ListedProject(name: name, displayName: project.name, serial: project.serial)
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

    /// More than a tenth of all projects do not go at once, unless the user says so.
    private func keepVanished(of published: [ListedProject], _ listed: [ProjectName: ListedProject]) throws {
        guard let index = try previous.get(), !session.acceptsRemovals else { return }
        let before = published.filter { selection.mayTake($0.name) }
        let gone = before.filter { listed[$0.name] == nil }
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
