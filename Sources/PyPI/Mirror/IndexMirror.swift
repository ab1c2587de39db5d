import Basics
import Mirroring

/// Plans the next generation of an index: asks for the pages that may have changed, and takes over the rest.
final class IndexMirror {
    let session: SyncSession
    let section: RepositorySection
    let pages: IndexPages
    private(set) var selection: FileSelection
    /// Read when it is first needed: where nothing has changed none is.
    lazy var previous = Result { try session.previousState().map(PublishedIndex.init) }

    private var outcomes: [(project: ListedProject, outcome: ProjectOutcome)] = []
    private var held: [ChantalError] = []
    var defects: [SyncPlan.Defect] = []
    var warnings: [String] = []

    /// A project with what upstream said of its page.
    struct Part {
        var demand: ProjectDemand
        var serial: Int64?
        /// Nil where the list already says that nothing has changed.
        var answer: Result<RootAnswer, ChantalError>?

        /// Whether its last state may be taken over as it is.
        var isUnchanged: Bool {
            if case .success(.unchanged)? = answer { true } else { answer == nil }
        }
    }

    init(session: SyncSession, section: RepositorySection) {
        self.session = session
        self.section = section
        pages = IndexPages(session: session)
        selection = FileSelection(section)
    }

    func plan() throws -> PlanOutcome {
        let wanted = try WantedProjects(section, targets: selection.targets.targets, session: session)
        warnings += wanted.warnings
        if wanted.takesPreReleases { selection.takesPreReleases = true }
        guard let demands = wanted.demands else { return try planIndex() }
        let isSame = wanted.inputs?.hex == session.previous?.notes[IndexMirror.inputsNote]
        var plan: SyncPlan
        if selection.rules.dependencies {
            guard let found = try planClosure(wanted, isSame: isSame) else { return .unchanged }
            plan = found
        } else {
            let own = demands.filter { selection.mayTake($0.name) }
            // The same page means something else to other requirements.
            let answers = try pages.ask(own.map(\.name), again: !isSame)
            if isSame, session.mayBeUnchanged, answers.allSatisfy(IndexMirror.isUnchanged) { return .unchanged }
            plan = try self.plan(zip(own, answers).map { Part(demand: $0, serial: nil, answer: $1) })
        }
        if let inputs = wanted.inputs { plan.notes[IndexMirror.inputsNote] = inputs.hex }
        return .changed(plan)
    }

    /// The digest of requirements and lock files, which the configuration's own digest takes for what they are, not for what they include.
    private static let inputsNote = "inputs"

    static func isUnchanged(_ answer: Result<RootAnswer, ChantalError>) -> Bool {
        if case .success(.unchanged) = answer { true } else { false }
    }

    // MARK: The whole index

    private func planIndex() throws -> PlanOutcome {
        let (request, answer) = try pages.askForList()
        let isSameList = session.mayBeUnchanged && IndexMirror.isUnchanged(.success(answer))
        if isSameList, session.previous?.notes[IndexMirror.serialsNote] != nil { return .unchanged }
        var before: [ProjectName: ListedProject] = [:]
        if session.validatorsHold {
            for project in try previous.get()?.projects() ?? [] { before[project.name] = project }
        }
        let listed = isSameList ? before : try read(request, answer)
        let projects = listed.values.sorted { $0.name < $1.name }
        let asked = projects.indices.filter { index in
            guard let serial = projects[index].serial else { return true }
            return before[projects[index].name]?.serial != serial
        }
        let answers = try pages.ask(asked.map { projects[$0].name })
        if isSameList, answers.allSatisfy(IndexMirror.isUnchanged) { return .unchanged }
        var parts = projects.map { project in
            Part(
                demand: ProjectDemand(project.name, displayName: project.displayName), serial: project.serial,
                answer: nil)
        }
        for (index, answer) in zip(asked, answers) { parts[index].answer = answer }
        try keepVanished(listed)
        var plan = try plan(parts, isWholeIndex: true)
        if projects.allSatisfy({ $0.serial != nil }) { plan.notes[IndexMirror.serialsNote] = "all" }
        return .changed(plan)
    }

