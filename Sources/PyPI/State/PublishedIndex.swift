import Basics
import Mirroring

/// An index in one committed state, read from its published pages.
struct PublishedIndex {
    let state: StateReader

    init(_ state: StateReader) { self.state = state }

    /// Files of a state are chantal's own; still nothing larger is read than upstream could have caused.
    private func bytes(_ digest: Digest, limit: Int64) throws -> [UInt8] {
        let reader = try state.open(digest)
        guard reader.size <= limit else {
            throw ChantalError(.tooLarge, "a page of \(reader.size) bytes is larger than the \(limit) that it may have")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(reader.size))
        try reader.forEachChunk { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// The projects of the list, in its order; empty if there is none.
    func projects() throws -> [ListedProject] {
        guard let entry = state.manifest[IndexPath.listJSON] else { return [] }
        let list = try PageReader.projectList(
            bytes(entry.digest, limit: PageReader.largestList), url: "\(IndexPath.listJSON) of \(state.repository)")
        return list.projects.compactMap { project in
            guard let name = ProjectName(project.name) else { return nil }
            var listed = ListedProject(name: name, displayName: project.name)
            listed.serial = project.serial ?? project.pageSerial
            listed.seen = project.seenSerial ?? listed.serial
            return listed
        }
    }

    /// The page of a project; nil if the state does not have it.
    func page(of project: ProjectName) throws -> ProjectPage? {
        guard let entry = state.manifest[IndexPath.json(project)] else { return nil }
        return try page(entry)
    }

    private func page(_ entry: ManifestEntry) throws -> ProjectPage {
        // Relative URLs in it are of no interest: the files lie where their names say.
        try PageReader.project(bytes(entry.digest, limit: PageReader.largestPage), url: "\(entry.path)")
    }

    /// Every entry that belongs to a project: its pages and files.
    func entries(of project: ProjectName) -> [ManifestEntry] {
        let pages = [IndexPath.html(project), IndexPath.json(project)].compactMap { state.manifest[$0] }
        return pages + files(of: project)
    }

    /// The files of a project and their twins, sorted by path.
    func files(of project: ProjectName) -> ArraySlice<ManifestEntry> {
        let entries = state.manifest.entries
        let directory = IndexPath.packages(project).bytes + [0x2f]
        let first = PublishedIndex.firstIndex(in: entries, notBefore: directory)
        var end = first
        while end < entries.count, entries[end].path.bytes.starts(with: directory) { end += 1 }
        return entries[first..<end]
    }

    private static func firstIndex(in entries: [ManifestEntry], notBefore bytes: [UInt8]) -> Int {
        let wanted = RepositoryPath(trusted: bytes)
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].path < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
