import Basics
import Glibc
import Store

/// What a tree holds: a manifest's lines, and files of earlier states that a client may still be about to ask for.
///
/// A client that read a pointer a moment ago asks for the hash-named files and the packages that it names; they stay for
/// ``graceSeconds`` after a name stopped serving them, and those of the last ``graceStates`` states whatever their age.
struct TreeText {
    /// Three days.
    static let graceSeconds: Int64 = 3 * 86_400
    static let graceStates = 3

    /// Lines in the order of their paths; those of role `retained` are not part of the manifest.
    let lines: Manifest
    /// What the newest of the earlier states had beside this one, in any number of lines that is worth keeping.
    private(set) var gone: Gone?

    /// The lines of a state whose paths the next one does not have.
    struct Gone: Sendable {
        let state: Digest
        let lines: Manifest
    }

    /// - Parameters:
    ///   - past: what the name has served whose files are still needed, newest first.
    ///   - states: reads those lines of a state that are wanted, or as many of them as the states after it do not have.
    init(
        manifest: Manifest, retaining past: [PublicationRecord.Served],
        states: (
            PublicationRecord.Served, _ isWanted: @escaping (FileRole, UnsafeRawBufferPointer) -> Bool,
            _ body: (ManifestLine) throws -> Void
        ) throws -> Void
    ) throws {
        var retained: [RepositoryPath: ManifestEntry] = [:]
        for (age, state) in past.enumerated() {
            var newest: [ManifestEntry]? = age == 0 && state.gone == nil ? [] : nil
            // Both are sorted alike.
            let entries = manifest.entries
            var next = 0
            func isGone(_ role: FileRole, _ path: UnsafeRawBufferPointer) -> Bool {
                guard role == .package || role == .metadata else { return false }
                next = manifest.firstIndex(notBefore: path, from: next)
                return next == entries.count || !entries[next].path.bytes.withUnsafeBytes { $0.equals(path) }
            }
            try states(state, isGone) { line in
                var entry = line.entry
                // More would not be a shorter way.
                if let count = newest?.count, count * 2 >= entries.count { newest = nil }
                newest?.append(entry)
                guard retained[entry.path] == nil, TreeText.hasRoom(for: entry.path, in: manifest, retained) else {
                    return
                }
                entry.role = .retained
                retained[entry.path] = entry
            }
            if let newest { gone = Gone(state: state.manifest, lines: try Manifest(newest)) }
        }
        lines = retained.isEmpty ? manifest : try Manifest(manifest.entries + TreeText.withoutDirectories(retained))
    }

    /// Of files that an older and a newer state have as file and as directory, the directory's.
    private static func withoutDirectories(_ retained: [RepositoryPath: ManifestEntry]) -> [ManifestEntry] {
        var directories: Set<RepositoryPath> = []
        for path in retained.keys {
            for index in path.bytes.indices where path.bytes[index] == UInt8(ascii: "/") {
                directories.insert(RepositoryPath(trusted: Array(path.bytes[..<index])))
            }
        }
        return retained.values.filter { !directories.contains($0.path) }
    }

    /// Whether a path is free, and neither a directory of another nor below a file.
    private static func hasRoom(
        for path: RepositoryPath, in manifest: Manifest, _ retained: [RepositoryPath: ManifestEntry]
    ) -> Bool {
        if manifest[path] != nil || manifest.hasEntries(below: path) { return false }
        for index in path.bytes.indices where path.bytes[index] == UInt8(ascii: "/") {
            let above = RepositoryPath(trusted: Array(path.bytes[..<index]))
            if manifest[above] != nil || retained[above] != nil { return false }
        }
        return true
    }

    /// The states whose files are still needed, newest first, each manifest once.
    ///
    /// A file of one of them is in the state of now, or in what is ``PublicationRecord/Served/gone`` of that state or of one after it: these are
    /// needed as long.
    static func stillNeeded(
        _ history: [PublicationRecord.Served], now: Timestamp
    ) -> [PublicationRecord.Served] {
        var result: [PublicationRecord.Served] = []
        for (index, period) in history.reversed().enumerated() {
            let ended = period.until ?? now
            guard index < graceStates || now - ended <= graceSeconds else { continue }
            if !result.contains(where: { $0.manifest == period.manifest }) { result.append(period) }
        }
        return result
    }

    /// Without the states that are no longer needed.
    static func pruned(_ history: [PublicationRecord.Served], now: Timestamp) -> [PublicationRecord.Served] {
        history.enumerated().filter { index, state in
            index >= history.count - graceStates || now - (state.until ?? now) <= graceSeconds
        }.map(\.element)
    }

    /// The next moment at which a file of the history is no longer needed, nil if there is none.
    static func nextExpiry(_ history: [PublicationRecord.Served], now: Timestamp) -> Timestamp? {
        history.dropLast(graceStates).compactMap { $0.until.map { $0 + graceSeconds } }.filter { now < $0 }.min()
    }
}

extension [PublicationRecord.Served] {
    /// Without states that are lost; what the others had beside the next is no longer all that left then.
    func without(_ lost: Set<Digest>) -> Self {
        if lost.isEmpty { return self }
        return filter { !lost.contains($0.manifest) }.map {
            PublicationRecord.Served(manifest: $0.manifest, since: $0.since, until: $0.until)
        }
    }
}

extension RepositoryPath {
    /// Whether this path comes before another one's bytes.
    fileprivate func isBefore(_ other: UnsafeRawBufferPointer) -> Bool {
        bytes.withUnsafeBytes { own in
            let order = memcmp(own.baseAddress!, other.baseAddress!, min(own.count, other.count))
            return order != 0 ? order < 0 : own.count < other.count
        }
    }
}

extension Manifest {
    /// The index of the first entry from an index on whose path does not come before this one: few steps where it is near.
    fileprivate func firstIndex(notBefore path: UnsafeRawBufferPointer, from start: Int) -> Int {
        var (low, step) = (start, 1)
        // All entries before `low` come before the path.
        while low + step <= entries.count, entries[low + step - 1].path.isBefore(path) {
            low += step
            step *= 2
        }
        var high = min(low + step - 1, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].path.isBefore(path) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether some path lies below this one.
    func hasEntries(below path: RepositoryPath) -> Bool {
        let prefix = path.bytes + [UInt8(ascii: "/")]
        let first = RepositoryPath(trusted: prefix)
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].path < first { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].path.bytes.starts(with: prefix)
    }
}
