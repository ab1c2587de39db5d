import Basics
import Testing

@testable import PyPI

/// An index in memory.
final class Shelf: ClosureProvider {
    private var projects: [ProjectName: [ClosureFile]] = [:]
    private var needs: [String: FileDependencies] = [:]
    /// Answers that were asked for, in order.
    private(set) var askedProjects: [ProjectName] = []
    private(set) var askedFiles: [String] = []
    var broken: Set<String> = []

    /// - Parameter build: what a source distribution needs to be built.
    func add(
        _ filename: String, _ project: String, needs: [String] = [], python: String? = nil, isYanked: Bool = false,
        build: [String]? = [], checksums: [Checksum] = []
    ) throws {
        let name = try need(ProjectName(project))
        let file = try need(
            ClosureFile(
                filename, of: name, requiresPython: python.map { RequiresPython($0) }, isYanked: isYanked,
                checksums: checksums))
        projects[name, default: []].append(file)
        self.needs[filename] = FileDependencies(
            requirements: try needs.map { try Requirement($0) },
            buildRequirements: file.isSource ? try build?.map { try Requirement($0) } : nil)
    }

    /// `name version`, with a wheel for all.
    func add(_ release: String, needs: [String] = []) throws {
        let words = release.split(separator: " ")
        try add("\(words[0])-\(words[1])-py3-none-any.whl", String(words[0]), needs: needs)
    }

    func files(of projects: [ProjectName]) throws -> [Result<[ClosureFile], ChantalError>] {
        askedProjects += projects
        return projects.map { name in
            if broken.contains(name.text) { return .failure(ChantalError(.network, "\(name) cannot be had")) }
            return .success(self.projects[name] ?? [])
        }
    }

    func dependencies(of files: [ClosureFile]) throws -> [Result<FileDependencies, ChantalError>] {
        askedFiles += files.map(\.filename)
        return files.map { file in
            if broken.contains(file.filename) {
                return .failure(ChantalError(.malformed, "\(file.filename) is broken"))
            }
            return .success(needs[file.filename] ?? FileDependencies(requirements: []))
        }
    }

    /// Runs the closure of one group.
    func closure(
        _ roots: [String], constraints: [String] = [], python: String = "3.12",
        platforms: [String] = ["manylinux_2_28_x86_64"], latest: Int? = 1, takesPreReleases: Bool = false
    ) throws -> ClosureResult {
        let group = ClosureGroup(
            roots: try roots.map { ClosureGroup.Root(try Requirement($0), place: "roots") },
            constraints: try constraints.map { try Requirement($0) })
        let targets = try platforms.map { try need(Target(python: python, platform: try need(TargetPlatform($0)))) }
        return try DependencyClosure.run(
            ClosureRequest(groups: [group], targets: targets, latest: latest, takesPreReleases: takesPreReleases),
            provider: self)
    }
}

extension ClosureResult {
    /// `name version`, each once.
    var releases: [String] {
        var seen: Set<String> = []
        return kept.map { "\($0.file.project) \($0.file.version)" }.filter { seen.insert($0).inserted }
    }

    var filenames: [String] { kept.map(\.file.filename) }
}
