import Basics
import Glibc
import Hashing
import Mirroring

/// What the user wants of an index: `projects`, `requirements` and `lock`, read.
struct WantedProjects {
    /// What is asked of each project, sorted by name; nil where the whole index is wanted.
    private(set) var demands: [ProjectDemand]?
    /// Requirements that are installed together, for the closure of dependencies.
    private(set) var groups: [ClosureGroup] = []
    /// Files of lock files: exactly these, whatever else is wanted.
    private(set) var locked: [ProjectDemand] = []
    /// What decides beside the configuration: the content of every file that was read; nil if none was.
    private(set) var inputs: Digest?
    /// Lines that no mirror can do anything with.
    private(set) var warnings: [String] = []
    private(set) var takesPreReleases = false

    private static let largestFile = 64 << 20

    init(_ section: RepositorySection, targets: [Target], session: SyncSession) throws {
        let requirements = section.value(IndexSettings.requirements)
        let locks = section.value(IndexSettings.lock)
        let projects = section.value(IndexSettings.projects)
        if requirements.isEmpty, locks.isEmpty, projects.isEmpty { return }
        var contents: [UInt8] = []
        func content(_ path: String) throws -> [UInt8] {
            let bytes = try session.configurationFile(path, limit: WantedProjects.largestFile)
            contents += sha256(of: bytes).bytes
            return bytes
        }
        var collector = DemandCollector()
        for project in projects {
            collector.add(
                project.name, displayName: project.nameText, ProjectDemand.Line(specifiers: project.specifiers))
            groups.append(ClosureGroup(roots: [ClosureGroup.Root(project, place: "projects")]))
        }
        for path in requirements {
            let file = try RequirementsFile.read(
                path, environment: { getenv($0).map { String(cString: $0) } }, open: content)
            try take(file, targets, &collector)
        }
        var exact = DemandCollector()
        for path in locks {
            let lock = try LockFile.read(content(path), file: path)
            warnings += lock.unusable.map { "\($0.place): \($0.reason)" }
            for file in targets.isEmpty ? lock.files : try lock.files(for: targets) {
                var line = ProjectDemand.Line(filenames: [file.filename], place: file.place)
                let digests = file.checksums.compactMap(\.sha256)
                if !digests.isEmpty { line.digests = Set(digests) }
                line.otherChecksums = file.checksums.filter { $0.algorithm != .sha256 }
                collector.add(file.project, displayName: file.project.text, line)
                exact.add(file.project, displayName: file.project.text, line)
            }
        }
        demands = collector.sorted
        locked = exact.sorted
        if !requirements.isEmpty || !locks.isEmpty { inputs = sha256(of: contents) }
    }

    private mutating func take(_ file: RequirementsFile, _ targets: [Target], _ collector: inout DemandCollector) throws
    {
        warnings += (file.unusable + file.ignoredOptions).map { "\($0.place): \($0.reason)" }
        if file.takesPreReleases { takesPreReleases = true }
        groups.append(ClosureGroup(file))
        let environments = targets.flatMap(\.patchVariants).map { MarkerEnvironment($0) }
        func isWanted(_ requirement: Requirement) throws -> Bool {
            // Without targets nobody knows who will read it.
            try environments.isEmpty || environments.contains { try requirement.holds(in: $0) }
        }
        var bounds: [ProjectName: SpecifierSet] = [:]
        for entry in file.constraints where try isWanted(entry.requirement) {
            let name = entry.requirement.name
            bounds[name] = (bounds[name] ?? SpecifierSet()).union(entry.requirement.specifiers)
        }
        for entry in file.requirements where try isWanted(entry.requirement) {
            let requirement = entry.requirement
            var line = ProjectDemand.Line(specifiers: requirement.specifiers, place: entry.place)
            if let bound = bounds[requirement.name] { line.specifiers = line.specifiers.union(bound) }
            let digests = entry.hashes.compactMap(\.sha256)
            if !digests.isEmpty { line.digests = Set(digests) }
            collector.add(requirement.name, displayName: requirement.nameText, line)
        }
    }
}

/// Collects what the user's lines ask of each project.
struct DemandCollector {
    private var demands: [ProjectName: ProjectDemand] = [:]

    mutating func add(_ name: ProjectName, displayName: String, _ line: ProjectDemand.Line) {
        var demand = demands[name] ?? ProjectDemand(name, displayName: displayName, lines: [])
        if !demand.lines.contains(where: line.asks(sameAs:)) { demand.lines.append(line) }
        demands[name] = demand
    }

    var sorted: [ProjectDemand] { demands.values.sorted { $0.name < $1.name } }
}
