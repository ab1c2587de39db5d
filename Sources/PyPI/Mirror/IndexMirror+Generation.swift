import Basics
import Mirroring

// What was decided of the projects becomes the next generation.

extension IndexMirror {
    func finish(_ planner: ProjectPlanner) throws -> SyncPlan {
        // There is no last good state to keep: an index without all that was asked for would be called one.
        if session.previous == nil, outcomes.isEmpty, !defects.isEmpty {
            throw IndexMirror.nothing(defects.map(\.error))
        }
        outcomes.sort { $0.project.name < $1.project.name }
        warnings += serials.warnings
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
                if let kept = try keepInstead(of: draft, contents) {
                    composer.keep(kept, insteadOf: draft)
                    project.seen = serials[project.name]
                    forget(&project)
                } else if try !composer.add(draft, contents) {
                    forget(&project)
                }
            }
            listed.append(project)
        }
        try composer.addList(listed, tellsSerials: tellsSerials)
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
