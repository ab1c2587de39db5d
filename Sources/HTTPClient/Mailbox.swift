internal import Basics
internal import CCurl
internal import Glibc
internal import Synchronization

/// What other threads ask of the client's thread.
final class Mailbox: Sendable {
    struct Mail {
        var transfers: [Transfer] = []
        var cancelsAll = false
        var cancelsGroups = false
        var closes = false
    }

    private let mail = Mutex(Mail())
    /// Readable while there is mail (eventfd(2)).
    let wakeUp: Int32
    let requests = Atomic<Int>(0)
    let bytes = Atomic<Int64>(0)

    init() throws(ChantalError) {
        wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeUp >= 0 else { throw systemError("eventfd") }
    }

    deinit { if wakeUp >= 0 { Glibc.close(wakeUp) } }

    /// - Returns: false if the client is closed.
    func put(_ transfers: [Transfer]) -> Bool {
        let state = mail.withLock { mail -> (accepted: Bool, wasEmpty: Bool) in
            if mail.closes { return (false, false) }
            let wasEmpty = mail.transfers.isEmpty
            mail.transfers.append(contentsOf: transfers)
            return (true, wasEmpty)
        }
        if state.wasEmpty { wake() }
        return state.accepted
    }

    func cancelAll() {
        mail.withLock { $0.cancelsAll = true }
        wake()
    }

    func cancelGroups() {
        mail.withLock { $0.cancelsGroups = true }
        wake()
    }

    func close() {
        mail.withLock { $0.closes = true }
        wake()
    }

    /// Everything since the last time; the client's thread calls it.
    func take() -> Mail {
        var count: UInt64 = 0
        _ = read(wakeUp, &count, 8)  // EAGAIN: nobody called
        return mail.withLock { mail in
            let taken = mail
            mail = Mail(closes: taken.closes)
            return taken
        }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, 8)  // EAGAIN: it is readable already
    }
}
