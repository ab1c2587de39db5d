import Basics

/// What one suite of a ``DebianUpstream`` is like.
public struct DebianSuite: Sendable {
    /// Where `Architecture: all` packages are listed.
    public enum AllPackages: Sendable {
        /// In each binary-ARCH index, as apt-ftparchive does.
        case merged
        /// In binary-all alone.
        case separate
        /// In both, with `No-Support-for-Architecture-all: Packages`, as Debian does.
        case both
    }

    /// `stable`, `stable/updates`, or a flat repository: `./`, `sub/`.
    public var name: String
    public var components: [String]
    /// Without `all`.
    public var architectures: [String]
    public var allPackages = AllPackages.merged

    /// Extensions of the compressions of each index; "" is the plain form.
    public var compressions = ["", "gz", "xz"]
    /// Whether the plain forms are there; Release lists them all the same, as Debian's does.
    public var servesPlain = true
    /// The sections of Release.
    public var hashes = ["MD5Sum", "SHA256"]
    /// The checksum fields that stay in Packages and Sources.
    public var stanzaHashes = ["MD5sum", "SHA256"]
    public var byHash = true

    /// Languages of Translation indices; without any, Packages has the long texts.
    public var translations = ["en"]
    public var contents = true
    public var components11 = false
    public var commandNotFound = false
    public var pdiffs = false

    /// When Release says it was made; the time of publishing if nil.
    public var date: Timestamp?
    public var validUntil: Timestamp?
    public var origin = "Test"
    public var codename: String?
    /// Further fields of Release.
    public var fields: [(String, String)] = []

    public var writesInRelease = true
    public var writesReleaseGPG = true
    /// Keys that sign; the upstream's own if nil.
    public var signers: [GPGHome.Key]?
    /// When it is said to be signed.
    public var signedAt: Timestamp?
    public var signatureDigest = "SHA512"

    public init(_ name: String, components: [String] = ["main"], architectures: [String] = ["amd64"]) {
        self.name = name
        self.components = components
        self.architectures = architectures
    }

    public var isFlat: Bool { name.hasSuffix("/") }

    /// Its directory below the root, without a slash at its end; "" for `./`.
    public var directory: String {
        if isFlat { return name == "./" || name == "/" ? "" : String(name.dropLast()) }
        return "dists/\(name)"
    }

    /// A path below its directory, relative to the root.
    public func path(_ relative: String) -> String { directory.isEmpty ? relative : "\(directory)/\(relative)" }
}
