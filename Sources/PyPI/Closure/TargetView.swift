import Basics

/// A version of a project, with the file that clients on a target take of it.
struct Candidate: RankedVersion, Sendable {
    let file: ClosureFile
    let isYanked: Bool

    var version: Version { file.version }
    var isSource: Bool { file.isSource }
}

/// What there is as one target sees it, within the bounds that hold for a whole group.
final class TargetView {
    let target: Target
    let environment: MarkerEnvironment
    let knowledge: ClosureKnowledge
    /// Whether another patch release of Python could have seen something else.
    private(set) var dependsOnPatch = false
    /// Whether pip and uv see different things, for they read Requires-Python differently.
    private(set) var dependsOnClient = false
    private let client: Client
    private let tags: SupportedTags
    private let python: Version?
    private let otherPythons: [Version]
    private var bounds: [ProjectName: [SpecifierSet]] = [:]
    private var hashes: [ProjectName: [[Checksum]]] = [:]
    private var candidates: [ProjectName: [Candidate]] = [:]

    /// How Requires-Python is read: by the book, or with its lower bound alone.
    enum Client { case pip, uv }

    /// - Parameter target: with a patch release.
    init(_ target: Target, of whole: Target, group: ClosureGroup, client: Client, knowledge: ClosureKnowledge) throws {
        self.target = target
        self.client = client
        self.knowledge = knowledge
        environment = MarkerEnvironment(target)
        tags = SupportedTags(target)
        python = Version(target.fullPython)
        otherPythons = whole.patchVariants.compactMap { Version($0.fullPython) }
        for root in group.roots where try holds(root.requirement) {
            bounds[root.requirement.name, default: []].append(root.requirement.specifiers)
            if !root.hashes.isEmpty { hashes[root.requirement.name, default: []].append(root.hashes) }
        }
        for constraint in group.constraints where try holds(constraint) {
            bounds[constraint.name, default: []].append(constraint.specifiers)
        }
    }

    /// Whether only files with certain hashes are taken of a project.
    func asksForHashes(of project: ProjectName) -> Bool { hashes[project] != nil }

    func holds(_ requirement: Requirement, extras: Set<String> = []) throws -> Bool {
        guard let marker = requirement.marker else { return true }
        if marker.asksForPatch { dependsOnPatch = true }
        return try marker.holds(in: environment, extras: extras)
    }

    /// Whether a distribution's requirement holds. One whose marker cannot be evaluated does not, as clients refuse it.
    func takes(_ requirement: Requirement, extras: Set<String>) -> Bool {
        do { return try holds(requirement, extras: extras) } catch { return false }
    }

    /// Newest first, one for each version that can be installed here.
    func candidates(of project: ProjectName) throws -> [Candidate] {
        if let known = candidates[project] { return known }
        let usable = try knowledge.files(of: project).filter {
            isUsable($0, bounds[project] ?? [], hashes[project] ?? [])
        }
        var versions: [Version: [ClosureFile]] = [:]
        for file in usable { versions[file.version, default: []].append(file) }
        let found = versions.keys.sorted(by: >).compactMap { version in
            versions[version].flatMap { candidate($0.sorted { $0.filename < $1.filename }) }
        }
        candidates[project] = found
        return found
    }

    private func isUsable(_ file: ClosureFile, _ bounds: [SpecifierSet], _ hashes: [[Checksum]]) -> Bool {
        guard bounds.allSatisfy({ $0.matches(file.version) }),
            hashes.allSatisfy({ allowed in file.checksums.contains(where: allowed.contains) })
        else { return false }
        guard let required = file.requiresPython, let python else { return true }
        let isAllowed = allows(required, python)
        if otherPythons.contains(where: { allows(required, $0) != isAllowed }) { dependsOnPatch = true }
        return isAllowed
    }

    private func allows(_ required: RequiresPython, _ python: Version) -> Bool {
        let (pip, uv) = (required.allows(python), required.allowsBelow(python))
        if pip != uv { dependsOnClient = true }
        return client == .uv ? uv : pip
    }

    /// The best wheel, else the source distribution; yanked files only if there are no others.
    private func candidate(_ files: [ClosureFile]) -> Candidate? {
        for isYanked in [false, true] {
            let files = files.filter { $0.isYanked == isYanked }
            let wheels = files.filter { !$0.isSource }
            if let best = tags.best(of: wheels.compactMap(\.wheel)) {
                return Candidate(file: wheels[best], isYanked: isYanked)
            }
            if let source = TargetView.source(files) { return Candidate(file: source, isYanked: isYanked) }
        }
        return nil
    }

    /// Of several source distributions a `.tar.gz` (PEP 625).
    private static func source(_ files: [ClosureFile]) -> ClosureFile? {
        let sources = files.filter(\.isSource)
        return sources.first { $0.filename.utf8.ends(with: ".tar.gz") } ?? sources.first
    }
}

extension Marker {
    /// Whether a patch release of Python may decide.
    var asksForPatch: Bool { root.uses(.pythonFullVersion) || root.uses(.implementationVersion) }
}
