public import Basics
internal import CCurl
internal import Glibc
internal import Synchronization

/// Transfers over HTTP and from files, all on one thread of its own (libcurl's multi interface).
///
/// Transfers wait in a queue for each host and start as ``ClientConfiguration`` allows. Redirects are followed by the client, a
/// request each: at most ten, none from https to http, none with credentials to another origin.
public final class TransferClient: Sendable {
    public let configuration: ClientConfiguration
    private let mailbox: Mailbox
    private let thread: Mutex<pthread_t?>

    /// - Throws: ``ChantalError`` `io` if the thread or its descriptors cannot be made.
    public init(configuration: ClientConfiguration = ClientConfiguration()) throws(ChantalError) {
        guard TransferClient.globalState == CURLE_OK else { throw ChantalError(.network, "libcurl does not start") }
        self.configuration = configuration
        mailbox = try Mailbox()
        let loop = try TransferLoop(configuration: configuration, mailbox: mailbox)
        thread = Mutex(try TransferClient.start(loop))
    }

    deinit { shutdown() }

    /// Queues a transfer.
    public func submit(_ transfer: Transfer) { submit([transfer]) }

    /// Queues transfers, with one wake-up call.
    public func submit(_ transfers: [Transfer]) {
        guard !transfers.isEmpty, !mailbox.put(transfers) else { return }
        for transfer in transfers { transfer.completion(.failure(.interrupted)) }
    }

    /// Ends all transfers, running and queued, with `interrupted`.
    public func cancelAll() { mailbox.cancelAll() }

    /// Ends the transfers of a group, running, queued and to come, with `interrupted`.
    public func cancel(_ group: TransferGroup) {
        group.cancel()
        mailbox.cancelGroups()
    }

    /// Ends all transfers and the thread. Further ones end at once with `interrupted`.
    public func shutdown() {
        guard let running = thread.withLock({ $0.take() }) else { return }
        mailbox.close()
        // The last reference may be dropped by a completion, on the thread itself.
        if pthread_equal(running, pthread_self()) != 0 {
            pthread_detach(running)
        } else {
            pthread_join(running, nil)
        }
    }

    /// HTTP requests sent since the start.
    public var requestCount: Int { mailbox.requests.load(ordering: .relaxed) }

    /// Bytes of bodies received since the start.
    public var receivedBytes: Int64 { mailbox.bytes.load(ordering: .relaxed) }

    /// Once a process, before any thread uses libcurl.
    private static let globalState = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private static func start(_ loop: TransferLoop) throws(ChantalError) -> pthread_t {
        // Signals belong to the main thread: the new one, and those that curl starts to resolve names, inherit the mask.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, 1 << 20)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(loop)
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                Unmanaged<TransferLoop>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            throw systemError("pthread_create", code)
        }
        return thread
    }
}

extension TransferFailure {
    /// Somebody asked to stop.
    static var interrupted: TransferFailure {
        TransferFailure(ChantalError(.interrupted, "the transfer was cancelled"), isTransient: false)
    }
}
