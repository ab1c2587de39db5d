import Basics
import FileSystem
import Hashing
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
    /// Directories in common with other trees; nil if all are to be the tree's own.
    let shared: SharedDirectories?

    private static let threads = 2
    /// Lines that are worth a thread's while.
    private static let part = 2000
    /// Up to so many pointers are copied, so that what all clients ask for first is a file of its own; more would take an inode each.
    private static let fewPointers = 64

    /// What a build did that a user may want to know.
    struct Outcome: Sendable {
        /// Files that could not be linked and take space of their own, empty ones apart.
        var copies = 0
        var copiedBytes: Int64 = 0
        /// Why, of the last one.
        var reason = CopyReason.tooManyLinks
        /// The latest time of a pointer that was not shared with the tree before.
        var newest: Timestamp?

        mutating func add(_ other: Outcome) {
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
            let result = Result { try lay(parts[index], of: lines, into: root, linking) }
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
            let last = min(start + part, lines.count) - 1
            let end = endOfDirectory(after: last, of: lines, in: start..<lines.count)
            parts.append(start..<end)
            start = end
        }
        return parts
    }

    /// The end of the lines that lie in one directory with that at an index.
    private static func endOfDirectory(after index: Int, of lines: [ManifestEntry], in range: Range<Int>) -> Int {
        let path = lines[index].path
        let prefix = path.bytes[..<path.name.startIndex]
        var end = index + 1
        while end < range.upperBound, lines[end].path.isDirectly(in: prefix) { end += 1 }
        return end
    }

    private func lay(
        _ part: Range<Int>, of lines: [ManifestEntry], into root: Directory, _ linking: Linking
    ) throws -> Outcome {
        var outcome = Outcome()
        var walk = DirectoryWalk(root: root)
        var hasher = SHA256Hasher()
        var start = part.lowerBound
        while start < part.upperBound {
            let end = TreeBuilder.endOfDirectory(after: start, of: lines, in: part)
            if let shared, let path = TreeBuilder.closedDirectory(start..<end, of: lines) {
                let (directory, name) = try walk.enter(path)
                let content = SharedName(lines[start..<end], &hasher)
                let target = content.link(fromDepth: path.depth)
                if try previous?.share(linkAt: path, saying: target, with: directory, as: name) != true {
                    try shared.provide(content, lines[start..<end]) { line, directory, name in
                        try link(line, in: directory, name: name, &outcome)
                    }
                    try directory.symlink(name, to: target)
                }
            } else {
                for line in lines[start..<end] {
                    let (directory, name) = try walk.enter(line.path)
                    if line.role == .pointer {
                        try place(pointer: line, linking, in: directory, name: name, &outcome)
                    } else {
                        try link(line, in: directory, name: name, &outcome)
                    }
                }
            }
            start = end
        }
        return outcome
    }

    /// The path of a directory if these lines are all that it holds, none of them a pointer.
    private static func closedDirectory(_ run: Range<Int>, of lines: [ManifestEntry]) -> RepositoryPath? {
        let path = lines[run.lowerBound].path
        let prefix = path.bytes[..<path.name.startIndex]
        // All paths below a directory stand together.
        func isBelow(_ index: Int) -> Bool {
            lines.indices.contains(index) && lines[index].path.isBelow(prefix)
        }
        if prefix.isEmpty || isBelow(run.lowerBound - 1) || isBelow(run.upperBound) { return nil }
        if lines[run].contains(where: { $0.role == .pointer }) { return nil }
        return RepositoryPath(trusted: Array(prefix.dropLast()))
    }

    private func link(
        _ line: ManifestEntry, in directory: Directory, name: ArraySlice<UInt8>, _ outcome: inout Outcome
    ) throws {
        switch try blobs.link(line.digest, into: directory, as: name) {
        case .linked, .copied(.empty): break
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

extension RepositoryPath {
    /// Whether it lies below the directory that these bytes name, with the slash at their end.
    fileprivate func isBelow(_ prefix: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes { own in
            prefix.withUnsafeBytes { own.count > $0.count && own.slice(0..<$0.count).equals($0) }
        }
    }

    /// The same, with no directory in between.
    fileprivate func isDirectly(in prefix: ArraySlice<UInt8>) -> Bool {
        isBelow(prefix)
            && bytes.withUnsafeBytes { $0.firstIndex(of: UInt8(ascii: "/"), from: prefix.count) == nil }
    }

    /// How many directories lie above it.
    fileprivate var depth: Int { bytes.count { $0 == UInt8(ascii: "/") } }
}
