import Basics
internal import CSQLite

/// One connection to a database file; owns the `sqlite3` pointer.
///
/// Not safe for use by two threads at once: the owner guards it (SQLite's own mutexes are off, see `SQLITE_OPEN_NOMUTEX`).
public final class Connection {
    /// How a file is opened.
    public enum Mode: Sendable {
        /// Reads and writes; makes the file if there is none.
        case readWrite
        /// Reads, taking locks as a reader does.
        case readOnly
        /// Reads a file that nobody writes, without locks and without a write-ahead log beside it.
        case immutable
    }

    // It only fails where SQLite is at work already: then it works as before.
    private static let isPrepared = csqlite_leave_out_statistics() == SQLITE_OK

    private let handle: OpaquePointer
    private var idle: [String: [Statement]] = [:]

    /// The file's path as given.
    public let path: String

    /// Opens a database file (sqlite3_open_v2).
    /// - Parameters:
    ///   - busyTimeout: how long, in milliseconds, to wait for another process's lock.
    /// - Throws: ``ChantalError``, `not_found` or `permission` if the file cannot be opened. What is wrong inside the file shows
    ///   at the first statement.
    public init(path: String, mode: Mode, busyTimeout: Int32 = 60_000) throws {
        _ = Connection.isPrepared
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        var name = path
        switch mode {
        case .readWrite: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .readOnly: flags |= SQLITE_OPEN_READONLY
        case .immutable:
            flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            name = Connection.uri(path) + "?immutable=1"
        }
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(name, &opened, flags, nil)
        guard result == SQLITE_OK, let opened else {
            let error = SQLiteFailure.error(result, opened, path: path)
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        self.path = path
        sqlite3_busy_timeout(handle, busyTimeout)
    }

    deinit {
        idle.removeAll()
        // _v2: a statement that someone still holds keeps the connection alive until it is finalised.
        sqlite3_close_v2(handle)
    }

    /// `file:` with all that has a meaning in a URI percent-encoded (https://sqlite.org/uri.html).
    private static func uri(_ path: String) -> String {
        var text: [UInt8] = Array("file:".utf8)
        for byte in path.utf8 {
            if byte.isASCIILetter || byte.isASCIIDigit || "/._-~".utf8.contains(byte) {
                text.append(byte)
            } else {
                text.append(contentsOf: [UInt8(ascii: "%"), Hex.digit(byte >> 4), Hex.digit(byte & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Runs statements that give no rows (sqlite3_exec).
    public func execute(_ sql: String) throws {
        try check(sqlite3_exec(handle, sql, nil, nil, nil))
    }

    /// Compiles one statement (sqlite3_prepare_v3).
    public func prepare(_ sql: String) throws -> Statement {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil))
        guard let statement else {
            throw ChantalError(.bug, "an empty statement for the database '\(path)'", path: path)
        }
        return Statement(owning: statement)
    }

    /// Lends a compiled statement: one that lies idle, or a new one; afterwards it is reset, unbound and kept.
    ///
    /// The body may use the same text again: it then gets another statement.
    public func with<T>(_ sql: String, _ body: (Statement) throws -> T) throws -> T {
        let statement = try idle[sql]?.popLast() ?? prepare(sql)
        defer {
            statement.reset()
            statement.unbind()
            idle[sql, default: []].append(statement)
        }
        return try body(statement)
    }

    /// Runs one statement with values, for its effect.
    /// - Returns: how many rows it changed.
    @discardableResult
    public func run(_ sql: String, _ values: any SQLiteValue...) throws -> Int {
        try with(sql) { statement in
            for (index, value) in values.enumerated() { try value.bind(to: statement, at: index + 1) }
            while try statement.step() {}
            return Int(sqlite3_changes64(handle))
        }
    }

    /// Runs one query with values and hands over each row.
    public func query(_ sql: String, _ values: any SQLiteValue..., row: (Statement) throws -> Void) throws {
        try with(sql) { statement in
            for (index, value) in values.enumerated() { try value.bind(to: statement, at: index + 1) }
            while try statement.step() { try row(statement) }
        }
    }

    /// The rowid that the last INSERT gave (sqlite3_last_insert_rowid).
    public var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Whether a transaction is open (sqlite3_get_autocommit).
    public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Keeps the `-wal` and `-shm` files when the last connection closes: users who may not write into the directory
    /// can then still open the database as readers.
    public func keepLogFiles() throws {
        try check(csqlite_persist_wal(handle))
    }

    /// Leaves the log as it is when the last connection closes, without writing it over into the database file: saves waiting for
    /// the disk where little was written (`SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE`).
    public func leaveLogOnClose() {
        // It can only fail for a wrong option; the log is then written over as usual.
        _ = csqlite_keep_log_on_close(handle)
    }

    /// Empties the database in place, however damaged it is; other processes see a new, empty database
    /// (`SQLITE_DBCONFIG_RESET_DATABASE`).
    public func eraseEverything() throws {
        // SQLite asks that the schema has been looked at once before; a damaged one may fail, which is why we are here.
        _ = sqlite3_exec(handle, "SELECT count(*) FROM sqlite_schema", nil, nil, nil)
        idle.removeAll()
        try check(csqlite_set_reset(handle, 1))
        do {
            defer { _ = csqlite_set_reset(handle, 0) }
            try execute("VACUUM")
        }
        // VACUUM copies the number over from the damaged header.
        try execute("PRAGMA user_version = 0")
    }

    func check(_ result: Int32) throws {
        if result != SQLITE_OK { throw SQLiteFailure.error(result, handle, path: path) }
    }
}
