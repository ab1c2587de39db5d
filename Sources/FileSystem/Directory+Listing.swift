import Basics
import Glibc

/// One name in a directory.
public struct DirectoryEntry: Sendable {
    /// The bytes of the name.
    public let bytes: [UInt8]
    /// What the directory says it is; `other` where the filesystem does not say.
    public let kind: FileStatus.Kind

    /// The name as text; invalid UTF-8 is replaced.
    public var name: String { String(decoding: bytes, as: UTF8.self) }
}

extension Directory {
    /// Gives every name but `.` and `..`, in no order. readdir(3).
    ///
    /// Independent of other listings of this directory going on. The bytes are lent for the call.
    public func forEachName(_ body: (UnsafeRawBufferPointer, FileStatus.Kind) throws -> Void) throws {
        let copy = try SystemCall.check("open the directory", path) {
            openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard let stream = fdopendir(copy) else {
            let failure = errno
            close(copy)
            throw ChantalError.system(failure, "list the directory", path: path)
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw ChantalError.system(errno, "list the directory", path: path) }
                return
            }
            let kind: FileStatus.Kind =
                switch Int(entry.pointee.d_type) {
                case Int(DT_REG): .file
                case Int(DT_DIR): .directory
                case Int(DT_LNK): .link
                default: .other
                }
            let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name)!
            let name = UnsafeRawPointer(entry) + offset
            let bytes = UnsafeRawBufferPointer(start: name, count: strlen(name.assumingMemoryBound(to: CChar.self)))
            if bytes.equals(".") || bytes.equals("..") { continue }
            try body(bytes, kind)
        }
    }

    /// Every entry but `.` and `..`, sorted by bytes.
    public func entries() throws -> [DirectoryEntry] {
        var result: [DirectoryEntry] = []
        try forEachName { result.append(DirectoryEntry(bytes: Array($0), kind: $1)) }
        result.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        return result
    }

    /// Every name but `.` and `..`, sorted by bytes.
    public func names() throws -> [String] { try entries().map(\.name) }

    /// Removes a file or a directory with all below it; symbolic links are not followed.
    /// - Returns: false if there was nothing of this name.
    @discardableResult
    public func removeTree(_ name: some FileName) throws -> Bool {
        let (_, failure) = try name.withPointer { pointer in SystemCall.run { unlinkat(number, pointer, 0) } }
        if failure == 0 { return true }
        if failure == ENOENT { return false }
        guard failure == EISDIR || failure == EPERM, try status(name)?.kind == .directory else {
            throw ChantalError.system(failure, "remove", path: place(name))
        }
        // A file that appears while this runs makes the directory "not empty": look again, but not for ever.
        for _ in 0..<8 {
            let inner = try directory(name)
            for entry in try inner.entries() { try inner.removeTree(entry.bytes) }
            if try removeDirectory(name) { return true }
            if try status(name) == nil { return true }
        }
        throw ChantalError.system(ENOTEMPTY, "remove the directory", path: place(name))
    }
}
