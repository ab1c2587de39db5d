public import Basics

/// A repository's generation.
public struct RepositoryState: Hashable, Sendable {
    public var repository: String
    public var generation: Int

    public init(repository: String, generation: Int) {
        self.repository = repository
        self.generation = generation
    }
}

/// What finishing a generation's index changed.
public struct IndexSummary: Hashable, Sendable {
    /// Packages of the generation.
    public var packages: Int
    /// Rows that no generation had yet.
    public var added: Int
    /// Rows of the generation before that this one lacks.
    public var removed: Int
}

/// What two states do not share. Both lists are in the order of ``PackageRow``.
public struct PackageDifference: Hashable, Sendable {
    public var onlyFirst: [PackageRow]
    public var onlySecond: [PackageRow]
}

/// A package found by a search. One for each (repository, name, version, architecture, digest).
public struct SearchHit: Hashable, Sendable {
    public var repository: String
    /// The repository's type, such as `apt`.
    public var type: String
    public var name: String
    public var version: String
    public var architecture: String
    public var summary: String
    public var digest: Digest?

    /// A copy of what lies in bytes.
    public init(_ fields: SearchHitFields) {
        (repository, type, digest) = (fields.repository, fields.type, fields.digest)
        (name, version) = (fields.name.text, fields.version.text)
        (architecture, summary) = (fields.architecture.text, fields.summary.text)
    }
}

/// A package with the generations that hold it.
public struct PackageHistory: Hashable, Sendable {
    public var repository: String
    public var type: String
    public var package: PackageRow
    /// The first generation still indexed that holds it.
    public var first: Int
    /// The last one.
    public var last: Int
    /// Whether the last one is the repository's latest.
    public var isCurrent: Bool
}

/// A package of a repository's latest generation.
public struct FoundPackage: Hashable, Sendable {
    public var repository: String
    public var type: String
    public var package: PackageRow
}

/// What a server said about a file, for asking conditionally the next time (RFC 9110, 13.1).
public struct Validators: Hashable, Sendable {
    public var etag: String?
    public var lastModified: String?
    /// The blob that these describe.
    public var digest: Digest

    public init(etag: String?, lastModified: String?, digest: Digest) {
        self.etag = etag
        self.lastModified = lastModified
        self.digest = digest
    }
}
