import Basics
import FileSystem
import Glibc
import Hashing
import Synchronization

/// When verified blobs count as being on the disk.
public enum Durability: Sendable {
    /// One syncfs(2) for all blobs of a promotion: fast on a disk of its own.
    case batch
    /// An fsync(2) for each blob: for a disk that others write to, whose bytes syncfs would have to wait for.
    case each
}

/// Blobs as read-only files `blobs/sha256/ab/abcdef…`, whose names appear only when their bytes are right.
public final class LocalBlobStore: LinkableBlobStore {
    static let quarantineFolder = "quarantine"
    let root: Directory
    let blobs: Directory
    let temporary: Directory
    let locks: StoreLocks
    let reliances: Reliances
    let durability: Durability

    init(root: Directory, temporary: Directory, locks: StoreLocks, durability: Durability) throws {
        self.root = root
        self.temporary = temporary
        self.locks = locks
        self.durability = durability
        blobs = try root.directory("blobs/sha256")
        reliances = Reliances(locks)
    }

    public func size(of digest: Digest) throws -> Int64? {
        guard let status = try blobs.status(BlobPath(digest)), status.kind == .file else { return nil }
        return status.size
    }

    public func storedAt(_ digest: Digest) throws -> Timestamp? { try blobs.status(BlobPath(digest))?.modified }

    public func open(_ digest: Digest) throws -> any BlobReader {
        guard let file = try blobs.openIfPresent(BlobPath(digest)) else { throw missing(digest) }
        return try LocalBlobReader(file)
    }

    private func missing(_ digest: Digest) -> ChantalError {
        ChantalError(
            .missing, "the store has no blob \(digest)", hint: "`chantal verify --repair` fetches what is missing again"
        )
    }

    public func forEachBlob(_ body: (Digest, Int64) throws -> Void) throws {
        for folder in try blobs.entries() where folder.bytes.count == 2 {
            let directory = try blobs.directory(folder.bytes)
            for entry in try directory.entries() {
                guard let digest = entry.bytes.withUnsafeBytes(BlobNames.digest),
                    let status = try directory.status(entry.bytes), status.kind == .file
                else { continue }
                try body(digest, status.size)
            }
        }
    }

    @discardableResult
    public func remove(_ digest: Digest) throws -> Int64? {
        let name = BlobPath(digest)
        guard let status = try blobs.status(name) else { return nil }
        return try blobs.unlink(name) ? status.size : nil
    }

    public func removeUnlessRelied(_ batch: [Digest], recheck: () throws -> Set<Digest>) throws -> SweepResult {
        try reliances.sweep(batch, recheck: recheck) { try remove($0) }
    }

    public func quarantine(_ digest: Digest) throws {
        try temporary.makeDirectory(LocalBlobStore.quarantineFolder)
        try blobs.rename(
            BlobPath(digest), to: temporary,
            as: "\(LocalBlobStore.quarantineFolder)/\(File.uniqueName(digest.hex))")
    }

    public func beginSession(name: String) throws -> any StagingSession {
        let adopted = try LeftoverSessions(self).adopt()
        return try LocalStagingSession(self, name: name, adopted: adopted)
    }

    // MARK: Names

    /// Gives a verified file its name as a blob, on the same filesystem, never replacing a blob that is right.
    /// - Returns: false if the blob was there; the file is gone then.
    @discardableResult
    func place(_ name: some FileName, of directory: Directory, as digest: Digest, size: Int64) throws -> Bool {
        let target = BlobPath(digest)
        for _ in 0..<16 {
            do {
                if try directory.renameNoReplace(name, to: blobs, as: target) { return true }
            } catch let error as ChantalError where error.systemNumber == ENOENT {
                // No blob began with these two digits so far, and another session may be making the directory as well; or the
                // file itself is gone, which is an error.
                try blobs.makeDirectory(BlobNames.folder(digest))
                guard try directory.status(name) != nil else { throw error }
                continue
            }
            // Another session brought it in, or a sweep has just removed it: look again then.
            guard let there = try blobs.status(target) else { continue }
            if there.kind == .file, there.size == size {
                try directory.unlink(name)
                return false
            }
            if case .good = try check(digest) {
                try directory.unlink(name)
                return false
            }
            try quarantine(digest)
        }
        throw ChantalError(.io, "the blob \(digest) appears and vanishes without end", path: blobs.path)
    }
}

/// A blob's file.
final class LocalBlobReader: BlobReader {
    private let file: FileDescriptor
    let size: Int64

    init(_ file: consuming FileDescriptor) throws {
        size = try file.status().size
        self.file = file
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try file.read(into: buffer) }
    func seek(to offset: Int64) throws { try file.seek(to: offset) }
}
