public import Basics
internal import CSQLite

extension ChantalError.Code {
    /// A database that is damaged, none at all, or of another schema: what is derived from files is to be made anew.
    public static let needsRebuild: Self = "needs_rebuild"
}

/// Turns result codes of SQLite into errors: the one place that knows which code means what to a user.
enum SQLiteFailure {
    /// The error for a result code; the sentence never holds bound values.
    static func error(_ result: Int32, _ database: OpaquePointer?, path: String? = nil) -> ChantalError {
        let file = path ?? fileName(database)
        let primary = result & 0xff
        let detail = primary == SQLITE_MISUSE || database == nil ? sqlite3_errstr(result) : sqlite3_errmsg(database)
        let reason = detail.map { String(cString: $0) } ?? "error \(result)"
        func make(_ code: ChantalError.Code, _ what: String, _ hint: String? = nil) -> ChantalError {
            ChantalError(code, "\(what) the database '\(file)': \(reason)", hint: hint, path: file)
        }
        switch primary {
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT:
            return make(
                .needsRebuild, "cannot use", "it is derived from files: `chantal doctor --rebuild` makes it anew")
        case SQLITE_BUSY, SQLITE_LOCKED:
            return make(.locked, "another process keeps", "try again when the other process has ended")
        case SQLITE_FULL:
            return make(.noSpace, "no space left to write", "make room on the file system of '\(file)'")
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
            return make(.permission, "not allowed to write", "run this as the user who owns '\(file)'")
        case SQLITE_CANTOPEN:
            let cause = database.map { sqlite3_system_errno($0) } ?? 0
            return cannotOpen(file, cause)
        case SQLITE_IOERR:
            if result == sqliteIOErrorCorruptFileSystem { return make(.needsRebuild, "cannot read") }
            return make(.io, "cannot read or write", "look for disk errors in the kernel's log (dmesg)")
        case SQLITE_INTERRUPT: return make(.interrupted, "stopped work on")
        default: return make(.bug, "a statement failed on")
        }
    }

    // SQLITE_IOERR_CORRUPTFS is a macro that computes; Swift does not import it.
    private static let sqliteIOErrorCorruptFileSystem: Int32 = SQLITE_IOERR | (33 << 8)

    private static func cannotOpen(_ file: String, _ cause: Int32) -> ChantalError {
        switch cause {
        case 2:  // ENOENT
            return ChantalError(.notFound, "there is no database '\(file)'", path: file)
        case 1, 13, 30:  // EPERM, EACCES, EROFS
            return ChantalError(
                .permission, "not allowed to open the database '\(file)'",
                hint: "run this as the user who owns '\(file)'", path: file)
        default:
            return ChantalError(.io, "cannot open the database '\(file)' (errno \(cause))", path: file)
        }
    }

    private static func fileName(_ database: OpaquePointer?) -> String {
        guard let database, let name = sqlite3_db_filename(database, "main") else { return "" }
        return String(cString: name)
    }
}
