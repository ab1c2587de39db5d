import Basics
internal import CLinux
import Glibc

/// An open directory: every operation takes names or relative paths below it, so that it holds while directories above are renamed.
///
/// Names are not checked for `..`: what comes from outside passes through ``RepositoryPath`` first.
public final class Directory: Sendable {
    let number: Int32
    private let lock = OwnLock()
    /// For messages; the place at the time of opening.
    public let path: String

    init(owning number: Int32, path: String) {
        self.number = number
        self.path = path
    }

    deinit {
        lock.release(number)
        _ = close(number)
    }

    /// Opens a directory by a path of its own. open(2).
    public convenience init(path: String) throws {
        let number = try path.withPointer { name in
            try SystemCall.check("open the directory", path) { Glibc.open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        self.init(owning: number, path: path)
    }

    /// Opens a directory below this one; a symbolic link as its last part is refused. openat(2).
    public func directory(_ name: some FileName) throws -> Directory {
        let opened = try name.withPointer { pointer in
            try SystemCall.check("open the directory", place(name)) {
                openat(number, pointer, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            }
        }
        return Directory(owning: opened, path: place(name))
    }

    /// A path for messages.
    func place(_ name: some FileName) -> String { path == "/" ? "/\(name.shown)" : "\(path)/\(name.shown)" }

    /// Makes a directory with this mode whatever the umask. mkdirat(2).
    /// - Returns: false if a directory was there (its mode stays).
    @discardableResult
    public func makeDirectory(_ name: some FileName, mode: UInt32 = 0o755) throws -> Bool {
        try name.withPointer { pointer in
            let (_, failure) = SystemCall.run { mkdirat(number, pointer, mode) }
            if failure == EEXIST, try status(name)?.kind == .directory { return false }
            if failure != 0 { throw ChantalError.system(failure, "make the directory", path: place(name)) }
            // Mostly the umask takes nothing away, and looking is cheaper than changing.
            if try status(name)?.mode != mode {
                try SystemCall.check("set the mode of", place(name)) { fchmodat(number, pointer, mode, 0) }
            }
            return true
        }
    }

    /// Makes every directory of a path that is not there, and opens the last.
    @discardableResult
    public func makeDirectories(_ path: some FileName, mode: UInt32 = 0o755) throws -> Directory {
        if let there = try? directory(path) { return there }  // whatever is wrong shows below, at the part concerned
        let bytes = path.withNameBytes { Array($0) }
        for end in bytes.indices where bytes[end] == UInt8(ascii: "/") && end > 0 {
            try makeDirectory(bytes[..<end], mode: mode)
        }
        try makeDirectory(bytes, mode: mode)
        return try directory(path)
    }

    /// Removes an empty directory. unlinkat(2) with AT_REMOVEDIR.
    /// - Returns: false if it is not empty or not there.
    @discardableResult
    public func removeDirectory(_ name: some FileName) throws -> Bool {
        try name.withPointer { pointer in
            let (_, failure) = SystemCall.run { unlinkat(number, pointer, AT_REMOVEDIR) }
            if [ENOTEMPTY, EEXIST, ENOENT].contains(failure) { return false }
            if failure != 0 { throw ChantalError.system(failure, "remove the directory", path: place(name)) }
            return true
        }
    }

    /// Sets its permissions, whatever the umask. fchmod(2).
    public func setMode(_ mode: UInt32) throws {
        try SystemCall.check("set the mode of", path) { fchmod(number, mode) }
    }

    /// Waits until the names in this directory are on the disk. fsync(2).
    public func synchronize() throws {
        try SystemCall.check("write to disk the directory", path) { fsync(number) }
    }

    /// Waits until everything on this filesystem is on the disk; reports any write error since this directory was opened. syncfs(2).
    public func synchronizeFilesystem() throws {
        try SystemCall.check("write to disk the filesystem of", path) { linux_syncfs(number) }
    }

    /// Takes an exclusive lock on the directory itself that ends with this object, if nobody else has one. flock(2).
    public func tryLock() throws -> Bool { try lock.tryExclusive(number, path) }

    /// Whether nobody can write here. fstatvfs(3).
    public func isReadOnly() throws -> Bool {
        var status = statvfs()
        try SystemCall.check("examine the filesystem of", path) { fstatvfs(number, &status) }
        return status.f_flag & UInt(ST_RDONLY) != 0
    }

    /// Space that an ordinary user may still fill, in bytes. fstatvfs(3).
    public func freeSpace() throws -> Int64 {
        var status = statvfs()
        try SystemCall.check("examine the filesystem of", path) { fstatvfs(number, &status) }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }
}
