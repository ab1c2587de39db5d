import Basics
import Mirroring

/// Tells the closure of dependencies what upstream has: pages and metadata, asked for in batches as they are needed.
final class ClosurePages: ClosureProvider {
    private let mirror: IndexMirror
    private let session: SyncSession
    private let previous: PublishedIndex?
    private var planner: ProjectPlanner
    /// What was answered before the closure began.
    private var answers: [ProjectName: Result<RootAnswer, ChantalError>]
    private(set) var known: [ProjectName: ClosureProject] = [:]
    private var pythons: [String: RequiresPython] = [:]
    /// Projects that upstream does not have, and that nothing is mirrored of.
    private(set) var absent: Set<ProjectName> = []
    /// Projects whose failure is told, and that nothing is mirrored of.
    private(set) var failed: Set<ProjectName> = []

    init(_ mirror: IndexMirror, answers: [ProjectName: Result<RootAnswer, ChantalError>]) throws {
        self.mirror = mirror
        session = mirror.session
        previous = try mirror.previous.get()
        planner = try mirror.makePlanner()
        self.answers = answers
    }

    func files(of projects: [ProjectName]) throws -> [Result<[ClosureFile], ChantalError>] {
        let unasked = projects.filter { answers[$0] == nil }
        for (name, answer) in zip(unasked, try mirror.pages.ask(unasked, again: true)) { answers[name] = answer }
        return try projects.map { name in
            if known[name] == nil, !absent.contains(name), !failed.contains(name) {
                do { try take(name) } catch let error as ChantalError where IndexMirror.isAboutOneProject(error) {
                    return .failure(error)
                }
            }
            guard let project = known[name] else { return .success([]) }
            return .success(
                project.candidates.compactMap { file in
                    ClosureFile(
                        file.filename, of: name, requiresPython: file.requiresPython.map(read),
                        isYanked: file.yanked != nil,
                        checksums: file.checksums)
                })
        }
    }

    /// The same few texts stand beside nearly all files.
    private func read(_ text: String) -> RequiresPython {
        if let known = pythons[text] { return known }
        let made = RequiresPython(text)
        pythons[text] = made
        return made
    }

    private func take(_ name: ProjectName) throws {
        guard let answer = answers[name] else { return }
        var listed = ListedProject(name: name, displayName: name.text)
        listed.seen = mirror.serials[name]
        do {
            let page = try mirror.page(name, answer)
            if let page, try mirror.keepOlder(listed, page.serial, previous) {
                try keepLast(name)
            } else if let alarm = try planner.alarm(name, page) {
                try mirror.hold(alarm, &listed, previous)
                try keepLast(name)
            } else if let page {
                if page.isQuarantined {
                    session.warn("upstream has put the project \(name) under quarantine, and offers no file of it")
                }
                let candidates = try planner.candidates(page, of: name)
                known[name] = ClosureProject(
                    page: page, candidates: candidates, isWaiting: planner.isWaiting, isKept: false)
            } else {
                absent.insert(name)
            }
        } catch let error as ChantalError where IndexMirror.isAboutOneProject(error) {
            try mirror.fail(error, &listed, previous)
            try keepLast(name)
        }
    }

    /// What is mirrored of a project goes on leading to what it needs.
    private func keepLast(_ name: ProjectName) throws {
        guard let page = try previous?.page(of: name) else {
            failed.insert(name)
            return
        }
        known[name] = ClosureProject(page: page, candidates: page.files, isWaiting: false, isKept: true)
    }
}

/// A project as the closure knows it.
struct ClosureProject {
    let page: ProjectPage
    /// The files that may be taken.
    let candidates: [ProjectFile]
    /// Whether some file waits for its quarantine to end.
    let isWaiting: Bool
    /// Whether its last state is kept as it is.
    let isKept: Bool
}

// MARK: What files need

extension ClosurePages {
    /// Where the dependencies of a file stand.
    private enum Place {
        /// A `.metadata` file.
        case metadata
        /// In the file itself.
        case distribution
    }

    private func offered(_ file: ClosureFile) -> ProjectFile? {
        known[file.project]?.candidates.first { $0.filename == file.filename }
    }

    private static func request(_ file: ProjectFile) -> MetadataRequest {
        MetadataRequest(
            source: .url(file.url), size: file.size, sizeLimit: ProjectPlanner.largestFile, checksums: file.checksums)
    }

    func dependencies(of files: [ClosureFile]) throws -> [Result<FileDependencies, ChantalError>] {
        var results = [Result<FileDependencies, ChantalError>?](repeating: nil, count: files.count)
        var requests: [MetadataRequest] = []
        var waiting: [(index: Int, place: Place)] = []
        for (index, file) in files.enumerated() {
            guard let own = offered(file) else {
                results[index] = .failure(ChantalError(.bug, "\(file.filename) was never offered"))
                continue
            }
            if let digest = try mirroredMetadata(own, of: file.project) {
                results[index] = Result { try self.read(digest, .metadata, file) }.mapError { ChantalError.wrap($0) }
            } else if file.wheel != nil, case .hashed(let checksums) = own.coreMetadata {
                var url = URLReference(own.url)
                url.path += IndexPath.metadataSuffix
                requests.append(
                    MetadataRequest(
                        source: .url(url.requestText), sizeLimit: ProjectPlanner.largestTwin, checksums: checksums))
                waiting.append((index, .metadata))
            } else {
                requests.append(ClosurePages.request(own))
                waiting.append((index, .distribution))
            }
        }
        var answers = try session.fetch(requests)
        // What upstream does not give beside a wheel stands in it.
        let missed = waiting.indices.filter { place in
            guard waiting[place].place == .metadata, case .failure(let error) = answers[place] else { return false }
            return error.code == .missing || error.code == .mismatch
        }
        let wheels = missed.compactMap { offered(files[waiting[$0].index]).map(ClosurePages.request) }
        for (place, answer) in zip(missed, try session.fetch(wheels)) {
            answers[place] = answer
            waiting[place].place = .distribution
        }
        for (wanted, answer) in zip(waiting, answers) {
            let file = files[wanted.index]
            results[wanted.index] = Result { try self.read(answer.get().digest, wanted.place, file) }
                .mapError { ChantalError.wrap($0).within("what \(file.filename) needs is not known") }
        }
        return results.map { $0 ?? .failure(ChantalError(.bug, "a file was not asked for")) }
    }

    /// The metadata that is mirrored of these very bytes.
    private func mirroredMetadata(_ file: ProjectFile, of project: ProjectName) throws -> Digest? {
        guard let previous, let path = try? IndexPath.file(file.filename, of: project),
            let sha256 = file.sha256, previous.state.manifest[path]?.digest == sha256,
            let twin = IndexPath.twin(path, IndexPath.metadataSuffix),
            let entry = previous.state.manifest[twin], try session.holds([entry.digest]) == [true]
        else { return nil }
        return entry.digest
    }

    private func read(_ digest: Digest, _ place: Place, _ file: ClosureFile) throws -> FileDependencies {
        switch place {
        case .metadata:
            let bytes = try session.readAll(digest, limit: Int(ProjectPlanner.largestTwin))
            return FileDependencies(requirements: try DistributionMetadata(bytes).requirements.read)
        case .distribution:
            let reader = try session.open(digest)
            if file.isSource { return try SourceDistribution.dependencies(reader, file.filename) }
            guard let bytes = try WheelMetadata.read(reader, of: file.project) else {
                throw ChantalError(.malformed, "\(file.filename) has no METADATA")
            }
            return FileDependencies(requirements: try DistributionMetadata(bytes).requirements.read)
        }
    }
}
