import Basics
import FileSystem
import Store

/// Lays a tree's lines out as a directory of hard links.
///
/// Pointers are copied, with a time of their own (see ``PointerTimes``); everything else is linked to its blob.
struct TreeBuilder {
    let blobs: any LinkableBlobStore
    /// Now, in seconds: what a new pointer's time is at least.
    let now: Timestamp
    /// The tree that the same name serves at present.
    let previous: PublishedTree?
    /// The latest time of a pointer of that tree.
    let latest: Timestamp?

    /// What a build did that a user may want to know.
    struct Outcome: Sendable {
        var links = 0
        /// Files that could not be linked and take space of their own, empty ones apart.
        var copies = 0
        var copiedBytes: Int64 = 0
        /// Why, of the last one.
        var reason = CopyReason.tooManyLinks

        /// What copies mean to the user.
        var description: String {
            "files could not be linked and were copied (\(copies), \(ByteCount.text(copiedBytes))): \(reason.explanation)"
        }
    }

    /// Fills an empty directory.
    func build(_ lines: [ManifestEntry], into root: Directory) throws -> Outcome {
        var outcome = Outcome()
        let twins = immutableTwins(of: lines)
        var walk = DirectoryWalk(root: root)
        for line in lines {
            let (directory, name) = try walk.enter(line.path)
            if line.role == .pointer {
                try place(pointer: line, hasTwin: twins.contains(line.digest), in: directory, name: name, &outcome)
            } else {
                try link(line, in: directory, name: name, &outcome)
            }
        }
        return outcome
    }

    private func link(
        _ line: ManifestEntry, in directory: Directory, name: ArraySlice<UInt8>, _ outcome: inout Outcome
    ) throws {
        switch try blobs.link(line.digest, into: directory, as: name) {
        case .linked: outcome.links += 1
        case .copied(.empty): break
        case .copied(let reason):
            outcome.copies += 1
            outcome.copiedBytes += line.size
            outcome.reason = reason
        }
    }

    /// Blobs that the same tree also offers under an immutable name (by-hash): large indices, worth sharing.
    private func immutableTwins(of lines: [ManifestEntry]) -> Set<Digest> {
        var pointers: Set<Digest> = []
        for line in lines where line.role == .pointer { pointers.insert(line.digest) }
        var twins: Set<Digest> = []
        for line in lines where line.role != .pointer && pointers.contains(line.digest) { twins.insert(line.digest) }
        return twins
    }

    /// A web server derives ETag and Last-Modified from the second of the mtime and the size: two contents of one path must not
    /// share both, or a client is told that a changed file has not changed.
    private func place(
        pointer line: ManifestEntry, hasTwin: Bool, in directory: Directory, name: ArraySlice<UInt8>,
        _ outcome: inout Outcome
    ) throws {
        if try previous?.share(line, with: directory, as: name) ?? false { return }
        // Later than every pointer of that tree, and so than those of the trees before it: a path may be away for a while.
        let earliest = latest.map { $0 + 1 } ?? Timestamp(seconds: 0)
        if hasTwin {
            try link(line, in: directory, name: name, &outcome)
            if let status = try directory.status(name), status.modified >= earliest { return }
            try directory.unlink(name)
        }
        try blobs.copy(line.digest, into: directory, as: name, modified: max(now, earliest))
    }
}

/// The directories of sorted paths, each made once and open while its files are placed.
private struct DirectoryWalk {
    private var open: [(end: Int, directory: Directory)] = []
    private var current: [UInt8] = []
    private let root: Directory

    init(root: Directory) { self.root = root }

    /// The directory of a path and the name in it. Paths of one directory stand together when sorted by bytes.
    mutating func enter(_ path: RepositoryPath) throws -> (Directory, ArraySlice<UInt8>) {
        let name = path.name
        let prefix = path.bytes[..<name.startIndex]
        if prefix.elementsEqual(current) { return (open.last?.directory ?? root, name) }
        var shared = 0
        while shared < min(prefix.count, current.count), prefix[shared] == current[shared] { shared += 1 }
        while let last = open.last, last.end > shared { open.removeLast() }
        var start = open.last?.end ?? 0
        while let slash = prefix[start...].firstIndex(of: UInt8(ascii: "/")) {
            let parent = open.last?.directory ?? root
            let segment = prefix[start..<slash]
            try parent.makeDirectory(segment)
            open.append((slash + 1, try parent.directory(segment)))
            start = slash + 1
        }
        current = Array(prefix)
        return (open.last?.directory ?? root, name)
    }
}
