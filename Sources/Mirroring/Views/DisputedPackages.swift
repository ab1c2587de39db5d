/// Packages of a view's members that are left out, for an earlier member has the same version with other content.
public struct DisputedPackages {
    private var packages: [(name: String, label: String, member: String)] = []

    public init() {}

    /// - Parameter label: the package with its version, in quotes where that is usual.
    public mutating func add(_ name: String, label: String, of member: String) {
        packages.append((name, label, member))
    }

    /// What the user is told of them.
    /// - Parameter isWanted: whether a package of this name is of interest.
    public func warnings(_ isWanted: (_ name: String) -> Bool = { _ in true }) -> [String] {
        let packages = packages.filter { isWanted($0.name) }
        guard let first = packages.first else { return [] }
        let others = packages.count > 1 ? " and \(packages.count - 1) other packages" : ""
        return [
            "\(first.label) of '\(first.member)'\(others) is left out: an earlier member has that version with other content"
        ]
    }
}
