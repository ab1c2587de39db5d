import Basics

/// What the common keys of `filter` ask for.
public struct FilterRules: Sendable {
    /// Empty: every name.
    public private(set) var include: [NamePattern]
    public private(set) var exclude: [NamePattern]
    /// Nil: all.
    public let architectures: [String]?
    public let latest: Int?
    /// Seconds.
    public let minAge: Int64?
    public let minAgeInitial: Bool
    /// Bytes.
    public let maxSize: Int64?
    public let dependencies: Bool
    /// Shared by copies: they are asked about the same packages.
    private let use: PatternUse

    /// Takes everything.
    public init() {
        use = PatternUse(count: 0)
        (include, exclude, architectures, latest) = ([], [], nil, nil)
        (minAge, minAgeInitial, maxSize, dependencies) = (nil, false, nil, false)
    }

    /// Takes what these patterns match.
    public init(include: [NamePattern]) {
        use = PatternUse(count: include.count)
        (self.include, exclude, architectures, latest) = (include, [], nil, nil)
        (minAge, minAgeInitial, maxSize, dependencies) = (nil, false, nil, false)
    }

    public init(_ filter: SectionValues) {
        include = filter.value(FilterSettings.include)
        use = PatternUse(count: include.count)
        exclude = filter.value(FilterSettings.exclude)
        architectures = filter.value(FilterSettings.architectures)
        latest = filter.value(FilterSettings.latest)
        minAge = filter.value(FilterSettings.minAge)
        minAgeInitial = filter.value(FilterSettings.minAgeInitial)
        maxSize = filter.value(FilterSettings.maxSize)
        dependencies = filter.value(FilterSettings.dependencies)
    }

    /// The same rules for names in another spelling; see ``NamePattern/respelled(_:)``.
    public func respelled(_ respell: ([UInt8]) -> [UInt8]) -> FilterRules {
        var other = self
        other.include = include.map { $0.respelled(respell) }
        other.exclude = exclude.map { $0.respelled(respell) }
        return other
    }

    /// Whether a package's name and version are taken: some pattern of `include` matches (or there is none) and no pattern of
    /// `exclude` does.
    /// - Parameter satisfies: whether the package's version satisfies a constraint; asked only where the name matches.
    public func takes(
        name: UnsafeRawBufferPointer, satisfies: (_ constraint: String) throws -> Bool
    ) rethrows -> Bool {
        if !include.isEmpty {
            guard try includes(name: name, satisfies: satisfies) else { return false }
        }
        return try !leavesOut(name: name, satisfies: satisfies)
    }

    /// Whether some pattern of `include` matches. Every package has to be asked about, also those that are not taken for another
    /// reason, so that ``unmatched`` is right.
    public func includes(
        name: UnsafeRawBufferPointer, satisfies: (_ constraint: String) throws -> Bool
    ) rethrows -> Bool {
        if use.isComplete { return try FilterRules.contains(include, name, satisfies) }
        // One match is enough for the package, but each pattern is looked at until it has matched once.
        var isIncluded = false
        for (index, pattern) in include.enumerated() where !isIncluded || !use.isNoted(index) {
            guard pattern.matches(name: name), try pattern.constraint.map(satisfies) ?? true else { continue }
            use.note(index)
            isIncluded = true
        }
        return isIncluded
    }

    /// Whether each pattern of `include` has matched some package.
    public var isEachMatched: Bool { use.isComplete }

    /// The patterns of `include` that have matched none of the packages asked about, as written.
    public var unmatched: [String] { include.indices.filter { !use.isNoted($0) }.map { include[$0].text } }

    /// A warning that names them; none if there are none.
    public var warnings: [String] {
        let unmatched = unmatched
        if unmatched.isEmpty { return [] }
        let names = unmatched.prefix(FilterRules.namedPatterns).map { "'\($0)'" }.joined(separator: ", ")
        let more = unmatched.count - FilterRules.namedPatterns
        return ["no package matches \(names)\(more > 0 ? " and \(more) more patterns" : "") of 'include'"]
    }

    private static let namedPatterns = 20

    /// Whether some pattern of `exclude` matches: then nothing brings the package in, not even that another needs it.
    public func leavesOut(
        name: UnsafeRawBufferPointer, satisfies: (_ constraint: String) throws -> Bool
    ) rethrows -> Bool { try FilterRules.contains(exclude, name, satisfies) }

    private static func contains(
        _ patterns: [NamePattern], _ name: UnsafeRawBufferPointer, _ satisfies: (String) throws -> Bool
    ) rethrows -> Bool {
        for pattern in patterns where pattern.matches(name: name) {
            guard let constraint = pattern.constraint else { return true }
            if try satisfies(constraint) { return true }
        }
        return false
    }

    /// Whether a package is small enough; one without a known size is.
    public func takes(size: Int64?) -> Bool {
        guard let size, let maxSize else { return true }
        return size <= maxSize
    }
}
