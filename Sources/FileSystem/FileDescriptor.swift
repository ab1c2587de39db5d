import Basics
internal import CLinux
import Glibc

/// An open file, closed when it goes out of scope.
public struct FileDescriptor: ~Copyable, Sendable {
    private(set) var number: Int32
    let lock = OwnLock()
    /// For messages.
    public let path: String

    /// Takes over an open descriptor.
    init(owning number: Int32, path: String) {
        self.number = number
        self.path = path
    }

    deinit {
        if number < 0 { return }
        lock.release(number)
        _ = Glibc.close(number)
    }

    /// Opens a file for reading, by a path of its own. open(2).
    public static func open(path: String) throws -> FileDescriptor {
        let number = try path.withPointer { name in
            try SystemCall.check("open", path) { Glibc.open(name, O_RDONLY | O_CLOEXEC) }
        }
        return FileDescriptor(owning: number, path: path)
    }

    /// A descriptor of its own for the process's standard input (0) or output (1). fcntl(2) with F_DUPFD_CLOEXEC.
    public static func standard(_ number: Int32) throws -> FileDescriptor {
        let path = number == 0 ? "standard input" : "standard output"
        let copy = try SystemCall.check("open", path) { fcntl(number, F_DUPFD_CLOEXEC, 3) }
        return FileDescriptor(owning: copy, path: path)
    }

    /// Closes, and says what the file system kept back until now (EIO, ENOSPC, EDQUOT on network file systems). close(2).
    public consuming func close() throws {
        let (number, path) = (self.number, self.path)
        self.number = -1
        lock.release(number)
        // Not made again after EINTR: Linux has closed the descriptor by then.
        if Glibc.close(number) != 0, errno != EINTR { throw ChantalError.system(errno, "close", path: path) }
    }

    /// Reads up to as many bytes as the buffer holds; 0 at the end. read(2).
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try SystemCall.check("read", path) { Glibc.read(number, buffer.baseAddress, buffer.count) }
    }

    /// Reads at a place without moving. pread(2).
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        try SystemCall.check("read", path) { pread(number, buffer.baseAddress, buffer.count, Int(offset)) }
    }

    /// Whether reading would not have to wait, or comes to that within a time. poll(2).
    public func isReadable(within milliseconds: Int32) throws -> Bool {
        var wanted = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return try SystemCall.check("wait for", path) { poll(&wanted, 1, milliseconds) } > 0
    }

    /// Writes all bytes. write(2).
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = try SystemCall.check("write", path) { Glibc.write(number, rest.baseAddress, rest.count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Gives every chunk from the present place to the end.
    public func forEachChunk(
        size: Int = 256 * 1024, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try read(into: buffer)
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Everything from the present place to the end.
    /// - Throws: ``ChantalError`` `too_large` if that is more than `limit` bytes.
    public func readToEnd(limit: Int) throws -> [UInt8] {
        var capacity = Int(clamping: max(try status().size, 0))
        if capacity > limit { throw tooLarge(limit) }
        var result: [UInt8] = []
        // One byte more than the size shows the end without a second buffer; files of /proc say 0.
        capacity = max(capacity + 1, 4096)
        while true {
            let start = result.count
            let chunk = try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                count = try read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if chunk.isEmpty { return result }
            if start == 0 { result = chunk } else { result.append(contentsOf: chunk) }
            if result.count > limit { throw tooLarge(limit) }
            capacity = 65536
        }
    }

    private func tooLarge(_ limit: Int) -> ChantalError {
        ChantalError(.tooLarge, "'\(path)' is larger than \(ByteCount.text(Int64(limit)))", path: path)
    }

    /// Moves to a place counted from the start. lseek(2).
    public func seek(to offset: Int64) throws {
        try SystemCall.check("seek in", path) { lseek(number, Int(offset), SEEK_SET) }
    }

    /// Cuts or extends the file. ftruncate(2).
    public func truncate(to size: Int64) throws {
        try SystemCall.check("truncate", path) { ftruncate(number, Int(size)) }
    }

    /// Sets the permissions, whatever the umask. fchmod(2).
    public func setMode(_ mode: UInt32) throws {
        try SystemCall.check("set the mode of", path) { fchmod(number, mode) }
    }

    /// Sets the time of last modification, access time as well. futimens(2).
    public func setModified(seconds: Int64, nanoseconds: Int = 0) throws {
        let time = timespec(tv_sec: Int(seconds), tv_nsec: nanoseconds)
        try SystemCall.check("set the time of", path) {
            withUnsafeBytes(of: (time, time)) { futimens(number, $0.bindMemory(to: timespec.self).baseAddress!) }
        }
    }

    /// Size, times, owner. fstat(2).
    public func status() throws -> FileStatus {
        var status = stat()
        try SystemCall.check("examine", path) { fstat(number, &status) }
        return FileStatus(status)
    }

    /// Waits until the file's bytes are on the disk. fsync(2).
    public func synchronize() throws {
        try SystemCall.check("write to disk", path) { fsync(number) }
    }

    /// Takes an exclusive lock that ends with this descriptor, if nobody else has one. flock(2).
    public func tryLock() throws -> Bool { try lock.tryExclusive(number, path) }

    /// Fills this file with another's bytes: shares the blocks where the filesystem can (FICLONE), else copies in the
    /// kernel (copy_file_range(2)), else by read and write.
    public func copy(from source: borrowing FileDescriptor) throws {
        let (to, from) = (number, source.number)
        if SystemCall.run({ linux_ficlone(to, from) }).number == 0 { return }
        var copied = 0
        while true {
            let (count, failure) = SystemCall.run { linux_copy_file_range(from, to, 1 << 30) }
            if failure != 0 {
                // Not between these filesystems, or not on this kernel: nothing was copied yet.
                let unsupported = [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EBADF, EPERM].contains(failure)
                if unsupported, copied == 0 { break }
                throw ChantalError.system(failure, "copy to", path: path)
            }
            // Some kernel file systems answer 0 where read(2) has bytes.
            if count == 0, copied == 0 { break }
            if count == 0 { return }
            copied += count
        }
        try source.forEachChunk { try write($0) }
    }
}
