import Basics

/// Everything that a group may need on one target: from the roots on, the versions that are kept of each project, and what these need.
final class GroupClosure {
    /// Where a requirement comes from.
    enum Origin {
        case root(String)
        case file(ProjectName, Int)
    }

    struct Met {
        let specifiers: SpecifierSet
        let text: String
        let origin: Origin
    }

    final class Node {
        let candidates: [Candidate]
        var met: [Met] = []
        var known: Set<SpecifierSet> = []
        var extras: Set<String> = []
        /// The candidates that are kept, each with the requirement that brought it in.
        var kept: [Int: Int] = [:]
        /// With which extras the requirements of a kept candidate were read.
        var expanded: [Int: Set<String>] = [:]
        var isChanged = true

        init(_ candidates: [Candidate]) { self.candidates = candidates }
    }

    let view: TargetView
    let group: ClosureGroup
    let preference: Preference
    private(set) var nodes: [ProjectName: Node] = [:]
    private(set) var unmet: [ClosureResult.Unmet] = []
    /// Requirements of projects that have no node yet.
    private var waiting: [(requirement: Requirement, origin: Origin)] = []

    /// Different requirements on one project.
    static let requirementLimit = 20_000

    init(view: TargetView, group: ClosureGroup, preference: Preference) {
        self.view = view
        self.group = group
        self.preference = preference
    }

    func run(checkCancellation: () throws -> Void) throws {
        for root in group.roots where try view.holds(root.requirement) {
            waiting.append((root.requirement, .root(root.place)))
        }
        while true {
            try checkCancellation()
            try place()
            let fresh = try select()
            if fresh.isEmpty, waiting.isEmpty { break }
            try view.knowledge.load(fresh.map { $0.node.candidates[$0.place].file })
            for item in fresh { try expand(item.project, item.node, item.place) }
        }
        for project in nodes.keys.sorted() { nameUnmet(project) }
    }

    /// Gives the waiting requirements to their projects.
    private func place() throws {
        let requirements = waiting
        waiting = []
        try view.knowledge.load(requirements.filter { $0.requirement.url == nil }.map(\.requirement.name))
        for (requirement, origin) in requirements {
            if requirement.url != nil {
                nameUnmet("\(requirement)", origin, "it is taken from a URL, not from the index")
                continue
            }
            let node = try node(requirement.name)
            let extras = requirement.extras
            if !extras.isSubset(of: node.extras) {
                node.extras.formUnion(extras)
                node.isChanged = true
            }
            guard node.known.insert(requirement.specifiers).inserted else { continue }
            guard node.met.count < GroupClosure.requirementLimit else {
                throw ChantalError(.tooLarge, "there are too many requirements on '\(requirement.name)'")
            }
            node.met.append(Met(specifiers: requirement.specifiers, text: "\(requirement)", origin: origin))
            node.isChanged = true
        }
    }

    private func node(_ project: ProjectName) throws -> Node {
        if let node = nodes[project] { return node }
        let node = Node(try view.candidates(of: project))
        nodes[project] = node
        return node
    }

    /// What is kept now and was not, or needs more because of its extras.
    private func select() throws -> [(project: ProjectName, node: Node, place: Int)] {
        var fresh: [(project: ProjectName, node: Node, place: Int)] = []
        for project in nodes.keys.sorted() {
            guard let node = nodes[project], node.isChanged else { continue }
            node.isChanged = false
            for place in preference.kept(of: node.candidates, requirements: node.met.map(\.specifiers))
            where node.kept[place] == nil {
                let version = node.candidates[place].version
                node.kept[place] = node.met.firstIndex { $0.specifiers.matches(version) } ?? 0
            }
            for place in node.kept.keys.sorted() where node.expanded[place] != node.extras {
                node.expanded[place] = node.extras
                fresh.append((project, node, place))
            }
        }
        return fresh
    }

    private func expand(_ project: ProjectName, _ node: Node, _ place: Int) throws {
        guard let found = try view.knowledge.dependencies(of: node.candidates[place].file) else { return }
        for requirement in found.requirements where view.takes(requirement, extras: node.extras) {
            waiting.append((requirement, .file(project, place)))
        }
    }

    // MARK: Reasons

    /// The requirements that lead to a kept candidate, from the root on.
    func chain(_ project: ProjectName, _ place: Int) -> [String] {
        guard let node = nodes[project], let cause = node.kept[place], cause < node.met.count else { return [] }
        return chain(node.met[cause].text, node.met[cause].origin)
    }

    private func chain(_ requirement: String, _ origin: Origin) -> [String] {
        switch origin {
        case .root(let place): return ["\(place): \(requirement)"]
        case .file(let project, let place):
            guard let node = nodes[project] else { return [requirement] }
            return chain(project, place) + ["\(project) \(node.candidates[place].version) needs \(requirement)"]
        }
    }

    private func nameUnmet(_ project: ProjectName) {
        guard let node = nodes[project] else { return }
        for met in node.met where !node.candidates.contains(where: { met.specifiers.matches($0.version) }) {
            var reason = node.candidates.isEmpty ? "nothing of it fits" : "no version that fits satisfies it"
            if view.asksForHashes(of: project) { reason += " and has one of the hashes that are asked for" }
            nameUnmet(met.text, met.origin, reason)
        }
    }

    private func nameUnmet(_ requirement: String, _ origin: Origin, _ reason: String) {
        unmet.append(
            ClosureResult.Unmet(
                requirement: requirement, neededBy: chain(requirement, origin), reason: reason, target: view.target))
    }
}
