import Basics
import Hashing

/// The whole content of a repository, or of a tree, at one moment: which blob lies at which path.
///
/// Its text is `chantal-manifest 1`, then a line a file, `<sha256> <size> <role> <path>`, sorted by the bytes of the path.
/// Equal contents have equal texts, and so equal identities, on every machine.
public struct Manifest: Sendable {
    static let header: StaticString = "chantal-manifest 1\n"

    /// Sorted by path; no path twice, none the directory of another.
    public let entries: [ManifestEntry]
    /// SHA-256 of the text.
    public let id: Digest
    /// Size of the text in bytes.
    public let textSize: Int

    /// Sorts and checks.
    /// - Throws: ``ChantalError`` `malformed` if two entries have one path (with different content), or one's path is another's directory.
    ///   Entries that are alike are taken once.
    public init(_ entries: [ManifestEntry]) throws {
        var unique: [ManifestEntry] = []
        unique.reserveCapacity(entries.count)
        var order = PathOrder()
        for place in PathSort.order(of: entries.map(\.path)) {
            let entry = entries[place]
            if entry == unique.last { continue }
            guard entry.size >= 0 else {
                throw ChantalError(.malformed, "the size of '\(entry.path)' is \(entry.size)", path: "\(entry.path)")
            }
            _ = try entry.path.bytes.withUnsafeBytes { try order.next($0) }
            unique.append(entry)
        }
        var hasher = SHA256Hasher()
        var size = 0
        try Manifest.write(unique) {
            hasher.update($0)
            size += $0.count
        }
        self.init(checked: unique, id: hasher.finish(), textSize: size)
    }

    init(checked entries: [ManifestEntry], id: Digest, textSize: Int) {
        self.entries = entries
        self.id = id
        self.textSize = textSize
    }

    /// Reads a text.
    /// - Throws: ``ChantalError`` `malformed` naming the line, if it is not canonical.
    public init(parsing text: UnsafeRawBufferPointer) throws {
        var entries: [ManifestEntry] = []
        entries.reserveCapacity(text.count / 120)
        var parser = ManifestParser()
        try parser.feed(text) { entries.append($0.entry) }
        try parser.finish()
        self.init(checked: entries, id: sha256(of: text), textSize: text.count)
    }

    /// Gives the text in pieces.
    public func write(_ output: (UnsafeRawBufferPointer) throws -> Void) throws {
        try Manifest.write(entries, output)
    }

    /// The whole text.
    public func text() throws -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(textSize)
        try write { text.append(contentsOf: $0) }
        return text
    }

    private static func write(
        _ entries: [ManifestEntry], _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var piece: [UInt8] = []
        piece.reserveCapacity(80 * 1024)
        piece.append(contentsOf: UnsafeBufferPointer(start: header.utf8Start, count: header.utf8CodeUnitCount))
        for entry in entries {
            entry.append(to: &piece)
            if piece.count >= 64 * 1024 {
                try piece.withUnsafeBytes(output)
                piece.removeAll(keepingCapacity: true)
            }
        }
        try piece.withUnsafeBytes(output)
    }

    /// The entry at a path, by bisection.
    public subscript(path: RepositoryPath) -> ManifestEntry? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].path < path { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].path == path ? entries[low] : nil
    }

    /// Sum of the sizes, each path counted.
    public var bytes: Int64 { entries.reduce(0) { $0 + $1.size } }
}

extension Manifest: Equatable {
    public static func == (a: Manifest, b: Manifest) -> Bool { a.id == b.id }
}
