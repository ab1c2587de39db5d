/// Says packages and requirements in the ecosystem's own words.
public protocol RequirementTexts {
    /// `nginx`
    func name(_ package: Int32) -> String
    /// What tells a package from others of its name: `nginx 1.22.1-9`.
    func label(_ package: Int32) -> String
    /// A requirement as it is written, by its place among the package's demands.
    func text(of requirement: Int, of package: Int32) -> String
    /// Whether the filter keeps out what would meet a requirement.
    func isLeftOut(_ requirement: Int, of package: Int32) -> Bool
}

/// Looks up what the packages of an ecosystem require.
public protocol RequirementResolver: RequirementTexts {
    /// The number of packages.
    var count: Int { get }
    /// What a package requires; asked again and again, always with the same answer.
    func demands(of package: Int32) -> [Demand]
}

extension Closure {
    /// What is asked for with everything that it needs.
    /// - Parameters:
    ///   - check: throws if the user asked to stop.
    ///   - isAsked: whether a package is asked for.
    public init(
        _ resolver: some RequirementResolver, check: @escaping () throws -> Void, of isAsked: (Int32) -> Bool
    ) throws {
        var search = ClosureSearch(count: resolver.count, check: check) { resolver.demands(of: $0) }
        self = try search.closure(of: (0..<resolver.count).map { Int32(truncatingIfNeeded: $0) }.filter(isAsked))
    }

    /// Why a package is here, for people: names from the pattern that asked for the first package of a chain to its last, as
    /// `nginx* → nginx-full → libnginx-mod`; nothing for a package that was asked for by its name.
    public static func why(_ chain: [String], _ rules: FilterRules) -> [String] {
        guard let root = chain.first else { return [] }
        let pattern = rules.include.first { $0.matches(name: root) }
        let all = (pattern.map { $0.text == root ? [] : [$0.text] } ?? []) + chain
        return all.count > 1 ? [all.joined(separator: " → ")] : []
    }
    /// More than these are counted, not told.
    private static let warningLimit = 50

    /// What cannot be met and by whom it is needed, for people:
    /// `c 1 needs 'foo (>= 2)', which nothing here provides (a → b → c)`.
    public func warnings(_ texts: some RequirementTexts) -> [String] {
        var told: Set<String> = []
        var warnings: [String] = []
        for (place, unmet) in self.unmet.enumerated() {
            if warnings.count == Closure.warningLimit {
                return warnings + ["\(self.unmet.count - place) more requirements cannot be met"]
            }
            let reason =
                texts.isLeftOut(unmet.requirement, of: unmet.package)
                ? "which the filter leaves out" : "which nothing here provides"
            let needed = texts.text(of: unmet.requirement, of: unmet.package)
            let text = "\(texts.label(unmet.package)) needs '\(needed)', \(reason)"
            guard told.insert(text).inserted else { continue }
            let chain = chain(to: unmet.package)
            warnings.append(chain.count > 1 ? "\(text) (\(Closure.text(chain.map(texts.name))))" : text)
        }
        return warnings
    }

    /// A way from name to name; of a very long one its ends.
    private static func text(_ names: [String]) -> String {
        let shown = names.count > 12 ? names.prefix(4) + ["…"] + names.suffix(4) : names[...]
        return shown.joined(separator: " → ")
    }
}
