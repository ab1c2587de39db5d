internal import Synchronization

/// One GET: where from, under which conditions, and where the body goes.
public struct Transfer: Sendable {
    /// `http`, `https` or `file`, percent-encoded. A user part serves as basic credentials.
    public var url: String
    public var options: TransferOptions
    /// What is known of the file; a server that has nothing newer answers 304.
    public var validators: Validators?
    /// Sent wherever it leads, after redirects too (`Accept`): no secrets.
    public var headers: [(name: String, value: String)]
    /// Bytes that are there already; the transfer begins behind them if the server can do that and the file is the same.
    public var resume: Resume?
    /// The transfer ends with `too_large` at the byte behind this many (resumed ones count).
    public var sizeLimit: Int64?
    /// Seconds to wait before it starts.
    public var delay: Double
    /// Transfers that can be cancelled together.
    public var group: TransferGroup?
    public var sink: any BodySink
    /// Called once, on the client's thread: it must not block.
    public var completion: @Sendable (Result<Response, TransferFailure>) -> Void

    public init(
        url: String, options: TransferOptions = TransferOptions(), validators: Validators? = nil,
        headers: [(name: String, value: String)] = [], resume: Resume? = nil, sizeLimit: Int64? = nil,
        delay: Double = 0, group: TransferGroup? = nil,
        sink: any BodySink, completion: @escaping @Sendable (Result<Response, TransferFailure>) -> Void
    ) {
        self.url = url
        self.options = options
        self.validators = validators
        self.headers = headers
        self.resume = resume
        self.sizeLimit = sizeLimit
        self.delay = delay
        self.group = group
        self.sink = sink
        self.completion = completion
    }

    /// RFC 9110, 8.8: what a server gave with a file, to be sent back with the question for a newer one.
    public struct Validators: Sendable, Hashable {
        public var etag: String?
        public var lastModified: String?

        public init(etag: String?, lastModified: String?) {
            self.etag = etag
            self.lastModified = lastModified
        }
    }

    /// RFC 9110, 13.1.5 and 14.2: a range from an offset to the end.
    public struct Resume: Sendable, Hashable {
        public var offset: Int64
        /// A strong ETag or a date that the bytes there belong to; nil if only a hash will tell.
        public var ifRange: String?

        public init(offset: Int64, ifRange: String?) {
            self.offset = offset
            self.ifRange = ifRange
        }
    }
}

/// Where the body of a transfer goes. Called on the client's thread, one call at a time.
public protocol BodySink: AnyObject, Sendable {
    /// A body follows.
    ///
    /// Called once for each attempt of the client, so again (with `resumed` false) if a resumed one had to begin anew.
    /// - Parameters:
    ///   - response: status 200, 203 or 206 and the headers; its `contentLength` is what follows, not what is resumed.
    ///   - resumed: whether the body continues at the offset asked for; else it is the whole file.
    /// - Throws: an error ends the transfer and is its result.
    func begin(_ response: Response, resumed: Bool) throws

    /// Some bytes, valid during the call only.
    func receive(_ bytes: UnsafeRawBufferPointer) throws
}

/// Transfers that are cancelled together, such as those of one repository.
public final class TransferGroup: Sendable {
    private let cancelled = Atomic<Bool>(false)

    public init() {}

    public var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }
}
