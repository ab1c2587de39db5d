import Basics
import Store

/// A file that a plan wants from upstream.
public struct PlannedFile: Sendable {
    /// Where upstream has it.
    public var source: FileSource
    /// Where the mirror publishes it.
    public var path: RepositoryPath
    /// In bytes, where upstream declares it.
    public var size: Int64?
    /// The most bytes to accept where no size is declared.
    public var sizeLimit: Int64?
    /// Upstream's SHA-256, where it declares one.
    public var sha256: Digest?
    /// Other declared checksums; needed where there is no SHA-256, checked in any case.
    public var checksums: [Checksum]
    public var role: FileRole
    /// Whether a package is lost with it: true for a .deb, and of a source package's files for the one that stands for it.
    public var isPackage: Bool
    /// What the generation before has at this path. Where nobody declares a size, its own tells whether the store has the bytes whole,
    /// and they need not be hashed.
    public var before: StoredFile?

    public init(
        source: FileSource, path: RepositoryPath, size: Int64?, sizeLimit: Int64? = nil, sha256: Digest?,
        checksums: [Checksum] = [], role: FileRole = .package, isPackage: Bool = true
    ) {
        self.source = source
        self.path = path
        self.size = size
        self.sizeLimit = sizeLimit
        self.sha256 = sha256
        self.checksums = checksums
        self.role = role
        self.isPackage = isPackage
    }

    /// A file at a path below the upstream's URLs.
    public init(
        source: RepositoryPath, path: RepositoryPath, size: Int64?, sizeLimit: Int64? = nil, sha256: Digest?,
        checksums: [Checksum] = [], role: FileRole = .package, isPackage: Bool = true
    ) {
        self.init(
            source: .path(source), path: path, size: size, sizeLimit: sizeLimit, sha256: sha256, checksums: checksums,
            role: role, isPackage: isPackage)
    }

    /// Every declared checksum.
    var declared: [Checksum] { sha256.map { [Checksum($0)] + checksums } ?? checksums }
}