    /// Noted where the list tells the serial of every project, so that an unchanged list means that no page has changed.
    private static let serialsNote = "serials"

    private func read(_ request: RootRequest, _ answer: RootAnswer) throws -> [ProjectName: ListedProject] {
        var listed: [ProjectName: ListedProject] = [:]
        for project in try pages.list(request, answer).projects {
            guard let name = ProjectName(project.name), selection.mayTake(name), listed[name] == nil else { continue }
            listed[name] = ListedProject(name: name, displayName: project.name, serial: project.serial)
        }
        return listed
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
}

// MARK: What becomes of each project

extension IndexMirror {
    /// What the generation before holds of a project; nil if that is nothing, or no longer in the store.
    func keep(_ project: ProjectName, _ index: PublishedIndex) throws -> [ManifestEntry]? {
        let entries = index.entries(of: project)
        guard index.state.manifest[IndexPath.json(project)] != nil else { return nil }
        guard try session.holds(entries.map(\.digest)).allSatisfy({ $0 }) else { return nil }
        return entries
    }

    func makePlanner() throws -> ProjectPlanner {
        ProjectPlanner(
            session: session, selection: selection, previous: try previous.get(),
            requiresHashes: section.value(CommonSettings.verify),
            mirrorsProvenance: section.value(IndexSettings.provenance))
    }

    func plan(_ parts: [Part], isWholeIndex: Bool = false) throws -> SyncPlan {
        let index = try previous.get()
        var planner = try makePlanner()
        var parts = parts
        let kept = try takeOver(&parts, index)
        for (part, kept) in zip(parts, kept) {
            try session.checkCancellation()
            if let kept {
                let project = ListedProject(
                    name: part.demand.name, displayName: part.demand.displayName, serial: part.serial)
                outcomes.append((project, .kept(kept)))
            } else {
                try take(part, index, &planner, isWholeIndex: isWholeIndex)
            }
        }
        return try finish(planner)
    }

    /// For each part what is taken over; what should be and is not there whole is asked for again.
    private func takeOver(_ parts: inout [Part], _ index: PublishedIndex?) throws -> [[ManifestEntry]?] {
        var kept = [[ManifestEntry]?](repeating: nil, count: parts.count)
        var digests: [Digest] = []
        for place in parts.indices where parts[place].isUnchanged {
            guard let index, index.state.manifest[IndexPath.json(parts[place].demand.name)] != nil else { continue }
            let entries = index.entries(of: parts[place].demand.name)
            kept[place] = entries
            digests += entries.map(\.digest)
        }
        let held = try session.holds(digests)
        var next = 0
        for place in parts.indices {
            guard let entries = kept[place] else { continue }
            if held[next..<(next + entries.count)].contains(false) { kept[place] = nil }
            next += entries.count
        }
        let again = parts.indices.filter { parts[$0].isUnchanged && kept[$0] == nil }
        for (place, answer) in zip(again, try pages.ask(again.map { parts[$0].demand.name }, again: true)) {
            parts[place].answer = answer
        }
        return kept
    }

    private func take(
        _ part: Part, _ index: PublishedIndex?, _ planner: inout ProjectPlanner, isWholeIndex: Bool
    ) throws {
        let name = part.demand.name
        var project = ListedProject(name: name, displayName: part.demand.displayName, serial: part.serial)
        do {
            guard let answer = part.answer else { return }
            let page = try page(name, answer)
            if let alarm = try planner.alarm(name, page) { return try hold(alarm, &project, index) }
            guard let page else {
                if isWholeIndex { return }
                guard session.acceptsRemovals, index?.state.manifest[IndexPath.json(name)] != nil else {
                    throw IndexMirror.unknown(name)
                }
                warnings.append(
                    "upstream no longer has the project \(name), and so it is no longer mirrored: take it out of 'projects' and the requirements"
                )
                return
            }
            let draft = try planner.draft(part.demand, page)
            // A page that is older than the list comes from a cache; it is asked for again.
            let isStale = (page.serial ?? .max) < (part.serial ?? .min)
            if planner.isWaiting || isStale { forget(&project) }
            outcomes.append((project, .drafted(draft)))
        } catch let error as ChantalError where IndexMirror.isAboutOneProject(error) {
            try fail(error, &project, index)
        }
    }

