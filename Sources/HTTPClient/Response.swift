internal import Basics

/// The end of a transfer that went well: 200, 203, 206 (the body went to the sink) or 304.
public struct Response: Sendable {
    public let status: Int
    /// Where the body came from, redirects followed, without a user part.
    public let finalURL: String
    /// Whether redirects led to another scheme, host or port.
    public let originChanged: Bool
    /// Bytes of the body that went to the sink.
    public let bytes: Int64
    /// HTTP requests that it took: redirects and restarts count.
    public let requests: Int
    public let headers: ResponseHeaders

    public var isNotModified: Bool { status == 304 }
    public var etag: String? { headers["ETag"] }
    public var lastModified: String? { headers["Last-Modified"] }
    public var contentType: String? { headers["Content-Type"] }
    public var contentLength: Int64? { headers.contentLength }

    /// What to ask with the next time; nil if the server gave nothing to ask with.
    public var validators: Transfer.Validators? {
        let (etag, lastModified) = (etag, lastModified)
        if etag == nil, lastModified == nil { return nil }
        return Transfer.Validators(etag: etag, lastModified: lastModified)
    }

    /// What `If-Range` may name: a strong ETag, else the date.
    public var rangeValidator: String? {
        if let etag, !etag.hasPrefix("W/") { return etag }
        return lastModified
    }
}
