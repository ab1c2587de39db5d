import Basics
import Mirroring

/// Asks upstream for pages of the simple API.
struct IndexPages {
    let session: SyncSession

    /// How many pages are asked for at once: what came in and is not small waits in the store, not in memory.
    static let batch = 4096

    /// Whether upstream is a tree of files, where nobody answers for a directory.
    private var isLocal: Bool { session.bases.allSatisfy { $0.hasPrefix("file:") } }

    func request(_ project: ProjectName) -> RootRequest {
        let directory = RepositoryPath(trusted: Array(project.text.utf8))
        let page = RepositoryPath(trusted: Array("\(project.text)/index.html".utf8))
        return RootRequest(
            name: IndexPath.page(project), source: isLocal ? .path(page) : .directory(directory),
            limit: PageReader.largestPage, headers: [("Accept", PageReader.accept)], kept: .withValidators)
    }

    /// - Parameter again: asks unconditionally.
    func ask(_ projects: [ProjectName], again: Bool = false) throws -> [Result<RootAnswer, ChantalError>] {
        var answers: [Result<RootAnswer, ChantalError>] = []
        answers.reserveCapacity(projects.count)
        var start = 0
        while start < projects.count {
            let batch = projects[start..<min(start + IndexPages.batch, projects.count)]
            answers += try session.roots(batch.map(request), again: again)
            start = batch.endIndex
        }
        return answers
    }

    func page(_ project: ProjectName, _ file: RootFile) throws -> ProjectPage {
        var page = try PageReader.project(
            session.contents(of: file, limit: Int(PageReader.largestPage)), url: file.url,
            contentType: file.contentType)
        page.files.removeAll { !$0.isDistribution }
        if let name = page.name, let normal = ProjectName(name), normal != project {
            throw ChantalError(.malformed, "the page of \(project) at \(file.url) is about \(normal)", url: file.url)
        }
        return page
    }

    /// Asks for the list of projects, of the first upstream that has one.
    /// - Throws: ``ChantalError`` `missing` if none has.
    func askForList(again: Bool = false) throws -> (RootRequest, RootAnswer) {
        var failure: ChantalError?
        for base in session.bases {
            let request = RootRequest(
                name: IndexPath.list, source: .url(isLocal ? "\(base)/index.html" : "\(base)/"),
                limit: PageReader.largestList, headers: [("Accept", PageReader.accept)], kept: .withValidators)
            switch try session.roots([request], again: again)[0] {
            case .success(.absent): continue
            case .success(let answer): return (request, answer)
            case .failure(let error): failure = error
            }
        }
        throw failure
            ?? ChantalError(
                .missing, "the upstream of '\(session.repository)' has no list of projects",
                hint:
                    "name those that are wanted under 'projects' or 'requirements'; the URL ends with /simple/ at most indexes"
            )
    }

    func list(_ request: RootRequest, _ answer: RootAnswer) throws -> ProjectList {
        guard let bytes = try session.rootContents(request, answer) else {
            throw ChantalError(.missing, "the list of projects of '\(session.repository)' is gone")
        }
        var url = session.bases.first.map { "\($0)/" } ?? ""
        var contentType: String?
        if case .fetched(let file) = answer { (url, contentType) = (file.url, file.contentType) }
        return try PageReader.projectList(bytes, url: url, contentType: contentType)
    }
}
