import Basics

/// What a file of a repository is for.
public enum Role: String, Sendable, CaseIterable {
    /// A package or source archive.
    case package
    /// Metadata whose name changes with its content, or that is only read through a pointer.
    case metadata
    /// A file whose name stays while its content changes: InRelease, repomd.xml, `simple/x/index.html`.
    case pointer
    /// Not part of the state, but still served for clients that read an older one. Only in the texts of trees.
    case retained
}

/// One file of a repository: where it is, and which blob.
public struct ManifestEntry: Hashable, Sendable {
    public var path: RepositoryPath
    public var digest: Digest
    /// In bytes.
    public var size: Int64
    public var role: Role

    public init(path: RepositoryPath, digest: Digest, size: Int64, role: Role) {
        self.path = path
        self.digest = digest
        self.size = size
        self.role = role
    }

    /// Appends `<sha256> <size> <role> <path>` and a newline.
    func append(to text: inout [UInt8]) {
        digest.appendHex(to: &text)
        text.append(0x20)
        text.append(contentsOf: String(size).utf8)
        text.append(0x20)
        text.append(contentsOf: role.rawValue.utf8)
        text.append(0x20)
        text.append(contentsOf: path.bytes)
        text.append(0x0a)
    }
}

/// One line of a manifest that is being read. The path is lent for the call.
public struct ManifestLine {
    public let digest: Digest
    /// In bytes.
    public let size: Int64
    public let role: Role
    /// Checked: it could be a ``RepositoryPath``.
    public let path: UnsafeRawBufferPointer

    /// The line as a value to keep.
    public var entry: ManifestEntry {
        ManifestEntry(path: RepositoryPath(trusted: Array(path)), digest: digest, size: size, role: role)
    }
}