    /// Nil if upstream has no such project.
    func page(_ name: ProjectName, _ answer: Result<RootAnswer, ChantalError>) throws -> ProjectPage? {
        switch answer {
        case .success(.fetched(let file)): return try pages.page(name, file)
        case .success(.absent): return nil
        case .success(.unchanged):
            throw ChantalError(.network, "upstream says of the page of \(name) that it is as before, unasked")
        case .failure(let error): throw error
        }
    }

    static func unknown(_ name: ProjectName) -> ChantalError {
        ChantalError(
            .missing, "upstream has no project \(name)",
            hint:
                "is its name right? One that upstream has deleted is to be taken out of 'projects' and the requirements",
            path: "\(IndexPath.page(name))")
    }

    func hold(_ alarm: ChantalError, _ project: inout ListedProject, _ index: PublishedIndex?) throws {
        held.append(alarm)
        try keepLast(&project, index)
    }

    func fail(_ error: ChantalError, _ project: inout ListedProject, _ index: PublishedIndex?) throws {
        let what =
            index?.state.manifest[IndexPath.json(project.name)] == nil ? "is not mirrored" : "keeps its last state"
        defects.append(
            SyncPlan.Defect(
                path: IndexPath.page(project.name), error: error.within("the project \(project.name) \(what)")))
        try keepLast(&project, index)
    }

    func add(_ project: ListedProject, _ outcome: ProjectOutcome) { outcomes.append((project, outcome)) }

    /// Whether the other projects can go on.
    static func isAboutOneProject(_ error: ChantalError) -> Bool {
        ![.interrupted, .io, .noSpace, .permission, .store, .locked, .bug].contains(error.code)
    }

    private func keepLast(_ project: inout ListedProject, _ index: PublishedIndex?) throws {
        forget(&project)
        if let index, let kept = try keep(project.name, index) { outcomes.append((project, .kept(kept))) }
    }

    /// The next sync asks for the page again, whatever upstream says of it.
    func forget(_ project: inout ListedProject) {
        session.forgetRoot(IndexPath.page(project.name), source: pages.request(project.name).source)
        project.serial = nil
    }
}

// MARK: The generation

extension IndexMirror {
    func finish(_ planner: ProjectPlanner) throws -> SyncPlan {
        // There is no last good state to keep: an index without all that was asked for would be called one.
        if session.previous == nil, outcomes.isEmpty, !defects.isEmpty {
            throw IndexMirror.nothing(defects.map(\.error))
        }
        outcomes.sort { $0.project.name < $1.project.name }
        try rememberFirstSight()
        var plan = SyncPlan(
            roots: [], files: planner.files, packages: outcomes.reduce(0) { $0 + $1.outcome.packages }, verified: false,
            nextChangeAt: planner.nextRelease, isRegenerated: true, defects: defects + planner.defects,
            warnings: warnings, compose: { [self] in try compose($0) })
        plan.isDecidedByManifest = true
        plan.held = held
        return plan
    }

    private static func nothing(_ errors: [ChantalError]) -> any Error {
        if errors.count == 1 { return errors[0] }
        let first = errors[0]
        return ChantalError(
            first.code, "none of \(errors.count) projects could be read; the first: \(first.message)", hint: first.hint,
            path: first.path, url: first.url)
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

    private func compose(_ contents: PlanContents) throws -> Composition {
        var composer = IndexComposer(session: session, publicURL: IndexComposer.publicURL(section))
        var listed: [ListedProject] = []
        listed.reserveCapacity(outcomes.count)
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
