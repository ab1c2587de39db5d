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

    var outcomes: [(project: ListedProject, outcome: ProjectOutcome)] = []
    var held: [ChantalError] = []
    var defects: [SyncPlan.Defect] = []
    var warnings: [String] = []
    /// Empty before ``noticeSerials()``.
    var serials = SeenSerials([:])
    /// Whether what is mirrored of a project changes only with upstream's serial of it.
    var tellsSerials = false

    /// A project with what upstream said of its page.
    struct Part {
        var demand: ProjectDemand
        /// As the list has it now.
        var serial: Int64?
        /// As it is published; nil where what is remembered is not about that.
        var known: ListedProject?
        /// Nil where the list already says that nothing has changed.
        var answer: Result<RootAnswer, ChantalError>?

        /// Whether its last state may be taken over as it is.
        var isUnchanged: Bool {
            if case .success(.unchanged)? = answer { !hasMoved } else { answer == nil }
        }

        /// Whether the list tells of a change, so that a page that is as before cannot be believed without a look at its own serial.
        private var hasMoved: Bool { serial != nil && known?.serial != nil && serial != known?.serial }

        /// Whether the page is asked for once more, unconditionally, for what it holds is not at hand.
        var isUnread: Bool {
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
            plan = try self.plan(zip(own, answers).map { Part(demand: $0, answer: $1) })
        }
        if let inputs = wanted.inputs { plan.notes[IndexMirror.inputsNote] = inputs.hex }
        return .changed(plan)
    }

    /// The digest of requirements and lock files, which the configuration's own digest takes for what they are, not for what they include.
    private static let inputsNote = "inputs"

    static func isUnchanged(_ answer: Result<RootAnswer, ChantalError>) -> Bool {
        if case .success(.unchanged) = answer { true } else { false }
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
        if !isWholeIndex { try noticeSerials() }
        var planner = try makePlanner()
        var parts = parts
        let kept = try takeOver(&parts, index)
        for (part, kept) in zip(parts, kept) {
            try session.checkCancellation()
            if let kept {
                outcomes.append((takenOver(part), .kept(kept)))
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
        let again = parts.indices.filter { parts[$0].isUnread && kept[$0] == nil }
        for (place, answer) in zip(again, try pages.ask(again.map { parts[$0].demand.name }, again: true)) {
            parts[place].answer = answer
        }
        return kept
    }

    private func take(
        _ part: Part, _ index: PublishedIndex?, _ planner: inout ProjectPlanner, isWholeIndex: Bool
    ) throws {
        let name = part.demand.name
        var project = ListedProject(name: name, displayName: part.demand.displayName)
        project.seen = serials[name]
        do {
            guard let answer = part.answer else { return }
            let page = try page(name, answer)
            project.serial = part.known?.serial
            if let page, try keepOlder(project, page.serial ?? part.serial, index) { return }
            if let alarm = try planner.alarm(name, page) { return try hold(alarm, &project, index) }
            guard let page else {
                if isWholeIndex { return }
                guard session.acceptsRemovals, index?.state.manifest[IndexPath.json(name)] != nil else {
                    throw IndexMirror.unknown(part.demand)
                }
                warnings.append(
                    "upstream no longer has the project \(name), and so it is no longer mirrored: take it out of 'projects' and the requirements"
                )
                return
            }
            // A page that is older than the list comes from a cache; it is asked for again.
            let isLate = (page.serial ?? .max) < (part.serial ?? .min)
            if isLate { serials.noteLate(name) }
            project.serial = part.serial.map { max($0, page.serial ?? $0) }
            project.seen = page.serial ?? part.serial ?? project.seen
            let told = planner.defects.count
            let draft = try planner.draft(part.demand, page)
            // What is wrong with it is told again until it is right.
            let isEmptied = session.acceptsRemovals && part.demand.isNamed && page.files.isEmpty
            if planner.isWaiting || isLate || isEmptied || planner.defects.count > told { forget(&project) }
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

    static func unknown(_ demand: ProjectDemand) -> ChantalError {
        let name = demand.name
        let place = demand.lines.lazy.compactMap(\.place).first.map { "\($0): " } ?? ""
        return ChantalError(
            .missing, "\(place)upstream has no project \(name)",
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
        forgetPage(project.name)
        project.serial = nil
    }

    func forgetPage(_ project: ProjectName) {
        session.forgetRoot(IndexPath.page(project), source: pages.request(project).source)
    }
}
