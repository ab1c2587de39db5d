import Basics

/// What has been asked for already.
final class ClosureKnowledge {
    private let provider: any ClosureProvider
    private var projects: [ProjectName: [ClosureFile]] = [:]
    private var dependencies: [FileKey: FileDependencies?] = [:]
    private(set) var failures: [ChantalError] = []

    /// Projects and files that one closure may ask for.
    static let projectLimit = 100_000
    static let fileLimit = 1_000_000

    private struct FileKey: Hashable {
        let project: ProjectName
        let filename: String

        init(_ file: ClosureFile) {
            project = file.project
            filename = file.filename
        }
    }

    init(_ provider: any ClosureProvider) { self.provider = provider }

    /// Asks for those of them that are not known.
    func load(_ names: [ProjectName]) throws {
        let missing = Set(names.filter { projects[$0] == nil }).sorted()
        if missing.isEmpty { return }
        guard projects.count + missing.count <= ClosureKnowledge.projectLimit else {
            throw ChantalError(
                .tooLarge, "the dependencies lead to more than \(ClosureKnowledge.projectLimit) projects")
        }
        for (name, answer) in zip(missing, try provider.files(of: missing)) {
            switch answer {
            case .success(let files): projects[name] = files
            case .failure(let error):
                projects[name] = []
                failures.append(error)
            }
        }
    }

    func load(_ files: [ClosureFile]) throws {
        var asked: Set<FileKey> = []
        let missing = files.filter { dependencies[FileKey($0)] == nil && asked.insert(FileKey($0)).inserted }
        if missing.isEmpty { return }
        guard dependencies.count + missing.count <= ClosureKnowledge.fileLimit else {
            throw ChantalError(.tooLarge, "the dependencies lead to more than \(ClosureKnowledge.fileLimit) files")
        }
        for (file, answer) in zip(missing, try provider.dependencies(of: missing)) {
            switch answer {
            case .success(let found): dependencies[FileKey(file)] = .some(found)
            case .failure(let error):
                dependencies[FileKey(file)] = .some(nil)
                failures.append(error)
            }
        }
    }

    func files(of project: ProjectName) throws -> [ClosureFile] {
        try load([project])
        return projects[project] ?? []
    }

    /// Nil if that could not be found out.
    func dependencies(of file: ClosureFile) throws -> FileDependencies? {
        try load([file])
        return dependencies[FileKey(file)] ?? nil
    }
}
