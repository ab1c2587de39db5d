import Basics
import Mirroring

// Repositories with `dependencies: true`: everything that the requirements lead to, for every Python and platform.

extension IndexMirror {
    /// Names of projects that upstream did not have, so that the next sync sees them come.
    private static let absentNote = "absent"
    private static let mostAbsent = 200

    /// Nil if nothing has changed.
    func planClosure(_ wanted: WantedProjects, isSame: Bool) throws -> SyncPlan? {
        let first = try askKnown(isSame: isSame)
        if isSame, session.mayBeUnchanged, !first.isEmpty, first.values.allSatisfy(IndexMirror.isUnchangedOrAbsent) {
            return nil
        }
        try noticeSerials()
        let provider = try ClosurePages(self, answers: first.filter { !IndexMirror.isUnchanged($0.value) })
        let request = ClosureRequest(
            groups: wanted.groups, targets: selection.targets.targets, latest: selection.rules.latest,
            takesPreReleases: selection.takesPreReleases)
        let result = try DependencyClosure.run(
            request, provider: provider, checkCancellation: session.checkCancellation)
        try report(result)
        var planner = try makePlanner()
        for demand in demands(result, wanted) {
            try session.checkCancellation()
            if provider.known[demand.name] == nil { _ = try provider.files(of: [demand.name]) }
            guard let project = provider.known[demand.name] else {
                if !provider.failed.contains(demand.name) {
                    defects.append(
                        SyncPlan.Defect(path: IndexPath.page(demand.name), error: IndexMirror.unknown(demand)))
                }
                continue
            }
            // Its last state is in the plan already.
            if project.isKept { continue }
            var listed = ListedProject(name: demand.name, displayName: demand.displayName)
            listed.seen = project.page.serial ?? serials[demand.name]
            let draft = try planner.draft(demand, project.page)
            if project.isWaiting { forget(&listed) }
            add(listed, .drafted(draft))
        }
        var plan = try finish(planner)
        let absent = provider.absent.sorted().prefix(IndexMirror.mostAbsent).map(\.text)
        plan.notes[IndexMirror.absentNote] = absent.joined(separator: " ")
        return plan
    }

    private static func isUnchangedOrAbsent(_ answer: Result<RootAnswer, ChantalError>) -> Bool {
        if case .success(.absent) = answer { true } else { isUnchanged(answer) }
    }

    /// Asks for the pages that the generation before was made from, and for those that it missed.
    private func askKnown(isSame: Bool) throws -> [ProjectName: Result<RootAnswer, ChantalError>] {
        guard isSame, session.mayBeUnchanged, let index = try previous.get() else { return [:] }
        let missed = session.previous?.notes[IndexMirror.absentNote] ?? ""
        let names = try index.projects().map(\.name) + missed.split(separator: " ").compactMap { ProjectName($0) }
        return Dictionary(zip(names, try pages.ask(names)), uniquingKeysWith: { first, _ in first })
    }

    /// What is kept of each project, sorted by name.
    private func demands(_ result: ClosureResult, _ wanted: WantedProjects) -> [ProjectDemand] {
        let written = Dictionary(
            (wanted.demands ?? []).map { ($0.name, $0.displayName) }, uniquingKeysWith: { first, _ in first })
        var demands: [ProjectName: ProjectDemand] = [:]
        for demand in wanted.locked { demands[demand.name] = demand }
        for kept in result.kept {
            let name = kept.file.project
            var demand =
                demands[name] ?? ProjectDemand(name, displayName: written[name] ?? name.text, lines: [])
            if demand.why.isEmpty { demand.lines.append(ProjectDemand.Line(filenames: [])) }
            demand.lines[demand.lines.count - 1].filenames?.insert(kept.file.filename)
            demand.why[kept.file.filename] = kept.why.map(IndexMirror.withoutDirectory)
            demands[name] = demand
        }
        return demands.values.sorted { $0.name < $1.name }
    }

    /// Where the user's files lie is nobody's business who reads a page.
    private static func withoutDirectory(_ text: String) -> String {
        guard text.hasPrefix("/"), let colon = text.firstIndex(of: ":") else { return text }
        let path = text[..<colon]
        return String(path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...]) + text[colon...]
    }

    /// A few places, each once.
    private static func some(_ places: [String]) -> String {
        var told: [String] = []
        for place in places where !told.contains(place) && told.count < 3 { told.append(place) }
        return told.joined(separator: ", ")
    }

    private func report(_ result: ClosureResult) throws {
        for failure in result.failures { defects.append(SyncPlan.Defect(path: nil, error: failure)) }
        for unmet in result.unmet {
            let text = "'\(unmet.requirement)' is not met on \(unmet.target): \(unmet.reason)"
            if unmet.neededBy.count <= 1 {
                defects.append(
                    SyncPlan.Defect(
                        path: nil,
                        error: ChantalError(
                            .missing, "\(unmet.neededBy.first.map { "\($0): " } ?? "")\(text)",
                            hint: "is there a file for this Python and platform that the filter lets through?")))
            } else {
                warnings.append("\(text); needed by \(unmet.neededBy.joined(separator: " → "))")
            }
        }
        for unmet in result.doubtful {
            warnings.append(
                "'\(unmet.requirement)' is met on \(unmet.target) for uv alone, which passes over the upper bound of Requires-Python, and not for pip; needed by \(unmet.neededBy.joined(separator: " → "))"
            )
        }
        for unsolved in result.unsolved {
            defects.append(
                SyncPlan.Defect(
                    path: nil,
                    error: ChantalError(
                        .missing,
                        "what \(IndexMirror.some(unsolved.places)) asks for cannot be installed together on \(unsolved.target): \(unsolved.reason)"
                    )))
        }
    }
}
