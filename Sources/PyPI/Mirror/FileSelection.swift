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
        let passing = files.indices.filter { index in
            takes(files[index], of: demand.name)
                && demand.lines.contains { FileSelection.mayWant(files[index], $0) } && releases(files[index])
        }
        var chosen: Set<Int> = []
        for line in demand.lines {
            let wanted = allowed(passing, files, line)
            // Who names files has counted already.
            if line.filenames == nil { chosen.formUnion(newest(wanted, files)) } else { chosen.formUnion(wanted) }
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
        if !targets.takesEverything, !targets.places.contains(where: { targets.takes(file, at: $0) }) { return false }
        if rules.include.isEmpty, rules.exclude.isEmpty { return true }
        var name = project.text
        return name.withUTF8 { bytes in
            rules.takes(name: UnsafeRawBufferPointer(bytes)) { satisfies(file, $0) }
        }
    }

    private func satisfies(_ file: ParsedFile, _ constraint: String) -> Bool {
        file.version.map(constraints.specifiers(constraint).matches) ?? false
    }

    private static func mayWant(_ file: ParsedFile, _ line: ProjectDemand.Line) -> Bool {
        if let names = line.filenames, !names.contains(file.file.filename) { return false }
        if let digests = line.digests, !(file.file.sha256.map(digests.contains) ?? false) { return false }
        if line.specifiers.isEmpty { return true }
        return file.version.map(line.specifiers.matches) ?? false
    }

    /// The files that a line wants, before the newest are counted.
    private func allowed(_ passing: [Int], _ files: [ParsedFile], _ line: ProjectDemand.Line) -> [Int] {
        let wanted = passing.filter { FileSelection.mayWant(files[$0], line) }
        if takesPreReleases || line.specifiers.asksForPreReleases || line.filenames != nil { return wanted }
        let final = wanted.filter { !(files[$0].version?.isPreRelease ?? false) }
        return final.contains { files[$0].version != nil } ? final : wanted
    }

    /// Of each place's versions the newest; a file without a version is only as new as the oldest.
    private func newest(_ allowed: [Int], _ files: [ParsedFile]) -> Set<Int> {
        guard let count = rules.latest else { return Set(allowed) }
        var kept: Set<Int> = []
        for place in targets.places {
            let fitting = allowed.filter { targets.takes(files[$0], at: place) }
            let versions = Set(fitting.compactMap { files[$0].version }).sorted().suffix(count)
            guard let oldest = versions.first else {
                kept.formUnion(fitting)
                continue
            }
            for index in fitting {
                if let version = files[index].version, !(version < oldest) { kept.insert(index) }
            }
        }
        return kept
    }
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
