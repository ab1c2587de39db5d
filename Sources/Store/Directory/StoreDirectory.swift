import Basics
import FileSystem
import Glibc

/// An open store: the directory that holds blobs, manifests, records and the trees made of them.
public final class StoreDirectory: Sendable {
    /// Number of the layout on disk.
    static let format: Int64 = 1
    static let folders = [
        "blobs/sha256", "manifests/sha256", "repositories", "publications", "public", "locks", "tmp",
    ]

    /// What was in these is named by records and manifests, and lies in trees or upstream as well.
    private static let restorable = ["blobs/sha256", "manifests/sha256"]

    /// Nothing else tells what was in these: never made anew unasked.
    private static let recordFolders = [
        ("repositories", "all repositories begin anew then, and hosted ones are empty"),
        ("publications", "each repository is then served under its own name, and no other name is"),
    ]

    public let path: String
    public let blobs: LocalBlobStore
    public let records: LocalRecordStore
    public let locks: StoreLocks
    /// `public/`: what web servers serve.
    public let publicDirectory: Directory
    /// `tmp/`: on the same filesystem as all else. See ``makeTemporaryDirectory(_:)``.
    public let temporary: Directory
    let root: Directory

    /// Where the catalog lies.
    public var catalogPath: String { path == "/" ? "/catalog.sqlite" : "\(path)/catalog.sqlite" }

    private init(_ root: Directory, durability: Durability) throws {
        self.root = root
        path = root.path
        // What is under these can be made again.
        for name in ["locks", "tmp", "public"] where try root.status(name) == nil { try root.makeDirectory(name) }
        for (name, consequence) in StoreDirectory.recordFolders where try root.status(name)?.kind != .directory {
            throw ChantalError(
                .store, "the store '\(root.path)' is incomplete: it has no directory '\(name)'",
                hint: "restore it from a backup; if there is none, make an empty one: \(consequence)", path: root.path)
        }
        do {
            publicDirectory = try root.directory("public")
            temporary = try root.directory("tmp")
            locks = StoreLocks(root)
            blobs = try LocalBlobStore(root: root, temporary: temporary, locks: locks, durability: durability)
            records = try LocalRecordStore(root: root, temporary: temporary, locks: locks)
        } catch let error as ChantalError where error.code == .notFound {
            throw ChantalError(
                .store, "the store '\(root.path)' is incomplete",
                hint:
                    "restore it from a backup, or mount the disk that it lies on; if there is neither, `chantal verify --repair`"
                    + " makes the directory again, takes what trees under public/ have, and fetches the rest",
                path: root.path, cause: error)
        }
    }

    /// Opens a store; writes nothing, unless directories are to be restored.
    /// - Parameter restoring: whether the directories of blobs and manifests are made again where they are gone, for whoever finds and mends
    ///   what is lost with them. The store has to belong to this user then.
    /// - Throws: ``ChantalError`` `store` if there is none, naming the mount point of the directory, or if it is of a newer format.
    public static func open(
        at path: String, durability: Durability = .batch, restoring: Bool = false
    ) throws -> StoreDirectory {
        let root: Directory
        do {
            root = try Directory(path: path)
        } catch let error as ChantalError where error.code == .notFound {
            throw none(path, "it does not exist")
        }
        guard let file = try root.openIfPresent("format") else { throw none(path, "it has no file 'format'") }
        try checkFormat(try file.readToEnd(limit: 4096), path: path)
        if restoring {
            try requireOwner(of: root)
            for folder in restorable { try root.makeDirectories(folder) }
        }
        return try StoreDirectory(root, durability: durability)
    }

    private static func none(_ path: String, _ reason: String) -> ChantalError {
        let mount = Machine.mountPoint(of: path)
        return ChantalError(
            .store, "'\(path)' is not a store: \(reason)",
            hint:
                "it lies on the filesystem mounted at '\(mount)': if the store is on a disk of its own, that disk is not"
                + " mounted; only `chantal init` makes a new store", path: path)
    }

    private static func checkFormat(_ bytes: [UInt8], path: String) throws {
        let prefix = Array("chantal-store ".utf8)
        let number =
            bytes.starts(with: prefix) && bytes.last == 0x0a
            ? bytes.withUnsafeBytes { $0.slice(prefix.count..<($0.count - 1)).decimal } : nil
        guard let number, number > 0 else {
            throw ChantalError(
                .store, "the file 'format' of '\(path)' does not say 'chantal-store \(format)'",
                hint: "restore it if this is a store", path: path)
        }
        if number > format {
            throw ChantalError(
                .store, "the store '\(path)' has format \(number), and this chantal knows formats up to \(format)",
                hint: "use a newer chantal", path: path)
        }
    }

    /// Whether this process may write: it acts as the user that made the store, and the filesystem takes writes.
    public func isWritable() throws -> Bool {
        do { try requireOwner() } catch let error as ChantalError where error.code == .permission { return false }
        return try !root.isReadOnly()
    }

    /// - Throws: ``ChantalError`` `permission` unless this process acts as the user that made the store. For every command that writes.
    public func requireOwner() throws { try StoreDirectory.requireOwner(of: root) }

    private static func requireOwner(of root: Directory) throws {
        guard let status = try root.status("format") else { throw none(root.path, "it has no file 'format'") }
        if status.owner == Machine.user { return }
        let owner = Machine.userName(status.owner)
        throw ChantalError(
            .permission,
            "the store '\(root.path)' belongs to the user \(owner), and this is \(Machine.userName(Machine.user))",
            hint: "run chantal as \(owner.prefix { $0 != " " })", path: root.path)
    }
}
