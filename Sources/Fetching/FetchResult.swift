public import Basics
public import HTTPClient
public import Hashing
internal import Store

/// What became of a ``FetchRequest``.
public struct FetchResult: Sendable {
    public let tag: Int
    public let outcome: Result<FetchOutcome, ChantalError>

    /// - Throws: the error, if it was one.
    public func get() throws(ChantalError) -> FetchOutcome { try outcome.get() }
}

public enum FetchOutcome: Sendable {
    case fetched(Fetched)
    /// The validators of the request still hold.
    case notModified(FetchResponse)
}

/// A file that waits in the staging session, verified, or is held in memory.
public struct Fetched: Sendable {
    public let digest: Digest
    /// Bytes.
    public let size: Int64
    /// SHA-256 and whatever else was declared or asked for.
    public let digests: Digests
    public let response: FetchResponse
    /// All bytes of a small file that was asked for with a ``FetchRequest/room``: the session does not have it. Nil if it has.
    public let held: HeldBytes?

    init(_ blob: StagedBlob, _ response: FetchResponse, held: HeldBytes? = nil) {
        digest = blob.digest
        size = blob.size
        digests = blob.digests
        self.response = response
        self.held = held
    }
}

/// Where a file came from, and what the server said of it.
public struct FetchResponse: Sendable {
    /// The URL asked, without user part; validators belong to it.
    public let url: String
    /// Where redirects led; the same URL if there were none.
    public let finalURL: String
    /// Empty if all bytes were there already and no server was asked.
    public let headers: ResponseHeaders

    public var contentType: String? { headers["Content-Type"] }

    /// What to ask with the next time; nil if the server gave nothing.
    public var validators: Validators? {
        let (etag, lastModified) = (headers["ETag"], headers["Last-Modified"])
        if etag == nil, lastModified == nil { return nil }
        return Validators(etag: etag, lastModified: lastModified, url: url)
    }
}

/// How far a ``Downloader`` is.
public struct FetchProgress: Sendable {
    /// Files that arrived.
    public var files = 0
    /// Files that did not.
    public var failed = 0
    /// Bytes received, those of failed attempts too.
    public var bytes: Int64 = 0
}
