import Basics
import FileSystem
import Store
import Synchronization

/// Lays a tree's lines out as a directory of hard links, on two threads where there are many.
///
/// Pointers get a time by which no web server can confuse them with what the name served before (``PointerTimes``); everything else
/// is linked to its blob.
struct TreeBuilder: Sendable {
    let blobs: any LinkableBlobStore
    /// The tree that the same name serves at present.
    let previous: PublishedTree?
    let times: PointerTimes

    private static let threads = 2
    /// Lines that are worth a thread's while.
    private static let part = 2000
    /// Up to so many pointers are copied, so that what all clients ask for first is a file of its own; more would take an inode each.
    private static let fewPointers = 64

    /// What a build did that a user may want to know.
    struct Outcome: Sendable {
        var links = 0
        /// Files that could not be linked and take space of their own, empty ones apart.
        var copies = 0
        var copiedBytes: Int64 = 0
        /// Why, of the last one.
        var reason = CopyReason.tooManyLinks
        /// The latest time of a pointer that was not shared with the tree before.
        var newest: Timestamp?

        mutating func add(_ other: Outcome) {
            links += other.links
            copies += other.copies
            copiedBytes += other.copiedBytes
            if other.copies > 0 { reason = other.reason }
            if let time = other.newest { note(time) }
        }

        mutating func note(_ time: Timestamp) { newest = newest.map { max($0, time) } ?? time }

        /// What copies mean to the user.
        var description: String {
            "files could not be linked and were copied (\(copies), \(ByteCount.text(copiedBytes))): \(reason.explanation)"
        }
    }

    /// Fills an empty directory.
    func build(_ lines: [ManifestEntry], into root: Directory) throws -> Outcome {
        let linking = linkablePointers(of: lines)
        let parts = TreeBuilder.parts(of: lines)
        let results = Mutex([Result<Outcome, any Error>](repeating: .success(Outcome()), count: parts.count))
        let hasFailed = Atomic(false)
        Workers.run(parts.count, width: TreeBuilder.threads) { index in
            if hasFailed.load(ordering: .relaxed) { return }
            let result = Result { try lay(lines[parts[index]], into: root, linking) }
            if case .failure = result { hasFailed.store(true, ordering: .relaxed) }
            results.withLock { $0[index] = result }
        }
        var outcome = Outcome()
        for result in results.withLock({ $0 }) { outcome.add(try result.get()) }
        return outcome
    }

    /// Stretches of lines that end where a directory ends: two threads in one directory wait for each other.
    private static func parts(of lines: [ManifestEntry]) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = 0
        while start < lines.count {
            var end = min(start + part, lines.count)
            while end < lines.count, lines[end].path.isBeside(lines[end - 1].path) { end += 1 }
            parts.append(start..<end)
            start = end
        }
        return parts
    }

    private func lay(_ lines: ArraySlice<ManifestEntry>, into root: Directory, _ linking: Linking) throws -> Outcome {
        var outcome = Outcome()
        var walk = DirectoryWalk(root: root)
        for line in lines {
            let (directory, name) = try walk.enter(line.path)
            if line.role == .pointer {
                try place(pointer: line, linking, in: directory, name: name, &outcome)
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

    /// Which pointers are rather linked than copied.
    private enum Linking {
        case all
        /// Blobs that the same tree also offers under an immutable name (by-hash): large indices, worth sharing.
        case some(Set<Digest>)

        func contains(_ digest: Digest) -> Bool {
            switch self {
            case .all: true
            case .some(let digests): digests.contains(digest)
            }
        }
    }

    private func linkablePointers(of lines: [ManifestEntry]) -> Linking {
        var pointers: Set<Digest> = []
        for line in lines where line.role == .pointer { pointers.insert(line.digest) }
        if pointers.count > TreeBuilder.fewPointers { return .all }
        var twins: Set<Digest> = []
        for line in lines where line.role != .pointer && pointers.contains(line.digest) { twins.insert(line.digest) }
        return .some(twins)
    }

    private func place(
        pointer line: ManifestEntry, _ linking: Linking, in directory: Directory, name: ArraySlice<UInt8>,
        _ outcome: inout Outcome
    ) throws {
        if try previous?.share(line, with: directory, as: name) ?? false { return }
        if linking.contains(line.digest), let time = try blobs.storedAt(line.digest), times.allow(time) {
            // A copy, where there can be no link, has the blob's time as well.
            try link(line, in: directory, name: name, &outcome)
            outcome.note(time)
        } else {
            try blobs.copy(line.digest, into: directory, as: name, modified: times.fresh)
            outcome.note(times.fresh)
        }
    }
}

/// Which times the pointers of a new tree may have.
///
/// A web server derives ETag and Last-Modified from the second of the mtime and the size: two contents of one path must not share
/// both, or a client is told that a changed file has not changed. So whatever is new is later than every pointer that the name has ever
/// served, at any path: a path may be away for a while.
struct PointerTimes: Sendable {
    /// Now, in seconds.
    let now: Timestamp
    /// The latest time of a pointer that the name has served; nil if it has served none.
    let newest: Timestamp?

    /// What a pointer gets that is made now.
    var fresh: Timestamp { newest.map { max(now, $0 + 1) } ?? now }

    /// Whether a pointer may have this time, which its blob has.
    func allow(_ time: Timestamp) -> Bool { time <= now && newest.map { time > $0 } ?? true }
}

extension RepositoryPath {
    /// Whether both lie in one directory.
    fileprivate func isBeside(_ other: RepositoryPath) -> Bool {
        bytes[..<name.startIndex].elementsEqual(other.bytes[..<other.name.startIndex])
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
