public import Basics
public import HTTPClient
public import Store
internal import Synchronization

/// Fetches files of one repository into its staging session: several at once, verified as they arrive, tried again and elsewhere
/// as far as that can help.
///
/// - A file is asked for at each base in order. 404 and 410 lead to the next one, as do bytes that are not those declared.
/// - Broken connections, stalls, 5xx, 408 and 429 are tried again, later each time; a server's Retry-After holds for all files.
/// - Files above 1 MiB whose checksum is declared continue where an earlier attempt, or process, stopped.
public final class Downloader: Sendable {
    let client: TransferClient
    let session: any StagingSession
    private let current: Mutex<Upstream>
    let cancellation: Cancellation
    let observer: (@Sendable (FetchProgress) -> Void)?
    let received = Counter()
    let requests = Counter()

    /// - Parameter observer: told of progress on the thread that fetches, some ten times a second.
    public init(
        client: TransferClient, session: any StagingSession, upstream: Upstream, cancellation: Cancellation,
        observer: (@Sendable (FetchProgress) -> Void)? = nil
    ) {
        self.client = client
        self.session = session
        current = Mutex(upstream)
        self.cancellation = cancellation
        self.observer = observer
    }

    /// Where files come from; what is under way when it changes goes on as it began.
    public var upstream: Upstream {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// Fetches files; returns when each has its result.
    ///
    /// - Parameters:
    ///   - requests: taken as they are needed, a bounded number ahead.
    ///   - onResult: called on this thread, in the order in which files end. An error ends the whole.
    /// - Throws: what `onResult` throws, `interrupted`, or what the store says when it cannot take any more (no space).
    ///   What upstream lacks or does wrong is a result.
    public func fetch(_ requests: some Sequence<FetchRequest>, _ onResult: (FetchResult) throws -> Void) throws {
        var iterator = requests.makeIterator()
        try FetchRun(self).run(next: { iterator.next() }, onResult)
    }

    /// Fetches one file.
    /// - Throws: ``ChantalError`` `missing` if no base has it, or why it cannot be had.
    public func fetchOne(_ request: FetchRequest) throws -> FetchOutcome {
        var outcome: Result<FetchOutcome, ChantalError>?
        try fetch(CollectionOfOne(request)) { outcome = $0.outcome }
        guard let outcome else { throw ChantalError(.bug, "\(request.name) had no result") }
        return try outcome.get()
    }

    /// What an earlier attempt, or process, has left of files to be continued.
    /// - Returns: all of these bytes, and those of them that belong to files of a declared size.
    public func resumableBytes(
        of requests: some Sequence<FetchRequest>
    ) throws -> (all: Int64, ofDeclared: Int64) {
        let there = try session.resumableBytes()
        var result: (all: Int64, ofDeclared: Int64) = (0, 0)
        for request in requests {
            guard let bytes = request.partialKey.flatMap({ there[$0] }) else { continue }
            result.all += min(bytes, request.size ?? bytes)
            if let size = request.size { result.ofDeclared += min(bytes, size) }
        }
        return result
    }

    /// HTTP requests so far, redirects and retries too.
    public var requestCount: Int { Int(requests.count) }

    /// Bytes received so far, those of failed attempts too.
    public var receivedBytes: Int64 { received.count }
}
