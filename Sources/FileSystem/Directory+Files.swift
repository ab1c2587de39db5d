import Basics
internal import CLinux
import Glibc

extension Directory {
    private func open(_ action: String, _ name: some FileName, _ flags: Int32, mode: UInt32 = 0) throws
        -> FileDescriptor
    {
        let opened = try name.withPointer { pointer in
            try SystemCall.check(action, place(name)) { openat(number, pointer, flags | O_CLOEXEC, mode) }
        }
        return FileDescriptor(owning: opened, path: place(name))
    }

    /// Opens a file for reading; a symbolic link as its last part is refused unless followed. openat(2).
    public func open(_ name: some FileName, followLinks: Bool = false) throws -> FileDescriptor {
        try open("open", name, O_RDONLY | (followLinks ? 0 : O_NOFOLLOW))
    }

    /// Opens a file for reading, nil if there is none. openat(2).
    public func openIfPresent(_ name: some FileName) throws -> FileDescriptor? {
        let (opened, failure) = try name.withPointer { pointer in
            SystemCall.run { openat(number, pointer, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) }
        }
        if failure == ENOENT { return nil }
        if failure != 0 { throw ChantalError.system(failure, "open", path: place(name)) }
        return FileDescriptor(owning: opened, path: place(name))
    }

    /// Makes a file that must not be there yet; its mode is subject to the umask until ``FileDescriptor/setMode(_:)``. openat(2) with O_EXCL.
    public func create(_ name: some FileName, mode: UInt32 = 0o600) throws -> FileDescriptor {
        try open("create", name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
    }

    /// Opens a file for reading and writing, and makes it if it is not there. openat(2) with O_CREAT.
    public func openOrCreate(_ name: some FileName, append: Bool = false, mode: UInt32 = 0o644) throws -> FileDescriptor
    {
        try open("open", name, O_RDWR | O_CREAT | O_NOFOLLOW | (append ? O_APPEND : 0), mode: mode)
    }

    /// The whole content of a file.
    /// - Throws: ``ChantalError`` `too_large` above `limit` bytes.
    public func readAll(_ name: some FileName, limit: Int) throws -> [UInt8] {
        try open(name).readToEnd(limit: limit)
    }

    /// Gives a file another name; never replaces one. linkat(2).
    /// - Returns: errno (`EEXIST`, `EMLINK`, `EXDEV`, `EPERM`, …), 0 when done: the caller knows what to do instead.
    public func link(_ name: some FileName, to directory: Directory, as newName: some FileName) throws -> Int32 {
        try name.withPointer { from in
            try newName.withPointer { to in
                SystemCall.run { linkat(number, from, directory.number, to, 0) }.number
            }
        }
    }

    /// Moves a file or directory; replaces what is there. renameat(2).
    public func rename(_ name: some FileName, to directory: Directory, as newName: some FileName) throws {
        try name.withPointer { from in
            try newName.withPointer { to in
                _ = try SystemCall.check("rename '\(place(name))' to", directory.place(newName)) {
                    renameat(number, from, directory.number, to)
                }
            }
        }
    }

    /// Moves a file or directory, never replacing one. renameat2(2) with RENAME_NOREPLACE; where the filesystem
    /// cannot, by other calls that give the same.
    /// - Returns: false if the new name is taken.
    public func renameNoReplace(
        _ name: some FileName, to directory: Directory, as newName: some FileName
    ) throws -> Bool {
        try name.withPointer { from in
            try newName.withPointer { to in
                var failure = SystemCall.run {
                    linux_renameat2(number, from, directory.number, to, LINUX_RENAME_NOREPLACE)
                }.number
                if failure == EINVAL || failure == ENOSYS {
                    failure = moveInSteps(from, to: directory, as: to)
                }
                if failure == EEXIST { return false }
                if failure != 0 {
                    throw ChantalError.system(failure, "rename '\(place(name))' to", path: directory.place(newName))
                }
                return true
            }
        }
    }

    /// Moves without replacing where there is no RENAME_NOREPLACE: a file by linkat(2) and unlinkat(2), a directory onto an empty
    /// one of our own making, which rename(2) replaces.
    /// - Returns: errno, 0 when done.
    private func moveInSteps(
        _ from: UnsafePointer<CChar>, to directory: Directory, as to: UnsafePointer<CChar>
    ) -> Int32 {
        let failure = SystemCall.run { linkat(number, from, directory.number, to, 0) }.number
        if failure == 0 { return SystemCall.run { unlinkat(number, from, 0) }.number }
        var status = stat()
        guard failure == EPERM, fstatat(number, from, &status, AT_SYMLINK_NOFOLLOW) == 0,
            status.st_mode & S_IFMT == S_IFDIR
        else { return failure }
        let made = SystemCall.run { mkdirat(directory.number, to, 0o755) }.number
        return made != 0 ? made : SystemCall.run { renameat(number, from, directory.number, to) }.number
    }

    /// Makes a symbolic link. symlinkat(2).
    public func symlink(_ name: some FileName, to target: some FileName) throws {
        try name.withPointer { pointer in
            try target.withPointer { target in
                _ = try SystemCall.check("make the symbolic link", place(name)) {
                    symlinkat(target, number, pointer)
                }
            }
        }
    }

    /// What a symbolic link says, nil if there is no symbolic link of this name. readlinkat(2).
    public func readLink(_ name: some FileName) throws -> String? {
        try name.withPointer { pointer in
            try withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
                let (count, failure) = SystemCall.run { readlinkat(number, pointer, buffer.baseAddress!, 4096) }
                if failure == ENOENT || failure == EINVAL { return nil }
                if failure != 0 { throw ChantalError.system(failure, "read the symbolic link", path: place(name)) }
                return String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
            }
        }
    }

