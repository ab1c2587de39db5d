import Basics
import Mirroring

/// Plans the next generation of an index: asks for the pages that may have changed, and takes over the rest.
final class IndexMirror {
    private let session: SyncSession
    private let section: RepositorySection
    private let pages: IndexPages
    private let selection: FileSelection
    /// Read when it is first needed: an index where nothing has changed needs none.
    private lazy var previous = Result { try session.previousState().map(PublishedIndex.init) }

    private var outcomes: [(project: ListedProject, outcome: ProjectOutcome)] = []
    private var held: [ChantalError] = []
    private var defects: [SyncPlan.Defect] = []

    init(session: SyncSession, section: RepositorySection) {
        self.session = session
        self.section = section
        pages = IndexPages(session: session)
        selection = FileSelection(section)
    }

    func plan() throws -> PlanOutcome {
        switch WantedProjects(section) {
        case .named(let demands): try planNamed(demands)
        case .index: try planIndex()
        }
    }

    // MARK: What is asked for

    private func planNamed(_ demands: [ProjectDemand]) throws -> PlanOutcome {
        let wanted = demands.filter { selection.mayTake($0.name) }
        let answers = try pages.ask(wanted.map(\.name))
        if session.mayBeUnchanged, answers.allSatisfy(IndexMirror.isUnchanged) { return .unchanged }
        var parts: [Part] = []
        for (demand, answer) in zip(wanted, answers) { parts.append(Part(demand: demand, serial: nil, answer: answer)) }
        return .changed(try plan(parts, isWholeIndex: false))
    }

    private func planIndex() throws -> PlanOutcome {
        let (request, answer) = try pages.askForList()
        if session.mayBeUnchanged, case .unchanged = answer { return .unchanged }
        var listed: [ProjectName: ListedProject] = [:]
        for project in try pages.list(request, answer).projects {
            guard let name = ProjectName(project.name), selection.mayTake(name), listed[name] == nil else { continue }
            listed[name] = ListedProject(name: name, displayName: project.name, serial: project.serial)
        }
        let before = try session.validatorsHold ? previousList() : [:]
        let projects = listed.values.sorted { $0.name < $1.name }
        let asked = projects.indices.filter { index in
            guard let serial = projects[index].serial else { return true }
            return before[projects[index].name]?.serial != serial
        }
        let answers = try pages.ask(asked.map { projects[$0].name })
        var parts = projects.map { project in
            Part(
                demand: ProjectDemand(project.name, displayName: project.displayName), serial: project.serial,
                answer: nil)
        }
        for (index, answer) in zip(asked, answers) { parts[index].answer = answer }
        try keepVanished(listed)
        return .changed(try plan(parts, isWholeIndex: true))
    }

