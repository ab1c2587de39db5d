public import Basics

/// The end of a transfer that did not go well.
public struct TransferFailure: Error, Sendable {
    /// What happened, with the URL, without secrets.
    public var error: ChantalError
    /// The HTTP status, if a response came that was no success.
    public var status: Int?
    /// Seconds after which the server wants to be asked again.
    public var retryAfter: Int64?
    /// Whether the same request may go well later.
    public var isTransient: Bool
    /// HTTP requests that it took.
    public var requests: Int
    /// Bytes of a body that went to the sink.
    public var bytes: Int64

    init(
        _ error: ChantalError, status: Int? = nil, retryAfter: Int64? = nil, isTransient: Bool, requests: Int = 0,
        bytes: Int64 = 0
    ) {
        self.error = error
        self.status = status
        self.retryAfter = retryAfter
        self.isTransient = isTransient
        self.requests = requests
        self.bytes = bytes
    }
}
