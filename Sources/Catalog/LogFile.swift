import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The files that SQLite keeps beside a database.
enum LogFile {
    /// Bytes of the `-wal` file, 0 if there is none; nil if that cannot be told.
    static func size(besides path: String) -> Int? {
        var status = stat()
        guard stat(path + "-wal", &status) == 0 else { return errno == ENOENT ? 0 : nil }
        return Int(status.st_size)
    }

    /// Removes a database with what lies beside it.
    static func removeDatabase(_ path: String) throws {
        // The log goes first: a log without its database means nothing, a new database with an old log would be damaged.
        for name in [path + "-wal", path + "-shm", path] where unlink(name) != 0 && errno != ENOENT {
            let reason = String(cString: strerror(errno))
            throw ChantalError(.io, "cannot remove '\(name)': \(reason)", path: name)
        }
    }
}

/// Waits where SQLite's own busy time-out does not: changing the journal's mode fails at once while others open the file.
enum Retry {
    static func whileLocked<T>(_ body: () throws -> T) throws -> T {
        var waited = 0
        while true {
            do {
                return try body()
            } catch let error as ChantalError where error.code == .locked && waited < 60_000 {
                usleep(10_000)
                waited += 10
            }
        }
    }
}
