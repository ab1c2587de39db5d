import Basics
import Catalog
import FileSystem
import Hashing
import Store

/// Manifests, and texts of trees, that are damaged or gone, written again from a tree of that name: the tree tells paths, digests and
/// sizes, what each file is for is guessed, and the digest of the text proves the guess.
extension Verification {
    /// Restores what has been found so far to be lost, and notes the blobs that it needs.
    mutating func restoreTexts() throws {
        for index in report.defects.indices {
            let defect = report.defects[index]
            guard [.manifestMissing, .manifestDamaged].contains(defect.kind), !defect.isRepaired,
                let digest = defect.digest, let repository = defect.repository
            else { continue }
            if !restored.contains(digest) {
                guard let text = try text(digest, of: repository) else { continue }
                let session = try engine.store.blobs.beginSession(name: "verify")
                try session.protect([digest])
                try engine.records.restore(text)
                try session.end()
                restored.insert(digest)
                unreadable.remove(digest)
                try readManifest(digest, of: repository)
            }
            report.defects[index].isRepaired = true
        }
    }

    private func text(_ digest: Digest, of repository: String) throws -> Manifest? {
        for state in states where state.manifest == digest {
            if let found = try self.manifest(digest, within: state.tree) { return found }
        }
        guard let trees = try engine.publisher.links.trees() else { return nil }
        for name in try trees.names() where Digest(treeName: name) == digest {
            do {
                let files = try TreeListing(trees.directory(name), engine).files
                let roles =
                    try base(of: digest).map { FileRoles(tree: files, of: $0) } ?? guessed(files, digest, repository)
                let text = try Manifest(files.map(roles.entry))
                if text.id == digest { return text }
            } catch let error as ChantalError where [.malformed, .unsafePath].contains(error.code) {
                continue  // somebody wrote into the tree
            }
        }
        return nil
    }

    /// The manifest that the text of a tree is an extension of.
    private func base(of tree: Digest) throws -> Manifest? {
        for state in states where state.tree == tree && state.manifest != tree {
            if let manifest = try readable(state.manifest) { return manifest }
        }
        return nil
    }

    /// The states that records know, with the texts of their trees.
    private var states: [(manifest: Digest, tree: Digest)] {
        let all =
            generations.values.joined().map { ($0.manifest, $0.tree) } + publications.map { ($0.manifest, $0.tree) }
        return all.compactMap { manifest, tree in Digest(treeName: tree).map { (manifest, $0) } }
    }

    private func readable(_ digest: Digest) throws -> Manifest? {
        do {
            return try engine.records.manifest(digest)
        } catch let error as ChantalError where error.code == .store {
            return nil
        }
    }

    /// A manifest as the text of a tree that was made from it has it: without what is retained, and without files of the tree alone.
    private func manifest(_ digest: Digest, within tree: Digest) throws -> Manifest? {
        guard tree != digest, let text = try readable(tree) else { return nil }
        let own = text.entries.filter { $0.role != .retained }
        for entries in [own, own.filter { $0.role != .pointer || $0.path.bytes.contains(UInt8(ascii: "/")) }] {
            let candidate = try Manifest(entries)
            if candidate.id == digest { return candidate }
        }
        return nil
    }

    /// What the catalog and the other states of the repository say.
    private func guessed(_ files: [TreeListing.File], _ digest: Digest, _ repository: String) throws -> FileRoles {
        var roles = FileRoles(tree: files)
        for record in generations[repository] ?? [] where record.manifest != digest {
            for entry in try readable(record.manifest)?.entries ?? [] { roles.learn(entry.path, entry.role) }
        }
        guard let record = generations[repository]?.first(where: { $0.manifest == digest }) else { return roles }
        let catalog = try engine.openCatalog()
        try catalog.forEachPackage(of: RepositoryState(repository: repository, generation: record.number)) {
            roles.learn(try RepositoryPath($0.path), .package)
        }
        return roles
    }
}

/// The files of a tree. What is linked to a blob is not read: its name tells the digest.
private struct TreeListing {
    struct File {
        let path: RepositoryPath
        let digest: Digest
        let size: Int64
        let isLinked: Bool
    }

    private(set) var files: [File] = []
    private let blobs: [UInt64: Digest]

    init(_ tree: Directory, _ engine: Engine) throws {
        var blobs: [UInt64: Digest] = [:]
        let store = engine.store.blobs
        try store.forEachBlob { digest, _ in
            if let status = try store.status(of: digest), status.links > 1 { blobs[status.inode] = digest }
        }
        self.blobs = blobs
        try walk(tree, [], engine)
    }

    private mutating func walk(_ directory: Directory, _ prefix: [UInt8], _ engine: Engine) throws {
        try engine.cancellation.check()
        for entry in try directory.entries() {
            guard let status = try directory.status(entry.bytes) else { continue }
            let path = prefix + entry.bytes
            switch status.kind {
            case .directory: try walk(directory.directory(entry.bytes), path + [UInt8(ascii: "/")], engine)
            case .link:
                guard let shared = try engine.publisher.links.shared(entry, of: directory) else { continue }
                try walk(shared, path + [UInt8(ascii: "/")], engine)
            case .file:
                let linked = blobs[status.inode]
                files.append(
                    File(
                        path: try RepositoryPath(path), digest: try linked ?? hash(entry.bytes, of: directory),
                        size: status.size, isLinked: linked != nil))
            default: continue
            }
        }
    }

    private func hash(_ name: [UInt8], of directory: Directory) throws -> Digest {
        var hasher = SHA256Hasher()
        try directory.open(name).forEachChunk { hasher.update($0) }
        return hasher.finish()
    }
}

/// What files of a tree are for, as far as that can be told.
private struct FileRoles {
    private let manifest: Manifest?
    private var paths: [RepositoryPath: Role] = [:]
    private var directories: [ArraySlice<UInt8>: Role] = [:]
    /// How many files of the tree have each content.
    private var copies: [Digest: Int] = [:]

    /// - Parameter manifest: of the state that the tree was made for, if it is not the tree's own text that is lost.
    init(tree files: [TreeListing.File], of manifest: Manifest? = nil) {
        self.manifest = manifest
        for file in files { copies[file.digest, default: 0] += 1 }
    }

    mutating func learn(_ path: RepositoryPath, _ role: Role) {
        paths[path] = role
        directories[FileRoles.directory(of: path)] = role
    }

    private static func directory(of path: RepositoryPath) -> ArraySlice<UInt8> {
        path.bytes[..<(path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0)]
    }

    func entry(_ file: TreeListing.File) -> ManifestEntry {
        ManifestEntry(path: file.path, digest: file.digest, size: file.size, role: role(of: file))
    }

    private func role(of file: TreeListing.File) -> Role {
        // Empty files are copied whatever they are for.
        let isCopy = !file.isLinked && file.size > 0
        if let manifest { return manifest[file.path]?.role ?? (isCopy ? .pointer : .retained) }
        if let known = paths[file.path] { return known }
        if isCopy { return .pointer }
        let name = file.path.name
        let isHash = name.count >= 32 && name.allSatisfy { Hex.value($0) != nil }
        if isHash { return .metadata }
        // Offered by its hash as well: a pointer that shares the file.
        if copies[file.digest, default: 0] > 1, directories[FileRoles.directory(of: file.path)] != .package {
            return .pointer
        }
        return directories[FileRoles.directory(of: file.path)] ?? .metadata
    }
}
