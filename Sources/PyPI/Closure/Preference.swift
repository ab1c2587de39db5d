/// A version that clients choose among.
protocol RankedVersion {
    var version: Version { get }
    /// Whether a client takes it only for a requirement that names exactly this version (PEP 592).
    var isYanked: Bool { get }
    /// Whether it has to be built.
    var isSource: Bool { get }
}

/// Which versions are kept of those that requirements allow.
///
/// A version is kept if some of the requirements that were met, taken together, allow it and fewer than `latest` newer ones. That is so
/// exactly if fewer than `latest` newer versions satisfy all the requirements that it satisfies itself.
struct Preference {
    let latest: Int?
    let takesPreReleases: Bool

    /// - Parameters:
    ///   - candidates: newest first.
    ///   - requirements: all that were met.
    /// - Returns: places of candidates, in ascending order.
    func kept(of candidates: [some RankedVersion], requirements: [SpecifierSet]) -> [Int] {
        let masks = candidates.map { candidate in
            RequirementMask(requirements.map { $0.matches(candidate.version) })
        }
        let pins = RequirementMask(requirements.map(\.pinsVersion))
        let asking = RequirementMask(requirements.map(\.asksForPreReleases))
        let usable = candidates.indices.filter { index in
            !masks[index].isEmpty && (!candidates[index].isYanked || masks[index].overlaps(pins))
        }
        var kept = Set(newest(usable, candidates, masks))
        // pip takes a pre-release that is asked for like any other version; uv prefers final ones even then.
        kept.formUnion(
            newestOfAll(usable.filter { takesPreReleases || masks[$0].overlaps(asking) }, candidates, masks))
        // Who takes wheels only finds the newest of those.
        let wheels = usable.filter { !candidates[$0].isSource }
        if wheels.count < usable.count { kept.formUnion(newest(wheels, candidates, masks)) }
        return kept.sorted()
    }

    /// Final versions; pre-releases only where no final version will do.
    private func newest(_ usable: [Int], _ candidates: [some RankedVersion], _ masks: [RequirementMask]) -> [Int] {
        if takesPreReleases { return newestOfAll(usable, candidates, masks) }
        let final = usable.filter { !candidates[$0].version.isPreRelease }
        let early = usable.filter { candidates[$0].version.isPreRelease }
        let alone = early.filter { place in
            !final.contains { !candidates[$0].isYanked && masks[$0].isSuperset(of: masks[place]) }
        }
        return newestOfAll(final, candidates, masks) + newestOfAll(alone, candidates, masks)
    }

    private func newestOfAll(_ usable: [Int], _ candidates: [some RankedVersion], _ masks: [RequirementMask]) -> [Int] {
        guard let latest else { return usable }
        var kept: [Int] = []
        for place in usable {
            var newer = 0
            // What was left out has enough newer ones that count here, too.
            for other in kept where !candidates[other].isYanked && masks[other].isSuperset(of: masks[place]) {
                newer += 1
                if newer == latest { break }
            }
            if newer < latest { kept.append(place) }
        }
        return kept
    }
}

/// A bit for each requirement.
struct RequirementMask {
    private var words: [UInt64]

    init(_ bits: [Bool]) {
        words = Array(repeating: 0, count: (bits.count + 63) / 64)
        for (index, bit) in bits.enumerated() where bit { words[index / 64] |= 1 << UInt64(index % 64) }
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    func isSuperset(of other: RequirementMask) -> Bool {
        for (word, wanted) in zip(words, other.words) where word & wanted != wanted { return false }
        return true
    }

    func overlaps(_ other: RequirementMask) -> Bool { zip(words, other.words).contains { $0 & $1 != 0 } }
}
