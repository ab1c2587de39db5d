import Basics
import FileSystem
import Glibc
import Synchronization

/// The digests that running sessions count on: `locks/rely/<session>`, a digest a line, locked while its session lives.
///
/// A session appends before it looks whether a blob is there, both under the shared sweep lock; a sweep holds that lock alone
/// while it reads these files and removes. So either the sweep reads the digest, or the session finds the blob gone.
final class Reliances: Sendable {
    static let folder = "rely"
    private let locks: StoreLocks
    /// What was read of each file so far: they only grow.
    private let known = Mutex<[String: (offset: Int64, digests: Set<Digest>)]>([:])

    init(_ locks: StoreLocks) { self.locks = locks }

    /// What live sessions rely on. Files of dead ones are removed. The caller holds the sweep lock alone.
    func digests() throws -> Set<Digest> {
        guard let directory = try locks.folderIfPresent(Reliances.folder) else { return [] }
        return try known.withLock { known in
            var result: Set<Digest> = []
            var live: Set<String> = []
            for name in try directory.names() {
                guard let file = try directory.openIfPresent(name) else { continue }
                if try file.tryLock() {
                    try directory.unlink(name)
                    continue
                }
                live.insert(name)
                var entry = known[name] ?? (0, [])
                try Reliances.read(file, from: &entry.offset, into: &entry.digests)
                known[name] = entry
                result.formUnion(entry.digests)
            }
            known = known.filter { live.contains($0.key) }
            return result
        }
    }

    /// Reads whole lines from an offset on; a line that is no digest is a note or what a full disk left.
    private static func read(
        _ file: borrowing FileDescriptor, from offset: inout Int64, into digests: inout Set<Digest>
    ) throws {
        try file.seek(to: offset)
        var rest: [UInt8] = []
        var consumed: Int64 = 0
        try file.forEachChunk { chunk in
            rest.append(contentsOf: chunk)
            let used = rest.withUnsafeBytes { bytes in
                var start = 0
                while let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start) {
                    if let digest = BlobNames.digest(bytes.slice(start..<end)) { digests.insert(digest) }
                    start = end + 1
                }
                return start
            }
            rest.removeFirst(used)
            consumed += Int64(used)
        }
        offset += consumed
    }

    /// Removes those of a batch that nobody needs by now.
    func sweep(
        _ batch: [Digest], recheck: () throws -> Set<Digest>, remove: (Digest) throws -> Int64?
    ) throws -> SweepResult {
        let lock = try locks.sweepExclusive()
        let relied = try digests()
        let needed = try recheck()
        var result = SweepResult()
        for digest in batch {
            if relied.contains(digest) || needed.contains(digest) {
                result.kept.append(digest)
            } else if let size = try remove(digest) {
                result.removed += 1
                result.bytes += size
            }
        }
        withExtendedLifetime(lock) {}
        return result
    }
}

/// One session's own file of what it relies on.
final class RelianceFile: Sendable {
    /// The session's name as well: begins with the boot's identifier.
    let identifier: String
    private let folder: Directory
    private let file: FileDescriptor
    private let state = Mutex<(protected: Set<Digest>, torn: Bool)>(([], false))

    /// Makes and locks a new file.
    /// - Parameter note: for people who look into it.
    init(_ locks: StoreLocks, boot: String, note: String) throws {
        folder = try locks.folder(Reliances.folder)
        while true {
            let name = File.uniqueName(boot)
            let made = try folder.create(name, mode: 0o644)
            // A sweep may have taken the file, not locked yet, for a dead session's.
            guard try made.tryLock(), let there = try folder.status(name), try made.status().isSameFile(as: there)
            else { continue }
            file = made
            identifier = name
            break
        }
        try "# \(note)\n".withNameBytes { try file.write($0) }
    }

    /// Appends digests that are not there yet. The caller holds the sweep lock, shared.
    func append(_ digests: some Collection<Digest>) throws {
        try state.withLock { state in
            var text: [UInt8] = []
            text.reserveCapacity(digests.count * (Digest.hexCount + 1) + 1)
            var fresh: [Digest] = []
            fresh.reserveCapacity(digests.count)
            for digest in digests where !state.protected.contains(digest) {
                fresh.append(digest)
                digest.appendHex(to: &text)
                text.append(UInt8(ascii: "\n"))
            }
            if fresh.isEmpty { return }
            // After a write that a full disk cut short, the next line begins on a line of its own.
            if state.torn { text.insert(UInt8(ascii: "\n"), at: 0) }
            state.torn = true
            try text.withUnsafeBytes { try file.write($0) }
            state.torn = false
            state.protected.formUnion(fresh)
        }
    }

    /// Removes the file; the lock goes with the object.
    func remove() throws { try folder.unlink(identifier) }
}
