import Basics

/// Resolves a group as clients do: pins one project after the other to its newest version, and goes back where that contradicts a
/// requirement. The algorithm is that of resolvelib, which pip uses; the orders are those of pip and uv.
struct Resolver {
    /// Which project is pinned next, and which version is tried first.
    enum Order { case pip, uv }

    struct Pin {
        let file: ClosureFile
        let why: [String]
    }

    enum Outcome {
        case solved([Pin])
        case failed(String)
    }

    /// A project with extras: these need what the project without them is, in the same version, and more.
    struct Identifier: Hashable, Comparable {
        let project: ProjectName
        let extras: [String]

        static func < (a: Identifier, b: Identifier) -> Bool {
            (a.project.text, a.extras.joined(separator: ",")) < (b.project.text, b.extras.joined(separator: ","))
        }
    }

    struct Need {
        let identifier: Identifier
        let specifiers: SpecifierSet
        /// For the project of extras.
        var exactly: Version?
        /// Nil for a root.
        var parent: Identifier?
        let text: String

        func matches(_ version: Version) -> Bool {
            exactly.map { $0 == version } ?? specifiers.matches(version)
        }
    }

    let view: TargetView
    let group: ClosureGroup
    let order: Order
    let takesSources: Bool
    let takesPreReleases: Bool
    let checkCancellation: () throws -> Void

    /// Pins that are tried before giving up.
    static let roundLimit = 20_000

    func run() throws -> Outcome {
        var state = ResolverState()
        for (index, root) in group.roots.enumerated() where try view.holds(root.requirement) {
            guard let need = need(root.requirement, parent: nil) else { continue }
            state.order[need.identifier] = min(state.order[need.identifier] ?? index, index)
            if try !add(need, to: &state) {
                return .failed("\(root.place): nothing that fits satisfies '\(need.text)'")
            }
        }
        var states = [state, state]
        for _ in 0..<Resolver.roundLimit {
            try checkCancellation()
            guard let current = states.last else { break }
            guard let identifier = try next(current) else { return .solved(try solution(current)) }
            var attempt = current
            let before = Set(attempt.criteria.keys.filter { !attempt.isOpen($0) })
            if let causes = try pin(identifier, in: &attempt) {
                guard try backjump(causes, &states) else {
                    let texts = causes.map { cause in
                        "\(cause.parent.map { "\($0.project)" } ?? "a root") needs \(cause.text)"
                    }
                    return .failed(Set(texts).sorted().prefix(20).joined(separator: "; "))
                }
                states[states.count - 1].causes = Set(
                    causes.flatMap { [$0.identifier] + ($0.parent.map { [$0] } ?? []) })
            } else {
                let invalidated = before.filter { attempt.isOpen($0) }
                attempt.forget(needsOf: invalidated)
                states[states.count - 1] = attempt
                states.append(attempt)
            }
        }
        return .failed("no solution was found in \(Resolver.roundLimit) steps")
    }

    private func need(_ requirement: Requirement, parent: Identifier?) -> Need? {
        guard requirement.url == nil else { return nil }
        return Need(
            identifier: Identifier(project: requirement.name, extras: requirement.extras.sorted()),
            specifiers: requirement.specifiers, parent: parent, text: "\(requirement)")
    }

    // MARK: Candidates

    /// The places of candidates that satisfy all needs, best first.
    private func matches(_ identifier: Identifier, _ needs: [Need], _ excluded: Set<Int>, _ state: ResolverState) throws
        -> [Int]
    {
        let candidates = try view.candidates(of: identifier.project)
        var all = needs
        if !identifier.extras.isEmpty {
            all += state.criteria[Identifier(project: identifier.project, extras: [])]?.needs ?? []
        }
        let found = candidates.indices.filter { place in
            let candidate = candidates[place]
            if excluded.contains(place) || (!takesSources && candidate.file.isSource) { return false }
            guard all.allSatisfy({ $0.matches(candidate.version) }) else { return false }
            return !candidate.isYanked || all.contains { $0.exactly != nil || $0.specifiers.pinsVersion }
        }
        if takesPreReleases { return found }
        let final = found.filter { !candidates[$0].version.isPreRelease }
        let early = found.filter { candidates[$0].version.isPreRelease }
        if order == .uv { return final + early }
        if all.contains(where: { $0.specifiers.asksForPreReleases || $0.exactly != nil }) { return found }
        return final.isEmpty ? early : final
    }

    /// What a candidate needs.
    private func needs(_ identifier: Identifier, _ place: Int) throws -> [Need]? {
        let candidate = try view.candidates(of: identifier.project)[place]
        guard let found = try view.knowledge.dependencies(of: candidate.file) else { return nil }
        var needs: [Need] = []
        if !identifier.extras.isEmpty {
            needs.append(
                Need(
                    identifier: Identifier(project: identifier.project, extras: []), specifiers: SpecifierSet(),
                    exactly: candidate.version, parent: identifier, text: "\(identifier.project) \(candidate.version)"))
        }
        let extras = Set(identifier.extras)
        for requirement in found.requirements {
            guard view.takes(requirement, extras: extras) else { continue }
            if let need = need(requirement, parent: identifier) { needs.append(need) }
        }
        return needs
    }

    /// Whether something is left that satisfies the need with all others.
    private func add(_ need: Need, to state: inout ResolverState) throws -> Bool {
        let identifier = need.identifier
        if state.order[identifier] == nil { state.order[identifier] = ResolverState.late + state.order.count }
        var criterion = state.criteria[identifier] ?? ResolverState.Criterion()
        criterion.needs.append(need)
        criterion.places = try matches(identifier, criterion.needs, criterion.excluded, state)
        state.criteria[identifier] = criterion
        return !criterion.places.isEmpty
    }

