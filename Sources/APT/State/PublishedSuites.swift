import Basics
import Compression
import Hashing
import Mirroring

/// The suites of a published state and the indices in them, found by the names of its files.
struct PublishedSuites {
    struct Index {
        let kind: IndexKind
        /// The directory of the suite, nil for the root.
        let suite: RepositoryPath?
        /// Empty at the level of the suite.
        let component: String
        /// Nil for an index that says none.
        let architecture: String?
        /// What clients divide packages by: `bookworm/main`; the suite's directory alone for flat repositories.
        let group: String
        let path: RepositoryPath
        let format: CompressionFormat
        let digest: Digest
    }

    /// The directories of Release files, nil for the root.
    let directories: [RepositoryPath?]
    let entries: [ManifestEntry]

    init(_ state: StateReader) { self.init(state.manifest.entries) }

    /// - Parameter entries: those of a state, or only of its metadata.
    init(_ entries: [ManifestEntry]) {
        self.entries = entries
        // A Release file that another one lists is no root; like every index it has a name by hash too.
        var listed: Set<Digest> = []
        for entry in entries where entry.role == .metadata { listed.insert(entry.digest) }
        var directories: [RepositoryPath?] = []
        for entry in entries
        where entry.role == .pointer && PublishedSuites.isRoot(entry.path) && !listed.contains(entry.digest) {
            if !directories.contains(entry.path.directory) { directories.append(entry.path.directory) }
        }
        self.directories = directories
    }

    private static func isRoot(_ path: RepositoryPath) -> Bool {
        path.name.elementsEqual("InRelease".utf8) || path.name.elementsEqual("Release".utf8)
    }

    /// The indices of packages, each in the form that is cheapest to decode.
    func indexes() -> [Index] {
        var result: [Index] = []
        var places: [RepositoryPath: Int] = [:]
        for entry in entries where entry.role != .package {
            let format = CompressionFormat.ofName(entry.path.name)
            let plain = IndexSelection.plainPath(entry.path, format)
            guard plain.name.elementsEqual("Sources".utf8) || plain.name.elementsEqual("Packages".utf8),
                let suite = suite(of: plain)
            else { continue }
            let name = PublishedSuites.name(plain, suite)
            let index = Index(
                kind: name.kind, suite: suite, component: name.component ?? "",
                architecture: name.architecture, group: PublishedSuites.group(name, suite), path: plain, format: format,
                digest: entry.digest)
            if let place = places[plain] {
                if format.decodeCost < result[place].format.decodeCost { result[place] = index }
            } else {
                places[plain] = result.count
                result.append(index)
            }
        }
        return result
    }

    /// The directory of the suite that a path belongs to: of several, the deepest.
    func suite(of path: RepositoryPath) -> RepositoryPath?? {
        var found: RepositoryPath?? = nil
        for directory in directories {
            guard let directory else {
                if found == nil { found = .some(nil) }
                continue
            }
            guard path.bytes.starts(with: directory.bytes + [UInt8(ascii: "/")]) else { continue }
            if case .some(.some(let known)) = found, known.bytes.count >= directory.bytes.count { continue }
            found = .some(directory)
        }
        return found
    }

    private static func name(_ path: RepositoryPath, _ suite: RepositoryPath?) -> IndexName {
        let relative = suite.map { RepositoryPath(trusted: Array(path.bytes.dropFirst($0.bytes.count + 1))) } ?? path
        return IndexName(relative, components: [], architectures: [])
    }

    private static func group(_ name: IndexName, _ suite: RepositoryPath?) -> String {
        let directory = suite?.description ?? ""
        return [directory.after("dists/") ?? directory, name.component ?? ""].filter { !$0.isEmpty }
            .joined(separator: "/")
    }

    /// The Release file of a suite, by InRelease or else Release; the state was verified when it was made.
    static func release(in directory: RepositoryPath?, of state: StateReader) throws -> ReleaseFile? {
        for name in ["InRelease", "Release"] {
            let relative = RepositoryPath(trusted: Array(name.utf8))
            let path = directory.map { relative.under($0) } ?? relative
            guard let entry = state.manifest[path] else { continue }
            var bytes: [UInt8] = []
            try state.open(entry.digest).forEachChunk { bytes.append(contentsOf: $0) }
            let file = path.description
            let text = name == "InRelease" ? try Clearsign.unverifiedText(bytes, file: file) : bytes
            return try ReleaseFile(parsing: text, file: file)
        }
        return nil
    }
}
