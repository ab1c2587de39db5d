import Basics
import FileSystem
import Glibc
import Store

/// A tree under `public/.trees` that some name serves.
struct PublishedTree: Sendable {
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

    /// Gives a pointer of this tree a second name, with its time, if it has these very bytes.
    /// - Returns: false if there is no such pointer.
    func share(_ line: ManifestEntry, with other: Directory, as name: ArraySlice<UInt8>) throws -> Bool {
        guard pointers[line.path] == line.digest else { return false }
        switch try directory.link(line.path.bytes, to: other, as: name) {
        case 0: return true
        case ENOENT: return false
        default:
            try directory.copy(line.path.bytes, to: other, as: name)
            return true
        }
    }

    /// Gives a symbolic link of this tree a second name: an inode less to make.
    /// - Returns: false if there is none at this path that says the same, or the filesystem does not link it.
    func share(linkAt path: RepositoryPath, saying target: [UInt8], with other: Directory, as name: ArraySlice<UInt8>)
        throws -> Bool
    {
        guard try directory.isLink(path.bytes, saying: target) else { return false }
        return try directory.link(path.bytes, to: other, as: name) == 0
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

    /// The time of a tree's directory: not earlier than that of any of its pointers, unless they were changed since.
    static func stamp(of tree: Directory) throws -> Timestamp {
        guard let status = try tree.status(".") else { throw ChantalError.system(ENOENT, "examine", path: tree.path) }
        return status.modified
    }

    func stamp() throws -> Timestamp { try PublishedTree.stamp(of: directory) }

    /// Whether a name can serve this tree next: each pointer is the same file with the same time as in the tree that it serves now, or
    /// younger than all that it has served, so that no content can be taken for an earlier one.
    /// - Parameter newest: the latest time of a pointer that the name has served.
    func canFollow(_ other: PublishedTree?, newest: Timestamp) throws -> Bool {
        for (path, digest) in pointers {
            guard let mine = try pointer(at: path) else { continue }
            if mine.modified > newest { continue }
            guard let before = try other?.pointer(at: path), before.digest == digest, before.modified == mine.modified
            else { return false }
        }
        return true
    }
}