    private func previousList() throws -> [ProjectName: ListedProject] {
        let projects = try previous.get()?.projects() ?? []
        return Dictionary(projects.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func isUnchanged(_ answer: Result<RootAnswer, ChantalError>) -> Bool {
        if case .success(.unchanged) = answer { true } else { false }
    }

    /// More than a tenth of all projects do not go at once, unless the user says so.
    private func keepVanished(_ listed: [ProjectName: ListedProject]) throws {
        guard let index = try previous.get(), !session.acceptsRemovals else { return }
        let before = try index.projects().filter { selection.mayTake($0.name) }
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
            outcomes.append((project, .kept(kept)))
        }
    }

    /// What the generation before holds of a project; nil if that is nothing, or no longer in the store.
    private func keep(_ project: ProjectName, _ index: PublishedIndex) throws -> [ManifestEntry]? {
        let entries = index.entries(of: project)
        guard index.state.manifest[IndexPath.json(project)] != nil else { return nil }
        guard try session.holds(entries.map(\.digest)).allSatisfy({ $0 }) else { return nil }
        return entries
    }

    // MARK: What becomes of each project

    private struct Part {
        let demand: ProjectDemand
        let serial: Int64?
        /// Nil where the list already says that nothing has changed.
        var answer: Result<RootAnswer, ChantalError>?
    }

    private func plan(_ parts: [Part], isWholeIndex: Bool) throws -> SyncPlan {
        let index = try previous.get()
        var planner = ProjectPlanner(
            session: session, selection: selection, previous: index,
            requiresHashes: section.value(CommonSettings.verify),
            mirrorsProvenance: section.value(IndexSettings.provenance))
        for part in parts {
            try session.checkCancellation()
            try take(part, index, &planner, isWholeIndex: isWholeIndex)
        }
        outcomes.sort { $0.project.name < $1.project.name }
        try rememberFirstSight()
        var plan = SyncPlan(
            roots: [], files: planner.files, packages: 0, verified: false, nextChangeAt: planner.nextRelease,
            isRegenerated: true, defects: defects + planner.defects,
            compose: { [self] in try compose($0) })
        plan.packages = outcomes.reduce(0) { $0 + $1.outcome.packages }
        plan.isDecidedByManifest = true
        plan.held = held
        return plan
    }

    private func take(
        _ part: Part, _ index: PublishedIndex?, _ planner: inout ProjectPlanner, isWholeIndex: Bool
    ) throws {
        let name = part.demand.name
        var project = ListedProject(name: name, displayName: part.demand.displayName, serial: part.serial)
        var asked = part.answer
        if asked.map(IndexMirror.isUnchanged) ?? true {
            if let index, let kept = try keep(name, index) {
                outcomes.append((project, .kept(kept)))
                return
            }
            asked = nil
        }
        let answer = try asked ?? pages.ask([name], again: true)[0]
        do {
            let page: ProjectPage?
            switch answer {
            case .success(.fetched(let file)): page = try pages.page(name, file)
            case .success(.absent): page = nil
            case .success(.unchanged):
                throw ChantalError(.network, "upstream says of the page of \(name) that it is as before, unasked")
            case .failure(let error): throw error
            }
            if let alarm = try planner.alarm(name, page) {
                held.append(alarm)
                try keepLast(&project, index)
                return
            }
            guard let page else {
                if isWholeIndex { return }
                throw ChantalError(
                    .missing, "upstream has no project \(name)", hint: "is its name right?",
                    path: "\(IndexPath.page(name))")
            }
            let draft = try planner.draft(part.demand, page)
            if planner.isWaiting { forget(&project) }
            outcomes.append((project, .drafted(draft)))
        } catch let error as ChantalError where IndexMirror.isAboutOneProject(error) {
            defects.append(
                SyncPlan.Defect(
                    path: IndexPath.page(name), error: error.within("the project \(name) keeps its last state")))
            try keepLast(&project, index)
        }
    }

    /// Whether the other projects can go on.
    private static func isAboutOneProject(_ error: ChantalError) -> Bool {
        ![.interrupted, .io, .noSpace, .permission, .store, .locked, .bug].contains(error.code)
    }

    private func keepLast(_ project: inout ListedProject, _ index: PublishedIndex?) throws {
        forget(&project)
        if let index, let kept = try keep(project.name, index) { outcomes.append((project, .kept(kept))) }
    }

    /// The next sync asks for the page again, whatever upstream says of it.
    private func forget(_ project: inout ListedProject) {
        session.forgetRoot(IndexPath.page(project.name), source: pages.request(project.name).source)
        project.serial = nil
    }

    /// What is taken over stays known to a quarantine.
    private func rememberFirstSight() throws {
        guard selection.rules.minAge != nil else { return }
        var known: [Checksum] = []
        for case (_, .kept(let entries)) in outcomes {
            for entry in entries where entry.role == .package && !ProjectPlanner.isTwin(entry.path) {
                known.append(Checksum(entry.digest))
            }
        }
        _ = try session.firstSeen(known)
    }

    // MARK: The generation

    private func compose(_ contents: PlanContents) throws -> Composition {
        var url = section.value(CommonSettings.publicURL)?.text
        while url?.hasSuffix("/") == true { url?.removeLast() }
        var composer = IndexComposer(session: session, publicURL: url)
        var listed: [ListedProject] = []
        for (project, outcome) in outcomes {
            var project = project
            switch outcome {
            case .kept(let entries): composer.keep(entries)
            case .drafted(let draft):
                if try !composer.add(draft, contents) { forget(&project) }
            }
            listed.append(project)
        }
        try composer.addList(listed)
        return Composition(composer.entries, withdrawn: composer.withdrawn, packages: composer.packages)
    }
}

extension ProjectOutcome {
    /// The number of files that it offers, if all come in.
    var packages: Int {
        switch self {
        case .kept(let entries): entries.count { $0.role == .package && !ProjectPlanner.isTwin($0.path) }
        case .drafted(let draft): draft.files.count
        }
    }
}
