import Basics
import FileSystem
import Store

/// A tree under `public/.trees` that some name serves.
struct PublishedTree {
    let directory: Directory
    /// Its pointers by path: of what it publishes, retained files have none.
    private let pointers: [RepositoryPath: Digest]

    init(directory: Directory, pointers: some Sequence<ManifestEntry>) {
        self.directory = directory
        self.pointers = Dictionary(pointers.map { ($0.path, $0.digest) }) { first, _ in first }
    }

    struct Pointer {
        let digest: Digest
        let size: Int64
        let modified: Timestamp
    }

    /// A pointer of this tree with its size and its time on disk; nil if the tree has none at this path.
    func pointer(at path: RepositoryPath) throws -> Pointer? {
        guard let digest = pointers[path], let status = try directory.status(path.bytes) else { return nil }
        return Pointer(digest: digest, size: status.size, modified: status.modified)
    }

    /// Where a path of this tree lies.
    func locate(_ path: RepositoryPath) throws -> (Directory, ArraySlice<UInt8>) {
        let parent = path.bytes.dropLast(path.name.count + 1)
        return (parent.isEmpty ? directory : try directory.directory(parent), path.name)
    }

    /// Whether a client of this tree could be told "not changed" for a file that `other` has changed: same path, size and second of
    /// mtime, different content.
    func isConfusable(with other: PublishedTree) throws -> Bool {
        for (path, digest) in other.pointers {
            guard let mine = pointers[path], mine != digest, let a = try pointer(at: path),
                let b = try other.pointer(at: path)
            else { continue }
            if a.size == b.size, a.modified == b.modified { return true }
        }
        return false
    }
}
