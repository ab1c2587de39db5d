import Basics

/// Holds packages back until they are old enough (`min_age`).
public struct Quarantine: Sendable {
    /// Seconds; nil lets everything through.
    public let minimumAge: Int64?
    /// Whether what the first generation found waits as well.
    public let includesInitial: Bool
    public let now: Timestamp
    /// The next moment at which time alone lets another package through.
    public private(set) var nextRelease: Timestamp?

    public init(_ rules: FilterRules, now: Timestamp) {
        self.init(minimumAge: rules.minAge, includesInitial: rules.minAgeInitial, now: now)
    }

    public init(minimumAge: Int64?, includesInitial: Bool, now: Timestamp) {
        self.minimumAge = minimumAge
        self.includesInitial = includesInitial
        self.now = now
    }

    /// Whether a package may be taken now; if not, its moment counts for ``nextRelease``.
    /// - Parameters:
    ///   - date: when upstream says that it appeared; it outranks `firstSeen`.
    ///   - firstSeen: when chantal first saw it; nil if that is now.
    ///   - isInitial: whether the first generation found it, or is about to.
    public mutating func releases(date: Timestamp?, firstSeen: Timestamp?, isInitial: Bool) -> Bool {
        guard let minimumAge else { return true }
        if isInitial, !includesInitial { return true }
        let (moment, over) = (date ?? firstSeen ?? now).seconds.addingReportingOverflow(minimumAge)
        let release = Timestamp(seconds: over ? Int64.max : moment)
        if release <= now { return true }
        nextRelease = nextRelease.map { min($0, release) } ?? release
        return false
    }
}
