import TestSupport

/// What the conformance suite needs of an ecosystem: an upstream built by the format's own tools, and the format's real client.
///
/// An adapter is a file beside this one and a name in ``Conformance/ecosystems``.
protocol ConformanceUpstream: AnyObject, SendableMetatype {
    /// The value of `type`.
    static var type: String { get }
    /// Whether a mirror without a filter is upstream's byte for byte.
    static var isVerbatim: Bool { get }
    /// Whether what chantal writes itself is signed with the user's key.
    static var signsMetadata: Bool { get }

    /// Makes an upstream without packages, its keys and its tools.
    init() throws

    /// The directory that is served as upstream.
    var root: String { get }
    /// Where the repository lies below the root, with a slash at the end.
    var directory: String { get }
    /// The lines of the repository's section beside `type` and `upstream`; the same ones for every upstream that this one becomes.
    var section: [String] { get }
    /// Requests of a sync that finds nothing new.
    var requestsWithoutChange: Int { get }
    /// A signed document, below the root; nil where the format has no signatures.
    var signed: String? { get }
    /// A metadata file that a checksum in another one vouches for, as published last, below the root; nil where the format has none.
    func index() throws -> String?

    /// Builds a package that depends on nothing and offers it from the next ``publish()`` on.
    func add(_ name: String, _ version: String) throws
    /// Offers it no longer, in any version.
    func remove(_ name: String) throws
    /// Writes all metadata anew, whatever was done to it, and signs it.
    func publish() throws
    /// The package's file, below the root.
    func file(_ name: String, _ version: String) throws -> String
    /// The package's path in the mirror.
    func published(_ name: String, _ version: String) throws -> String
    /// A version as the mirror lists it.
    func listed(_ version: String) -> String
    /// The section's line for a filter that keeps all versions of these packages.
    func filter(_ names: [String]) -> String

    /// Lets the real client fetch the newest version of a package and check whatever it checks.
    /// - Parameters:
    ///   - url: the repository's, as published.
    ///   - key: a file with the public key to trust; nil for upstream's own.
    /// - Returns: the file's bytes; nil if the client knows no such package.
    /// - Throws: if the client complains.
    func fetch(_ name: String, from url: String, key: String?) throws -> [UInt8]?
}

extension ConformanceUpstream {
    var directory: String { "" }
    func listed(_ version: String) -> String { version }
    func published(_ name: String, _ version: String) throws -> String { try file(name, version) }
    func filter(_ names: [String]) -> String { "filter: {include: [\(names.joined(separator: ", "))]}" }
    func path(_ relative: String) -> String { "\(root)/\(relative)" }
}
