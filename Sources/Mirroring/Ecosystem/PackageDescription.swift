import Basics

/// What a state says of one package beyond its row in the catalog: read when a user asks, from published metadata.
public struct PackageDescription {
    public var license: String?
    public var homepage: String?
    /// The long description, paragraphs by line breaks.
    public var description: String?
    /// The source package or repository that it was built from.
    public var source: String?
    public var buildTime: Timestamp?
    /// In the ecosystem's own syntax, in the order of the metadata.
    public var provides: [String]
    public var requires: [String]
    /// Why a selection holds it: each line a chain of requirements from what the user wrote to this package.
    public var why: [String]
    /// The paths that it installs, read only if asked for; nil where the metadata has none.
    public var files: (() throws -> [String])?

    public init(
        license: String? = nil, homepage: String? = nil, description: String? = nil, source: String? = nil,
        buildTime: Timestamp? = nil, provides: [String] = [], requires: [String] = [], why: [String] = [],
        files: (() throws -> [String])? = nil
    ) {
        self.license = license
        self.homepage = homepage
        self.description = description
        self.source = source
        self.buildTime = buildTime
        self.provides = provides
        self.requires = requires
        self.why = why
        self.files = files
    }
}

/// An advisory that a state carries: what was wrong with which packages, and that these mend it.
public struct Advisory: Sendable, Hashable {
    /// `RHSA-2026:0042`
    public var id: String
    /// `security`, `bugfix`, `enhancement`, …
    public var kind: String
    /// As the publisher grades it; empty if it does not.
    public var severity: String
    public var title: String
    public var issuedAt: Timestamp?
    /// The packages that mend it, as their ecosystem names them: name, version and architecture.
    public var packages: [String]

    public init(
        id: String, kind: String, severity: String = "", title: String = "", issuedAt: Timestamp? = nil,
        packages: [String] = []
    ) {
        self.id = id
        self.kind = kind
        self.severity = severity
        self.title = title
        self.issuedAt = issuedAt
        self.packages = packages
    }
}
