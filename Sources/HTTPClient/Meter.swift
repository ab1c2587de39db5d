internal import Synchronization

/// The clock and the counters that all jobs of a client share.
final class Meter {
    /// The time of the last wake-up, so that no chunk needs a clock of its own.
    var now = monotonicSeconds()
    let bucket: TokenBucket?
    private let mailbox: Mailbox

    init(bandwidth: Int64?, mailbox: Mailbox) {
        self.mailbox = mailbox
        bucket = bandwidth.map { TokenBucket(rate: $0, now: monotonicSeconds()) }
    }

    func tick() { now = monotonicSeconds() }

    func add(_ bytes: Int) { mailbox.bytes.wrappingAdd(Int64(bytes), ordering: .relaxed) }

    func addRequest() { mailbox.requests.wrappingAdd(1, ordering: .relaxed) }
}
