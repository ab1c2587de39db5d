import Basics
import FileSystem
import Hashing

/// Brings blobs into a store, and protects those that a running sync counts on. Used from several threads.
///
/// Blobs wait here, verified, until ``promote()`` makes them durable and gives them their names. What waits when a session ends
/// or its process dies is taken in by the next one.
public protocol StagingSession: AnyObject, Sendable {
    /// What sessions that ended badly had left, and this one took in.
    var adopted: AdoptedBlobs { get }
    /// Starts a blob.
    /// - Parameters:
    ///   - expected: checksums that the bytes must have.
    ///   - size: the size in bytes that they must have, if it is known; nothing is accepted beyond it.
    ///   - resumable: a key for the bytes of this file and no other (its declared checksum in hex): what arrives survives
    ///     this process and is continued by the next writer with the same key. Only for files above 1 MiB.
    ///   - algorithms: what to compute beside SHA-256 and the expected.
    func writer(
        expected: [Checksum], size: Int64?, resumable: String?, algorithms: Set<ChecksumAlgorithm>
    ) throws -> any BlobWriter
    /// Finishes several files at once, which costs less than one after the other; each has its own result, in their order.
    func finish(_ writers: [any BlobWriter]) -> [Result<StagedBlob, any Error>]
    /// The bytes that lie there of unfinished files, by their keys: what a writer would not have to be given again.
    func resumableBytes() throws -> [String: Int64]
    /// Takes bytes that are at hand, whose digests the caller has just computed. For ``put(_:)``.
    func stage(_ batch: [(bytes: [UInt8], digest: Digest)]) throws
    /// Takes a file that lies on this machine, whatever its name: its blocks are shared where the filesystem can, else copied.
    /// - Parameters:
    ///   - linking: whether it may become a second name of the same file, read-only then; nobody may write to it any more.
    ///   - algorithms: what to compute beside SHA-256.
    func take(
        file name: some FileName, of directory: Directory, linking: Bool, algorithms: Set<ChecksumAlgorithm>
    ) throws -> StagedBlob
    /// Keeps digests (of blobs, stored or not, and of manifests) from being swept until this session ends.
    func protect(_ digests: some Collection<Digest>) throws
    /// Protects each digest, then looks whether its blob is stored or waits here. What is there stays until this session ends.
    /// - Returns: for each digest the size in bytes, nil if it has to be fetched.
    func rely(on digests: [Digest]) throws -> [Int64?]
    /// Whether a blob is stored or waits here; protects nothing.
    func contains(_ digest: Digest) throws -> Bool
    /// Opens a blob that is stored or waits here.
    func open(_ digest: Digest) throws -> any BlobReader
    /// Drops blobs that wait here and turned out to be needed by nothing; what is stored stays.
    func discard(_ digests: some Collection<Digest>) throws
    /// Makes what waits here durable and gives it its names. When this returns, the names are durable as well.
    func promote() throws
    /// Ends the protection. Does nothing the second time.
    func end() throws
    /// Ends it, and gives up what waits here.
    func discard() throws
}

/// Verified blobs of a session that ended badly.
public struct AdoptedBlobs: Sendable, Hashable {
    public var count = 0
    public var bytes: Int64 = 0

    public init() {}
}

/// A blob that was verified and has its place.
public struct StagedBlob: Sendable, Hashable {
    public let digest: Digest
    /// In bytes.
    public let size: Int64
    /// SHA-256 and whatever else was expected or asked for.
    public let digests: Digests

    public init(digest: Digest, size: Int64, digests: Digests) {
        self.digest = digest
        self.size = size
        self.digests = digests
    }
}

/// Takes the bytes of one blob, hashing as they arrive. May pass from thread to thread, but not be used by two at once.
public protocol BlobWriter: AnyObject, Sendable {
    /// How many bytes an earlier writer with the same key left; they are hashed with the rest. Fetch from here on.
    var resumedBytes: Int64 { get }
    /// What ``remember(validator:)`` stored beside the resumed bytes: for If-Range.
    var validator: String? { get }
    /// How many bytes are there, resumed ones included.
    var size: Int64 { get }
    /// Stores the server's ETag or Last-Modified beside the bytes, if they are resumable.
    func remember(validator: String) throws
    /// - Throws: ``ChantalError`` `too_large` at the first byte beyond the declared size.
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Forgets all bytes, resumed ones as well: the server sends the file from its start.
    func restart() throws
    /// Checks size and checksums; then the blob waits under its digest.
    /// - Throws: ``ChantalError`` `mismatch`, naming what was declared and what came. Bytes that are too few stay for the next
    ///   writer, wrong ones do not.
    func finish() throws -> StagedBlob
    /// Gives up.
    /// - Parameter keepPartial: whether resumable bytes stay for the next writer.
    func abandon(keepPartial: Bool) throws
}

extension StagingSession {
    public func writer(expected: [Checksum], size: Int64?, resumable: String? = nil) throws -> any BlobWriter {
        try writer(expected: expected, size: size, resumable: resumable, algorithms: [])
    }

    /// Takes bytes that are at hand, as own renderings; nothing is written if they are stored already.
    public func put(_ bytes: [UInt8]) throws -> (digest: Digest, size: Int64) { try put([bytes])[0] }

    /// The same for many small files, in their order.
    public func put(_ batch: [[UInt8]]) throws -> [(digest: Digest, size: Int64)] {
        let digests = batch.map { sha256(of: $0) }
        let sizes = try rely(on: digests)
        try stage(
            batch.indices.filter { sizes[$0] != Int64(batch[$0].count) }.map { (batch[$0], digests[$0]) })
        return zip(digests, batch).map { ($0, Int64($1.count)) }
    }

    public func finish(_ writers: [any BlobWriter]) -> [Result<StagedBlob, any Error>] {
        writers.map { writer in Result { try writer.finish() } }
    }

    public func stage(_ batch: [(bytes: [UInt8], digest: Digest)]) throws {
        for (bytes, digest) in batch {
            let writer = try writer(expected: [Checksum(digest)], size: Int64(bytes.count))
            try bytes.withUnsafeBytes { try writer.write($0) }
            _ = try writer.finish()
        }
    }
}
