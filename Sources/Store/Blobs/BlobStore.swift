import Basics
import FileSystem

/// Where the bytes of files are kept, each once, named by their SHA-256.
///
/// A blob is there whole or not at all. No method tells of local paths: an object store fits behind this.
public protocol BlobStore: Sendable {
    /// The size in bytes, nil if there is no such blob. Says nothing of a moment later: see ``StagingSession/rely(on:)``.
    func size(of digest: Digest) throws -> Int64?
    /// When a blob was brought in, nil if there is no such blob: what a period of grace counts from.
    func storedAt(_ digest: Digest) throws -> Timestamp?
    /// - Throws: ``ChantalError`` `missing` if there is no such blob.
    func open(_ digest: Digest) throws -> any BlobReader
    /// Every blob with its size, in the order of the digests.
    func forEachBlob(_ body: (Digest, Int64) throws -> Void) throws
    /// Removes without asking who needs it; what other processes may rely on goes by ``removeUnlessRelied(_:recheck:)``.
    /// - Returns: the size in bytes, nil if there was none.
    @discardableResult
    func remove(_ digest: Digest) throws -> Int64?
    /// Removes blobs that were found to be needed by nothing, unless that has changed since.
    ///
    /// While this runs no session begins to rely on anything, and what sessions rely on already is kept: the batch should
    /// take some hundred blobs, not all.
    /// - Parameter recheck: which digests records made since the marking need.
    func removeUnlessRelied(_ batch: [Digest], recheck: () throws -> Set<Digest>) throws -> SweepResult
    /// Takes a damaged blob's name away, so that a good one can get it.
    func quarantine(_ digest: Digest) throws
    /// Starts bringing blobs in; one for each running sync.
    /// - Parameter name: for people: the repository.
    func beginSession(name: String) throws -> any StagingSession
}

/// What a batch of removals did.
public struct SweepResult: Sendable, Hashable {
    /// Number of files removed.
    public var removed = 0
    /// Bytes removed.
    public var bytes: Int64 = 0
    /// What was kept because somebody needs it by now.
    public var kept: [Digest] = []

    public init() {}
}

/// An open blob. Not to be used by two threads at once.
public protocol BlobReader: AnyObject {
    /// In bytes.
    var size: Int64 { get }
    /// Reads up to as many bytes as the buffer holds; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
    /// Goes on reading at a place counted in bytes from the start.
    func seek(to offset: Int64) throws
}

/// What a re-hashed blob proves to be.
public enum BlobCondition: Sendable, Hashable {
    case missing
    /// The bytes are those of the name.
    case good(size: Int64)
    /// The bytes have another digest; a truncated blob as well.
    case damaged(actual: Digest, size: Int64)
}

extension BlobReader {
    /// Gives every chunk from the present place to the end.
    public func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let capacity = Int(clamping: min(max(size, 4096), 256 * 1024))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try read(into: buffer)
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
