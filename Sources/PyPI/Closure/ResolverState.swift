/// What has been pinned, and what is left for the others.
struct ResolverState {
    struct Criterion {
        var needs: [Resolver.Need] = []
        /// Candidates that satisfy them, best first.
        var places: [Int] = []
        var excluded: Set<Int> = []
    }

    var criteria: [Resolver.Identifier: Criterion] = [:]
    /// In the order of pinning.
    var pins: [Resolver.Identifier] = []
    var places: [Resolver.Identifier: Int] = [:]
    /// In which order identifiers were first needed; roots before all others.
    var order: [Resolver.Identifier: Int] = [:]
    var causes: Set<Resolver.Identifier> = []
    private var satisfied: Set<Resolver.Identifier> = []

    static let late = 1 << 20

    /// Whether it has no pin, or one that no longer satisfies its needs.
    func isOpen(_ identifier: Resolver.Identifier) -> Bool { !satisfied.contains(identifier) }

    mutating func check(_ identifier: Resolver.Identifier, _ view: TargetView) throws {
        guard let place = places[identifier], let criterion = criteria[identifier] else { return }
        let version = try view.candidates(of: identifier.project)[place].version
        if criterion.needs.allSatisfy({ $0.matches(version) }) {
            satisfied.insert(identifier)
        } else {
            satisfied.remove(identifier)
        }
    }

    /// Takes away what pins ask for that do not hold any longer.
    mutating func forget(needsOf parents: Set<Resolver.Identifier>) {
        if parents.isEmpty { return }
        for identifier in criteria.keys {
            criteria[identifier]?.needs.removeAll { need in need.parent.map { parents.contains($0) } ?? false }
        }
    }
}
