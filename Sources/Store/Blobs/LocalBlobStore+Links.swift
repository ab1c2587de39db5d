import Basics
import FileSystem
import Glibc
import Hashing

extension LocalBlobStore {
    private static let emptyDigest = sha256(of: [])

    public func link(_ digest: Digest, into directory: Directory, as name: some FileName) throws -> LinkOutcome {
        if digest == LocalBlobStore.emptyDigest {
            try copy(of: digest, into: directory, as: name)
            return .copied(.empty)
        }
        let reason: CopyReason
        let failure = try blobs.link(BlobPath(digest), to: directory, as: name)
        switch failure {
        case 0: return .linked
        case EMLINK: reason = .tooManyLinks
        case EXDEV: reason = .otherFilesystem
        case EPERM, EOPNOTSUPP: reason = .notPermitted
        default:
            if failure == ENOENT, try size(of: digest) == nil { _ = try open(digest) }  // says which blob is missing
            throw ChantalError.system(failure, "link the blob \(digest) into", path: directory.path)
        }
        try copy(of: digest, into: directory, as: name)
        return .copied(reason)
    }

    public func copy(
        _ digest: Digest, into directory: Directory, as name: some FileName, modified: Timestamp
    ) throws {
        try copy(of: digest, into: directory, as: name)
        try directory.setModified(name, seconds: modified.seconds)
    }

    private func copy(of digest: Digest, into directory: Directory, as name: some FileName) throws {
        do {
            try blobs.copy(BlobPath(digest), to: directory, as: name)
        } catch let error as ChantalError where error.code == .notFound {
            if try size(of: digest) == nil { _ = try open(digest) }
            throw error
        }
    }
}

extension LocalBlobStore {
    /// What the system knows about a blob's file, nil if there is none: whether another name is a link to it.
    public func status(of digest: Digest) throws -> FileStatus? { try blobs.status(BlobPath(digest)) }
}
