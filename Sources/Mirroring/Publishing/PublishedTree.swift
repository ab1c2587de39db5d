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

    /// The latest time of a pointer; nil if the tree has none.
    func latest() throws -> Timestamp? {
        var latest: Timestamp?
        for path in pointers.keys {
            guard let time = try pointer(at: path)?.modified else { continue }
            latest = latest.map { max($0, time) } ?? time
        }
        return latest
    }

    /// Whether a name that serves `other` can serve this tree next: each pointer is the same file with the same time, or younger than
    /// all that the name has served, so that no content can be taken for an earlier one.
    func canFollow(_ other: PublishedTree) throws -> Bool {
        guard let latest = try other.latest() else { return true }
        for (path, digest) in pointers {
            guard let mine = try pointer(at: path) else { continue }
            if mine.modified > latest { continue }
            guard let before = try other.pointer(at: path), before.digest == digest, before.modified == mine.modified
            else { return false }
        }
        return true
    }
}
