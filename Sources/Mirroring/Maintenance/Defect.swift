import Basics

/// Something in a store that is not as its records say.
public struct Defect: Sendable {
    /// What kind of damage; the words are those of `verify --json`.
    public enum Kind: String, Sendable, CaseIterable {
        /// A blob's bytes are not those of its name: a flipped bit, a truncated file.
        case blobDamaged = "blob_damaged"
        /// A manifest names a blob that is not there.
        case blobMissing = "blob_missing"
        /// A blob has another size than a manifest says.
        case blobSize = "blob_size"
        case manifestDamaged = "manifest_damaged"
        case manifestMissing = "manifest_missing"
        /// A generation's, snapshot's or publication's record cannot be read.
        case recordDamaged = "record_damaged"
        /// A tree that a link or record names is not there.
        case treeMissing = "tree_missing"
        /// A tree holds something else than its text says.
        case treeDiffers = "tree_differs"
        /// The name of a state leads to a tree of something else, or to none.
        case linkDiffers = "link_differs"
        /// A file or directory has other permissions than it was given: web servers may not be able to read it.
        case modeDiffers = "mode_differs"
        /// The catalog says something else than the manifests.
        case catalogDiffers = "catalog_differs"
    }

    public let kind: Kind
    public var digest: Digest?
    public var path: String?
    public var repository: String?
    public var message: String
    public var isRepaired = false

    init(_ kind: Kind, _ message: String, digest: Digest? = nil, path: String? = nil, repository: String? = nil) {
        self.kind = kind
        self.message = message
        self.digest = digest
        self.path = path
        self.repository = repository
    }
}

/// What a verification looked at, and what it found.
public struct VerificationReport: Sendable {
    /// Number of blobs.
    public var checked = 0
    /// Their bytes.
    public var bytes: Int64 = 0
    public var defects: [Defect] = []
}

/// How thoroughly to look.
public struct VerificationOptions: Sendable {
    /// Presence and size of blobs only: nothing is read.
    public var isQuick = false
    /// Fetch damaged blobs again, make trees and catalog anew.
    public var repairs = false

    public init() {}
}
