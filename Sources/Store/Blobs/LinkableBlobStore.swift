import Basics
import FileSystem

/// A blob store on a local file system, from which trees of hard links can be made.
public protocol LinkableBlobStore: BlobStore {
    /// Gives a blob a name in a tree: by a hard link, or a copy where there can be none.
    /// - Parameters:
    ///   - directory: on the filesystem of the store.
    ///   - name: must not be there yet.
    /// - Throws: ``ChantalError`` `missing` if there is no such blob, `exists` if the name is taken.
    func link(_ digest: Digest, into directory: Directory, as name: some FileName) throws -> LinkOutcome
    /// Gives a tree a copy of its own (blocks are shared where the filesystem can), mode 0444, with this time of modification.
    func copy(_ digest: Digest, into directory: Directory, as name: some FileName, modified: Timestamp) throws
}

/// How a blob got its name in a tree.
public enum LinkOutcome: Sendable, Hashable {
    case linked
    case copied(CopyReason)
}

/// Why a blob was copied where a hard link was wanted.
public enum CopyReason: String, Sendable, Hashable, CaseIterable {
    /// Empty files are not linked: nothing is saved, and a great many of them exist.
    case empty
    /// The filesystem takes no more links of this file (EMLINK).
    case tooManyLinks = "too_many_links"
    /// The tree is on another filesystem (EXDEV).
    case otherFilesystem = "other_filesystem"
    /// The filesystem or the system's hardening takes no links of this file (EPERM).
    case notPermitted = "not_permitted"

    /// For people.
    public var explanation: String {
        switch self {
        case .empty: "they are empty"
        case .tooManyLinks: "the filesystem takes no more links of one file"
        case .otherFilesystem: "'public' is not on the filesystem of the store"
        case .notPermitted: "the filesystem or the system's hardening takes no links of them"
        }
    }
}
