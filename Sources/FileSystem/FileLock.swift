import Basics
import Glibc
import Synchronization

/// A lock on a file, held until this object goes away; the kernel drops it when the process dies. flock(2).
public final class FileLock: Sendable {
    private let file: FileDescriptor

    private init(_ file: consuming FileDescriptor) { self.file = file }

    /// Locks, if nobody else holds it; nil if somebody does. The file is made if it is not there and is never removed.
    public static func tryExclusive(_ directory: Directory, _ name: some FileName) throws -> FileLock? {
        let file = try directory.openOrCreate(name)
        return try file.tryLock() ? FileLock(file) : nil
    }

    /// Waits until nobody else holds it.
    public static func exclusive(_ directory: Directory, _ name: some FileName) throws -> FileLock {
        try wait(directory, name, LOCK_EX)
    }

    /// Waits until nobody holds it exclusively; others may share it.
    public static func shared(_ directory: Directory, _ name: some FileName) throws -> FileLock {
        try wait(directory, name, LOCK_SH)
    }

    private static func wait(_ directory: Directory, _ name: some FileName, _ kind: Int32) throws -> FileLock {
        let file = try directory.openOrCreate(name)
        try file.lock.wait(file.number, kind, file.path)
        return FileLock(file)
    }

    /// Replaces the file's content: a note on who holds the lock, for people.
    public func note(_ text: String) throws {
        try file.truncate(to: 0)
        try file.seek(to: 0)
        try text.withNameBytes { try file.write($0) }
    }
}

/// Whether a descriptor has a lock, which then ends before the descriptor is closed.
///
/// Closing alone is not enough: a child that another thread has just forked holds the descriptor until it calls exec, and the lock
/// with it.
struct OwnLock: ~Copyable {
    private let isHeld = Atomic<Bool>(false)

    /// - Returns: false if somebody else has one.
    func tryExclusive(_ number: Int32, _ path: String) throws -> Bool {
        let (_, failure) = SystemCall.run { flock(number, LOCK_EX | LOCK_NB) }
        if failure == EWOULDBLOCK { return false }
        if failure != 0 { throw ChantalError.system(failure, "lock", path: path) }
        isHeld.store(true, ordering: .relaxed)
        return true
    }

    /// - Parameter kind: `LOCK_EX` or `LOCK_SH`.
    func wait(_ number: Int32, _ kind: Int32, _ path: String) throws {
        try SystemCall.check("lock", path) { flock(number, kind) }
        isHeld.store(true, ordering: .relaxed)
    }

    func release(_ number: Int32) {
        if isHeld.exchange(false, ordering: .relaxed) { _ = flock(number, LOCK_UN) }
    }
}
