import Basics
import FileSystem
import Hashing
import Store
import Synchronization

/// Directories that large trees have in common: `public/.shared/ab/cdef…`, each of links to blobs alone and named by what it holds.
///
/// Nearly all directories of a large tree are those of the tree before. A tree has a symbolic link for each of them, instead of a directory of its own with a
/// link for every file: what a state costs depends on what has changed. Used under the publish lock.
final class SharedDirectories: Sendable {
    static let folder = ".shared"
    /// Lines of a tree from which on its directories are shared. Smaller ones are made in a tenth of a second, and plain directories are easier to look at.
    static let worthwhile = 6_000

    private let root: Directory
    /// Whether what is there may be damaged, and is compared with what it should hold.
    private let isMending: Bool
    private let state = Mutex(State())

    private struct State {
        /// Those that this tree has asked for already: of two threads that need the same, one makes it.
        var claimed: Set<SharedName> = []
        /// The directories `ab` that are there.
        var groups: Set<ArraySlice<UInt8>> = []
    }

    /// - Parameter root: `public/`.
    init(in root: Directory, mending: Bool) throws {
        self.root = try root.makeDirectories(SharedDirectories.folder)
        isMending = mending
    }

    /// Sees to it that there is a directory of these files, at the latest when all of the tree is made.
    func provide(_ name: SharedName, _ lines: ArraySlice<ManifestEntry>, link: FileLink) throws {
        guard state.withLock({ $0.claimed.insert(name).inserted }) else { return }
        guard let status = try root.status(name) else { return try make(name, lines, link) }
        if status.mode != SharedDirectories.whole {
            // Whoever made it was killed.
            try root.removeTree(name)
            try make(name, lines, link)
        } else if isMending {
            try mend(root.directory(name), lines, link)
        }
    }

    typealias FileLink = (ManifestEntry, Directory, _ name: ArraySlice<UInt8>) throws -> Void

    /// A directory has another mode until all of it is there.
    static let whole: UInt32 = 0o755
    private static let unfinished: UInt32 = 0o700

    private func make(_ name: SharedName, _ lines: ArraySlice<ManifestEntry>, _ link: FileLink) throws {
        try state.withLock { if $0.groups.insert(name.group).inserted { try root.makeDirectory(name.group) } }
        try root.makeDirectory(name, mode: SharedDirectories.unfinished)
        let directory = try root.directory(name)
        for line in lines { try link(line, directory, line.path.name) }
        try directory.setMode(SharedDirectories.whole)
    }

    /// Gives every file its name again, each at one stroke: other trees are read meanwhile.
    private func mend(_ directory: Directory, _ lines: ArraySlice<ManifestEntry>, _ link: FileLink) throws {
        let wanted = Set(lines.map { Array($0.path.name) })
        for line in lines {
            let fresh = File.uniqueName(".mended")
            try link(line, directory, ArraySlice(fresh.utf8))
            if try directory.status(line.path.name)?.kind == .directory { try directory.removeTree(line.path.name) }
            try directory.rename(fresh, to: directory, as: line.path.name)
            // Nothing is renamed where both are one file.
            try directory.unlink(fresh)
        }
        for entry in try directory.entries() where !wanted.contains(entry.bytes) {
            try directory.removeTree(entry.bytes)
        }
    }

    /// Removes those that no tree has any more.
    /// - Parameter root: `public/`.
    static func removeUnused(in root: Directory, trees: Directory?) throws {
        guard try root.status(folder)?.kind == .directory else { return }
        var used: Set<SharedName> = []
        if let trees { try collect(trees, into: &used) }
        let shared = try root.directory(folder)
        for group in try shared.entries() {
            let members = try shared.directory(group.bytes)
            for entry in try members.entries() {
                if let name = SharedName(group: group.bytes, rest: entry.bytes), used.contains(name) { continue }
                // Half of it must not look whole.
                if entry.kind == .directory { try members.directory(entry.bytes).setMode(unfinished) }
                try members.removeTree(entry.bytes)
            }
            try shared.removeDirectory(group.bytes)
        }
    }

    private static func collect(_ directory: Directory, into used: inout Set<SharedName>) throws {
        for entry in try directory.entries() {
            if entry.kind == .directory {
                try collect(directory.directory(entry.bytes), into: &used)
            } else if entry.kind != .file,
                let name = try directory.readLink(entry.bytes).flatMap(SharedName.init(link:))
            {
                used.insert(name)
            }
        }
    }
}

/// The name of a shared directory: 160 bits of the SHA-256 of its files' names and digests, in base 32 (RFC 4648, section 6, in lower case).
///
/// With the way up it stays below 60 bytes in most trees, so that ext4 keeps the link in the inode.
struct SharedName: Hashable, Sendable, FileName {
    /// `ab/cdef…`
    private let bytes: [UInt8]
    private static let groupCount = 2
    private static let count = 33

    /// - Parameter lines: of one directory.
    init(_ lines: ArraySlice<ManifestEntry>, _ hasher: inout SHA256Hasher) {
        for line in lines {
            hasher.update(line.digest.bytes)
            line.path.name.withUnsafeBytes { hasher.update($0) }
            hasher.update([0])
        }
        var name = SharedName.base32(hasher.finish().bytes.prefix(20))
        name.insert(UInt8(ascii: "/"), at: SharedName.groupCount)
        bytes = name
    }

    init?(group: [UInt8], rest: [UInt8]) {
        bytes = group + [UInt8(ascii: "/")] + rest
        guard group.count == SharedName.groupCount, bytes.count == SharedName.count else { return nil }
    }

    /// - Parameter link: what a symbolic link of a tree says; nil if it leads elsewhere.
    init?(link: String) {
        let segments = link.utf8.split(separator: UInt8(ascii: "/")).suffix(3).map(Array.init)
        guard segments.count == 3, segments[0] == Array(SharedDirectories.folder.utf8) else { return nil }
        self.init(group: segments[1], rest: segments[2])
    }

    var group: ArraySlice<UInt8> { bytes[..<SharedName.groupCount] }

    func withNameBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes(body)
    }

    /// What a symbolic link in a tree says that stands so many directories below the tree's own.
    func link(fromDepth depth: Int) -> [UInt8] {
        var text: [UInt8] = []
        // Out of these, of the tree and of `.trees`.
        for _ in 0..<depth + 2 { text += "../".utf8 }
        text += SharedDirectories.folder.utf8
        text.append(UInt8(ascii: "/"))
        return text + bytes
    }

    private static func base32(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var text: [UInt8] = []
        var (bits, held) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | Int(byte)
            held += 8
            while held >= 5 {
                held -= 5
                text.append(alphabet[bits >> held & 31])
            }
            bits &= 1 << held - 1
        }
        return text
    }
}
