import Basics
import Store

/// Since when a repository's packages are on offer, as far as chantal knows: what a quarantine (`min_age`) counts from where
/// upstream has no dates.
struct FirstSight {
    private var known: FirstSeen
    /// What this sync has asked for; upstream no longer offers the rest, which is forgotten.
    private var asked: Set<[UInt8]>?
    private let before: FirstSeen?
    /// Whether nothing was ever noted: then all there is counts as old enough, unless the user wants a quarantine for it as well.
    private let isInitial: Bool
    private let quarantinesInitial: Bool

    /// - Parameter known: nil if nothing was ever noted; empty is what a first sync leaves that found no package.
    init(_ known: FirstSeen?, quarantinesInitial: Bool) {
        self.known = known ?? FirstSeen()
        before = known
        isInitial = known == nil
        self.quarantinesInitial = quarantinesInitial
    }

    /// The moment of each; `now` for what is new, the beginning of time for what the first sync finds.
    mutating func note(_ packages: [Checksum], at now: Timestamp) throws -> [Timestamp] {
        let first = isInitial && !quarantinesInitial ? Timestamp(seconds: 0) : now
        var keys = asked ?? []
        defer { asked = keys }
        return try packages.map { package in
            let key = Array("\(package)".utf8)
            keys.insert(key)
            return try known.note(key, at: first)
        }
    }

    /// What is to be stored, nil if nothing was asked or nothing has changed.
    var changed: FirstSeen? {
        guard let asked else { return nil }
        var result = known
        result.keep { asked.contains($0) }
        return result == before ? nil : result
    }
}
