public import Basics

/// A file to fetch, and what is known of it.
public struct FetchRequest: Sendable {
    /// Where it is.
    public enum Location: Sendable, Hashable {
        /// Below each base, percent-encoded.
        case path(String)
        /// Elsewhere. Credentials go along only to an origin that the configuration names; a `file:` URL is refused unless it names such.
        case url(String)
    }

    public var location: Location
    /// For people, and in errors.
    public var name: String
    /// Bytes, as declared; nil if nobody said.
    public var size: Int64?
    /// Bytes at most, if the size is not declared.
    public var sizeLimit: Int64?
    /// All of them must agree.
    public var checksums: [Checksum]
    /// What to compute beside SHA-256 and the algorithms of `checksums`.
    public var algorithms: Set<ChecksumAlgorithm>
    /// With these the answer may be that nothing changed.
    public var validators: Validators?
    /// Where a small answer may stay, for a file that is read once and never stored; only where neither size nor checksum is declared.
    /// See ``Fetched/held``.
    public var room: HoldingRoom?
    /// Sent with the request wherever it leads: no secrets.
    public var headers: [(name: String, value: String)]
    /// The caller's own mark, given back with the result.
    public var tag: Int

    public init(
        _ location: Location, name: String, size: Int64? = nil, sizeLimit: Int64? = nil, checksums: [Checksum] = [],
        algorithms: Set<ChecksumAlgorithm> = [], validators: Validators? = nil,
        headers: [(name: String, value: String)] = [], tag: Int = 0
    ) {
        self.location = location
        self.name = name
        self.size = size
        self.sizeLimit = sizeLimit
        self.checksums = checksums
        self.algorithms = algorithms
        self.validators = validators
        self.headers = headers
        self.tag = tag
    }

    /// A file of a repository, at its path below each base.
    public init(
        _ path: RepositoryPath, size: Int64? = nil, sizeLimit: Int64? = nil, checksums: [Checksum] = [],
        algorithms: Set<ChecksumAlgorithm> = [], validators: Validators? = nil, tag: Int = 0
    ) {
        self.init(
            .path(path.urlEncoded), name: path.description, size: size, sizeLimit: sizeLimit, checksums: checksums,
            algorithms: algorithms, validators: validators, tag: tag)
    }

    /// The name of the file's unfinished download: a checksum that no other file has.
    var partialKey: String? {
        guard size.map({ $0 > FetchRequest.smallestPartial }) ?? true else { return nil }
        return checksums.filter(\.algorithm.isStrong).max { $0.algorithm < $1.algorithm }?.hex
    }

    /// Smaller files are fetched anew rather than resumed.
    static let smallestPartial: Int64 = 1 << 20
}

/// What a server gave with a file, to ask for a newer one (RFC 9110, 8.8).
public struct Validators: Sendable, Hashable {
    public var etag: String?
    public var lastModified: String?
    /// The URL asked then: another copy of the repository would not know them. Nil: any.
    public var url: String?

    public init(etag: String?, lastModified: String?, url: String? = nil) {
        self.etag = etag
        self.lastModified = lastModified
        self.url = url
    }
}
