import Basics
import Mirroring

/// Chooses the files of a project that a filter and the user's demands want.
///
/// The same page, rules and moment always give the same files; nothing is remembered from project to project but what makes it fast.
struct FileSelection {
    let rules: FilterRules
    let targets: TargetRules
    /// Whether pre-releases are taken like any other version.
    var takesPreReleases: Bool
    let takesYanked: Bool
    /// Nil: every kind, those of old too.
    let formats: Set<DistributionFormat>?
    private let constraints = ConstraintCache()

    init(_ section: RepositorySection) {
        // Names are matched as PEP 503 normalises them, however the user writes them.
        rules = section.filterRules.respelled(ProjectName.normalised(glob:))
        let filter = section.filter
        targets = TargetRules(
            pythons: filter?.value(IndexSettings.python) ?? [], platforms: filter?.value(IndexSettings.platforms) ?? [])
        takesPreReleases = filter?.value(IndexSettings.prereleases) ?? true
        takesYanked = filter?.value(IndexSettings.yanked) ?? true
        formats = filter?.value(IndexSettings.formats).map(Set.init)
    }

    /// Whether all files of each project are taken, or none.
    var takesWholeProjects: Bool {
        targets.takesEverything && formats == nil && takesYanked && takesPreReleases && rules.latest == nil
            && rules.minAge == nil && rules.maxSize == nil
            && (rules.include + rules.exclude).allSatisfy { $0.constraint == nil }
    }

    /// Whether any file of a project could be taken, by its name alone.
    func mayTake(_ project: ProjectName) -> Bool {
        var name = project.text
        return name.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            if !rules.include.isEmpty, !rules.include.contains(where: { $0.matches(name: bytes) }) { return false }
            return !rules.exclude.contains { $0.constraint == nil && $0.matches(name: bytes) }
        }
    }

    /// The places of the files that are taken, in the order of the page.
    /// - Parameter releases: whether a file is old enough; asked only of those that pass everything else.
    func choose(
        _ files: [ParsedFile], for demand: ProjectDemand, releases: (ParsedFile) -> Bool
    ) -> [Int] {
        var chosen: Set<Int> = []
        for line in demand.lines {
            // Who names files has counted already.
            let isNamed = line.filenames != nil
            let wanted = files.indices.filter {
                line.matches(files[$0]) && takes(files[$0], of: demand.name) && releases(files[$0])
            }
            chosen.formUnion(isNamed ? Set(wanted) : newest(wanted, files, line.specifiers))
        }
        return chosen.sorted()
    }

    /// The places of the files that any demand may take, in the order of the page.
    func candidates(_ files: [ParsedFile], of project: ProjectName, releases: (ParsedFile) -> Bool) -> [Int] {
        files.indices.filter { takes(files[$0], of: project) && releases(files[$0]) }
    }

    /// What does not depend on the other files.
    private func takes(_ file: ParsedFile, of project: ProjectName) -> Bool {
        if file.file.yanked != nil, !takesYanked { return false }
        if let formats {
            switch file.name?.kind {
            case .wheel: if !formats.contains(.wheel) { return false }
            case .source: if !formats.contains(.sdist) { return false }
            default: return false
            }
        }
        guard rules.takes(size: file.file.size) else { return false }
        guard targets.takes(file) else { return false }
        if rules.include.isEmpty, rules.exclude.isEmpty { return true }
        var name = project.text
        return name.withUTF8 { bytes in
            rules.takes(name: UnsafeRawBufferPointer(bytes)) { satisfies(file, $0) }
        }
    }

    private func satisfies(_ file: ParsedFile, _ constraint: String) -> Bool {
        file.version.map(constraints.specifiers(constraint).matches) ?? false
    }

    /// For each place the files of the versions that ``Preference`` keeps there.
    private func newest(_ wanted: [Int], _ files: [ParsedFile], _ specifiers: SpecifierSet) -> Set<Int> {
        if rules.latest == nil, takesPreReleases { return Set(wanted) }
        var kept: Set<Int> = []
        for place in targets.places {
            let fitting = wanted.filter { targets.takes(files[$0], at: place) }
            for own in targets.byClient(fitting, files, at: place) { kept.formUnion(preferred(own, files, specifiers)) }
        }
        return kept
    }

    /// Files without a version count as nothing: with `latest` they are taken only where there are no others.
    private func preferred(_ fitting: [Int], _ files: [ParsedFile], _ specifiers: SpecifierSet) -> [Int] {
        var versions: [Version: [Int]] = [:]
        var unversioned: [Int] = []
        for index in fitting {
            if let version = files[index].version {
                versions[version, default: []].append(index)
            } else {
                unversioned.append(index)
            }
        }
        let offers = versions.map { version, places in
            OfferedVersion(
                version: version, places: places, isYanked: places.allSatisfy { files[$0].file.yanked != nil })
        }.sorted { $0.version > $1.version }
        let preference = Preference(latest: rules.latest, takesPreReleases: takesPreReleases)
        var kept = Set(preference.kept(of: offers, requirements: [specifiers]))
        // All are taken, the yanked like any other; with `latest` only where there is nothing else.
        if rules.latest == nil || kept.isEmpty {
            let released = offers.map { OfferedVersion(version: $0.version, places: $0.places, isYanked: false) }
            kept.formUnion(preference.kept(of: released, requirements: [specifiers]))
        }
        return kept.flatMap { offers[$0].places } + (rules.latest == nil || offers.isEmpty ? unversioned : [])
    }
}

/// A version as a page offers it in one place.
private struct OfferedVersion: RankedVersion {
    let version: Version
    /// Of its files.
    let places: [Int]
    let isYanked: Bool
    /// Whoever filters by hand asks for versions, built or not.
    var isSource: Bool { false }
}

/// Version constraints of patterns, read once.
private final class ConstraintCache {
    private var known: [String: SpecifierSet] = [:]

    /// The configuration has been checked: a text that is none matches everything.
    func specifiers(_ text: String) -> SpecifierSet {
        if let known = known[text] { return known }
        let made = SpecifierSet(text) ?? SpecifierSet()
        known[text] = made
        return made
    }
}
