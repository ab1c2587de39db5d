import Basics
import Store

/// Since when a repository's packages are on offer, as far as chantal knows: what a quarantine (`min_age`) counts from where
/// upstream has no dates.
struct FirstSight {
    private var known: FirstSeen
    /// What this sync has asked for; upstream no longer offers the rest, which is forgotten.
    private var asked: Set<[UInt8]> = []
    private let before: FirstSeen
    /// Whether nothing was ever noted: then all there is counts as old enough, unless the user wants a quarantine for it as well.
    private let isInitial: Bool
    private let quarantinesInitial: Bool

    init(_ known: FirstSeen, quarantinesInitial: Bool) {
        self.known = known
        before = known
        isInitial = known.count == 0
        self.quarantinesInitial = quarantinesInitial
    }

    /// The moment of each; `now` for what is new, the beginning of time for what the first sync finds.
    mutating func note(_ packages: [Checksum], at now: Timestamp) throws -> [Timestamp] {
        let first = isInitial && !quarantinesInitial ? Timestamp(seconds: 0) : now
        return try packages.map { package in
            let key = Array("\(package)".utf8)
            asked.insert(key)
            return try known.note(key, at: first)
        }
    }

    /// What is to be stored, nil if nothing was asked or nothing has changed.
    var changed: FirstSeen? {
        guard !asked.isEmpty else { return nil }
        var result = known
        result.keep { asked.contains($0) }
        return result == before ? nil : result
    }
}
