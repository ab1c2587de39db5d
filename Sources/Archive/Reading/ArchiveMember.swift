import Basics

/// A form of archive that can be read from its start to its end.
public enum StreamedArchive: Sendable, Hashable {
    /// ustar, pax (POSIX.1-2001) and GNU tar; plain, or compressed by gzip, bzip2, xz or Zstandard.
    case tar
    /// ar(5): the outer form of a .deb.
    case ar
}

/// What an archive may hold at most before reading it fails.
public struct ArchiveLimits: Sendable, Hashable {
    /// Number of members.
    public var members: Int
    /// Bytes after decompression: of a compressed tar all of them, skipped ones as well; of a zip those that are read.
    public var bytes: Int64

    public init(members: Int = 200_000, bytes: Int64 = 16 << 30) {
        self.members = members
        self.bytes = bytes
    }
}

/// The header of one member.
public struct ArchiveMember: Sendable, Hashable {
    public enum Kind: Sendable, Hashable { case file, directory, link, other }

    /// The name as it stands in the archive. It may hold anything: `..`, a leading `/`, NUL no. See ``RepositoryPath/init(_:)``.
    public let name: [UInt8]
    /// Hard and symbolic links are both `link`.
    public let kind: Kind
    /// In bytes, where the archive declares it.
    public let size: Int64?
    /// Of last modification, where the archive declares it.
    public let modified: Timestamp?

    public init(name: [UInt8], kind: Kind, size: Int64?, modified: Timestamp?) {
        self.name = name
        self.kind = kind
        self.size = size
        self.modified = modified
    }
}