    // MARK: Steps

    /// The identifier to pin next; nil if all are.
    private func next(_ state: ResolverState) throws -> Identifier? {
        var open = state.criteria.keys.filter { state.isOpen($0) }
        let causes = open.filter { state.causes.contains($0) }
        if !causes.isEmpty { open = causes }
        return open.min { rank($0, state) < rank($1, state) }
    }

    private func rank(_ identifier: Identifier, _ state: ResolverState) -> (Int, Int, Int, Int, String) {
        let needs = state.criteria[identifier]?.needs ?? []
        let isPinned = needs.contains { $0.exactly != nil || $0.specifiers.pinsVersion }
        let place = state.order[identifier] ?? Int.max
        let name = "\(identifier.project)[\(identifier.extras.joined(separator: ","))]"
        if order == .uv { return (isPinned ? 0 : 1, place, 0, 0, name) }
        let isBounded = needs.contains { need in
            need.specifiers.specifiers.contains { clause in
                [.less, .lessOrEqual, .compatible].contains(clause.relation)
                    || (clause.relation == .equal && clause.operand.hasSuffix("*"))
            }
        }
        let isFree = needs.allSatisfy(\.specifiers.isEmpty)
        return (isPinned ? 0 : 1, isBounded ? 0 : 1, min(place, ResolverState.late), isFree ? 1 : 0, name)
    }

    /// Pins to the first candidate whose needs contradict nothing; else what contradicts.
    private func pin(_ identifier: Identifier, in state: inout ResolverState) throws -> [Need]? {
        guard let criterion = state.criteria[identifier] else { return [] }
        var causes: [Need] = []
        for place in criterion.places {
            var attempt = state
            var isPossible = true
            guard let needs = try needs(identifier, place) else { continue }
            for need in needs {
                let isFirm = try contradictsPin(need, state, pinning: identifier, place)
                if try !add(need, to: &attempt) || isFirm {
                    causes += attempt.criteria[need.identifier]?.needs ?? []
                    isPossible = false
                    break
                }
            }
            guard isPossible else { continue }
            attempt.places[identifier] = place
            attempt.pins.removeAll { $0 == identifier }
            attempt.pins.append(identifier)
            try attempt.check(identifier, view)
            for other in attempt.pins { try attempt.check(other, view) }
            state = attempt
            return nil
        }
        return causes.isEmpty ? criterion.needs : causes + criterion.needs
    }

    /// To uv a pin is firm until it goes back: of two projects that contradict each other it keeps the one that it pinned first. pip
    /// pins that one anew. A version that needs another one of its own project uv never takes.
    private func contradictsPin(
        _ need: Need, _ state: ResolverState, pinning identifier: Identifier, _ own: Int
    ) throws -> Bool {
        guard order == .uv else { return false }
        if need.identifier.project == identifier.project {
            return try !need.matches(view.candidates(of: identifier.project)[own].version)
        }
        // With extras it is of the same version as without.
        for pinned in Set([need.identifier, Identifier(project: need.identifier.project, extras: [])]) {
            guard let place = state.places[pinned], !state.isOpen(pinned) else { continue }
            if try !need.matches(view.candidates(of: pinned.project)[place].version) { return true }
        }
        return false
    }

    /// Goes back to the last pin that has to do with the contradiction, and takes it away.
    private func backjump(_ causes: [Need], _ states: inout [ResolverState]) throws -> Bool {
        let involved = Set(causes.flatMap { [$0.identifier] + ($0.parent.map { [$0] } ?? []) })
        while states.count >= 3 {
            states.removeLast()
            var broken: (state: ResolverState, identifier: Identifier, place: Int)?
            while let state = states.popLast() {
                guard let identifier = state.pins.last, let place = state.places[identifier] else { return false }
                broken = (state, identifier, place)
                let needed = Set(try needs(identifier, place)?.map(\.identifier) ?? [])
                if !needed.isDisjoint(with: involved) || state.pins.count == 1 { break }
                if order == .uv, involved.contains(identifier) { break }
            }
            guard let broken, let base = states.last else { return false }
            var patched = base
            var excluded = broken.state.criteria.mapValues(\.excluded)
            excluded[broken.identifier, default: []].insert(broken.place)
            var isPossible = true
            for identifier in excluded.keys.sorted() {
                guard let places = excluded[identifier], !places.isEmpty, var criterion = patched.criteria[identifier]
                else { continue }
                criterion.excluded = places
                criterion.places = try matches(identifier, criterion.needs, places, patched)
                if criterion.places.isEmpty { isPossible = false }
                patched.criteria[identifier] = criterion
            }
            states.append(patched)
            if isPossible { return true }
        }
        return false
    }

    /// The pins that the roots lead to, with the requirements that do.
    private func solution(_ state: ResolverState) throws -> [Pin] {
        var why: [Identifier: [String]] = [:]
        var queue: [Identifier] = []
        for root in group.roots where try view.holds(root.requirement) {
            guard let need = need(root.requirement, parent: nil), why[need.identifier] == nil else { continue }
            why[need.identifier] = ["\(root.place): \(need.text)"]
            queue.append(need.identifier)
        }
        var pins: [Pin] = []
        var index = 0
        while index < queue.count {
            let identifier = queue[index]
            index += 1
            guard let place = state.places[identifier] else { continue }
            let candidate = try view.candidates(of: identifier.project)[place]
            let chain = why[identifier] ?? []
            pins.append(Pin(file: candidate.file, why: chain))
            for need in try needs(identifier, place) ?? [] where why[need.identifier] == nil {
                why[need.identifier] =
                    need.exactly == nil
                    ? chain + ["\(identifier.project) \(candidate.version) needs \(need.text)"] : chain
                queue.append(need.identifier)
            }
        }
        return pins
    }
}