    /// Whether a name is a symbolic link that says this. readlinkat(2).
    public func isLink(_ name: some FileName, saying target: [UInt8]) throws -> Bool {
        try name.withPointer { pointer in
            // One byte more than asked for tells a longer one.
            try withUnsafeTemporaryAllocation(of: CChar.self, capacity: target.count + 1) { buffer in
                let (count, failure) = SystemCall.run {
                    readlinkat(number, pointer, buffer.baseAddress!, target.count + 1)
                }
                if failure == ENOENT || failure == EINVAL { return false }
                if failure != 0 { throw ChantalError.system(failure, "read the symbolic link", path: place(name)) }
                return target.withUnsafeBytes { UnsafeRawBufferPointer(buffer).slice(0..<count).equals($0) }
            }
        }
    }

    /// Removes a file. unlinkat(2).
    /// - Returns: false if there was none.
    @discardableResult
    public func unlink(_ name: some FileName) throws -> Bool {
        try name.withPointer { pointer in
            let (_, failure) = SystemCall.run { unlinkat(number, pointer, 0) }
            if failure == ENOENT { return false }
            if failure != 0 { throw ChantalError.system(failure, "remove", path: place(name)) }
            return true
        }
    }

    /// Size, times, owner; nil if there is no such file. fstatat(2).
    /// - Parameter followLinks: whether a symbolic link stands for its target.
    public func status(_ name: some FileName, followLinks: Bool = false) throws -> FileStatus? {
        try name.withPointer { pointer in
            var status = stat()
            let (_, failure) = SystemCall.run {
                fstatat(number, pointer, &status, followLinks ? 0 : AT_SYMLINK_NOFOLLOW)
            }
            if failure == ENOENT || failure == ENOTDIR { return nil }
            if failure != 0 { throw ChantalError.system(failure, "examine", path: place(name)) }
            return FileStatus(status)
        }
    }

    /// Sets the time of last modification of a file or link itself. utimensat(2).
    public func setModified(_ name: some FileName, seconds: Int64, nanoseconds: Int = 0) throws {
        let time = timespec(tv_sec: Int(seconds), tv_nsec: nanoseconds)
        try name.withPointer { pointer in
            _ = try SystemCall.check("set the time of", place(name)) {
                withUnsafeBytes(of: (time, time)) {
                    utimensat(
                        number, pointer, $0.bindMemory(to: timespec.self).baseAddress!, AT_SYMLINK_NOFOLLOW)
                }
            }
        }
    }

    /// Copies a file to a name that must not be there: shared blocks where the filesystem can, same mode and mtime.
    public func copy(_ name: some FileName, to directory: Directory, as newName: some FileName) throws {
        let source = try open(name)
        let status = try source.status()
        let target = try directory.create(newName)
        do {
            try target.copy(from: source)
            try target.setMode(status.mode)
            try target.setModified(seconds: status.modified.seconds, nanoseconds: status.modifiedNanoseconds)
            try target.close()
        } catch {
            try directory.unlink(newName)
            throw error
        }
    }
}
