import Basics
import FileSystem

extension StoreDirectory {
    /// Makes an empty store. Its file `format` comes last: a creation that was interrupted can be done again.
    /// - Throws: ``ChantalError`` `exists` if the directory is a store, or holds anything else.
    @discardableResult
    public static func create(at path: String, durability: Durability = .batch) throws -> StoreDirectory {
        let root = try makeRoot(path)
        if try root.status("format") != nil {
            throw ChantalError(.exists, "'\(path)' is a store already", path: path)
        }
        for entry in try root.entries() where try !isHarmless(entry, of: root) {
            throw ChantalError(
                .exists, "'\(path)' is not empty: it holds '\(entry.name)'",
                hint: "take an empty directory; if this was a store, restore its file 'format'", path: path)
        }
        for folder in folders { try root.makeDirectories(folder) }
        for folder in ["blobs", "manifests"] { try root.directory(folder).synchronize() }
        try root.synchronize()
        do {
            try File.writeAtomically(
                root, "format", Array("chantal-store \(format)\n".utf8), temporary: try root.directory("tmp"),
                collision: .fail)
        } catch let error as ChantalError where error.code == .exists {
            throw ChantalError(.exists, "'\(path)' is a store already", path: path)
        }
        return try open(at: path, durability: durability)
    }

    private static func makeRoot(_ path: String) throws -> Directory {
        do { return try Directory(path: path) } catch let error as ChantalError where error.code == .notFound {}
        let absolute = path.hasPrefix("/")
        let start = try Directory(path: absolute ? "/" : ".")
        let relative = try RepositoryPath(Array(path.utf8.drop { $0 == UInt8(ascii: "/") }))
        try start.makeDirectories(relative)
        return try Directory(path: path)
    }

    /// What an interrupted creation or a new filesystem leaves: our own directories without files, `lost+found`.
    private static func isHarmless(_ entry: DirectoryEntry, of root: Directory) throws -> Bool {
        if entry.name == "lost+found" { return true }
        guard folders.contains(where: { $0.split(separator: "/")[0] == entry.name }) else { return false }
        return try hasNoFiles(entry.bytes, of: root, drafts: entry.name == "tmp")
    }

    private static func hasNoFiles(_ name: [UInt8], of parent: Directory, drafts: Bool) throws -> Bool {
        guard try parent.status(name)?.kind == .directory else { return false }
        let directory = try parent.directory(name)
        for entry in try directory.entries() {
            if drafts, entry.name.hasPrefix(".write.") { continue }
            guard try hasNoFiles(entry.bytes, of: directory, drafts: false) else { return false }
        }
        return true
    }
}
