import Basics
import Glibc

/// What the system knows about a file. stat(2).
public struct FileStatus: Sendable {
    public enum Kind: Sendable { case file, directory, link, other }

    public let kind: Kind
    /// In bytes.
    public let size: Int64
    /// Permission bits, as 0o644.
    public let mode: UInt32
    /// Number of hard links.
    public let links: Int
    public let inode: UInt64
    public let device: UInt64
    /// The user's number.
    public let owner: UInt32
    /// Last modification, whole seconds since 1970.
    public let modified: Timestamp
    /// Nanoseconds of the second of last modification.
    public let modifiedNanoseconds: Int
    /// Last change of the file or of its names: not settable, so good for ages.
    public let changed: Timestamp

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        size = Int64(status.st_size)
        mode = UInt32(status.st_mode & 0o7777)
        links = Int(status.st_nlink)
        inode = UInt64(status.st_ino)
        device = UInt64(status.st_dev)
        owner = status.st_uid
        modified = Timestamp(seconds: Int64(status.st_mtim.tv_sec))
        modifiedNanoseconds = Int(status.st_mtim.tv_nsec)
        changed = Timestamp(seconds: Int64(status.st_ctim.tv_sec))
    }

    /// Whether both are one file.
    public func isSameFile(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }
}
