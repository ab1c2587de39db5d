import Basics
import SQLite

/// A catalog in one SQLite file: write-ahead log, one writer at a time, readers that never wait.
///
/// May be used from several threads, which then take turns; processes each open their own.
public final class SQLiteCatalog: PackageCatalog, @unchecked Sendable {
    // @unchecked: the connection is touched only while `lock` is held.
    private let connection: Connection
    private let lock = RecursiveLock()
    // Only small facts were written, or nothing.
    private var hasLittleWritten = true

    /// The file's path as given.
    public let path: String
    /// Whether this was opened for reading only.
    public let isReadOnly: Bool

    /// Opens a catalog for reading and writing, and makes an empty one if there is none.
    /// - Throws: ``ChantalError`` `needs_rebuild` if the file is damaged or of another version: then ``erase(at:)`` it, open it, and
    ///   index every generation again. `permission` if this user may not write it.
    public init(path: String) throws {
        self.path = path
        isReadOnly = false
        connection = try Connection(path: path, mode: .readWrite)
        try connection.execute(
            "PRAGMA synchronous = NORMAL; PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY;"
                + "PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 0")
        try Retry.whileLocked { hasLittleWritten = try !CatalogSchema.prepare(connection) }
        try connection.keepLogFiles()
    }

    /// Opens a catalog for reading, also for a user who may write neither the file nor its directory.
    /// - Throws: ``ChantalError`` `not_found` if there is none, `needs_rebuild` if it is damaged or of another version.
    public init(readingFrom path: String) throws {
        self.path = path
        isReadOnly = true
        connection = try SQLiteCatalog.openForReading(path)
        try connection.execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; PRAGMA query_only = ON")
    }

    // A reader needs the -shm file or the right to make it. Where neither is to be had, nobody writes through a log either,
    // unless a log with something in it is there: then the file alone would be half a state.
    private static func openForReading(_ path: String) throws -> Connection {
        func checked(_ connection: Connection) throws -> Connection {
            if try CatalogSchema.isCurrent(connection) { return connection }
            throw ChantalError(.notFound, "the catalog '\(path)' is empty", hint: "`chantal sync` fills it", path: path)
        }
        do {
            return try checked(Connection(path: path, mode: .readOnly))
        } catch let error as ChantalError
            where error.code != .needsRebuild && error.code != .notFound && LogFile.size(besides: path) == 0
        {
            return try checked(Connection(path: path, mode: .immutable))
        }
    }

    deinit {
        // A sync that finds nothing new writes two rows: it must not wait for the disk to have them. A short log costs the next
        // one who opens the catalog less than a millisecond.
        if hasLittleWritten, let size = LogFile.size(besides: path), size < 512 << 10 { connection.leaveLogOnClose() }
    }

    /// Packages were written: the log is written over into the file at the end.
    func noteMuchWritten() {
        lock.withLock { hasLittleWritten = false }
    }

    /// Empties a catalog file in place, however damaged it is, so that it can be opened and filled again.
    public static func erase(at path: String) throws {
        do {
            try Retry.whileLocked { try Connection(path: path, mode: .readWrite).eraseEverything() }
        } catch let error as ChantalError where error.code == .needsRebuild || error.code == .bug {
            try LogFile.removeDatabase(path)
        }
    }

    /// Runs the body with the connection, alone.
    func use<T>(_ body: (Connection) throws -> T) throws -> T {
        try lock.withLock { try body(connection) }
    }

    /// Runs the body in one transaction that writes.
    @discardableResult
    func write<T>(_ body: (Connection) throws -> T) throws -> T {
        try use { database in
            if isReadOnly {
                throw ChantalError(
                    .permission, "the catalog '\(path)' is open for reading only",
                    hint: "run this as the user who owns the store", path: path)
            }
            return try database.transaction(.write) { try body(database) }
        }
    }

    /// Runs the body in one transaction that reads.
    func read<T>(_ body: (Connection) throws -> T) throws -> T {
        try use { database in try database.transaction(.read) { try body(database) } }
    }
}
