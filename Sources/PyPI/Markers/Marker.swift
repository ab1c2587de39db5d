import Basics

/// A condition on the environment, as in `python_version < "3.8" and extra == "test"` (dependency specifiers, PEP 508).
public struct Marker: Sendable, Hashable {
    let root: MarkerNode

    init(_ root: MarkerNode) { self.root = root }

    /// - Throws: ``ChantalError`` `malformed`.
    public init(_ text: some StringProtocol) throws {
        let bytes = Array(text.utf8)
        root = try bytes.withUnsafeBytes { bytes in
            var scanner = RequirementScanner(bytes)
            let marker = try scanner.marker()
            try scanner.expectEnd("'and', 'or' or the end of the marker")
            return marker
        }
    }

    /// Whether the condition holds, for some extra of those that are wanted, or without one.
    /// - Throws: ``ChantalError`` `malformed` for comparisons that mean nothing (`os_name ~= "1"`).
    public func holds(in environment: MarkerEnvironment, extras: Set<String> = []) throws -> Bool {
        if extras.isEmpty || !asksForExtra { return try root.holds(environment, extra: "") }
        for extra in extras where try root.holds(environment, extra: extra) { return true }
        return false
    }

    /// Whether it depends on extras.
    public var asksForExtra: Bool { root.uses(.extra) }
}

extension Marker: CustomStringConvertible {
    public var description: String { root.text(isFirst: true) }
}

/// A comparison, or several with `and` and `or` between them (`and` binds closer).
indirect enum MarkerNode: Sendable, Hashable {
    case comparison(MarkerComparison)
    /// At least one; `conjunctions[i]` tells whether `and` stands before `nodes[i + 1]`.
    case group(_ nodes: [MarkerNode], conjunctions: [Bool])

    func holds(_ environment: MarkerEnvironment, extra: String) throws -> Bool {
        switch self {
        case .comparison(let comparison): return try comparison.holds(environment, extra: extra)
        case .group(let nodes, let conjunctions):
            var result = try nodes[0].holds(environment, extra: extra)
            for (node, isAnd) in zip(nodes.dropFirst(), conjunctions) {
                if isAnd {
                    if result { result = try node.holds(environment, extra: extra) }
                } else {
                    if result { return true }
                    result = try node.holds(environment, extra: extra)
                }
            }
            return result
        }
    }

    func uses(_ variable: MarkerVariable) -> Bool {
        switch self {
        case .comparison(let comparison): comparison.uses(variable)
        case .group(let nodes, _): nodes.contains { $0.uses(variable) }
        }
    }

    func text(isFirst: Bool) -> String {
        switch self {
        case .comparison(let comparison): return comparison.description
        case .group(let nodes, let conjunctions):
            if nodes.count == 1 { return nodes[0].text(isFirst: isFirst) }
            var text = nodes[0].text(isFirst: false)
            for (node, isAnd) in zip(nodes.dropFirst(), conjunctions) {
                text += (isAnd ? " and " : " or ") + node.text(isFirst: false)
            }
            return isFirst ? text : "(\(text))"
        }
    }
}
