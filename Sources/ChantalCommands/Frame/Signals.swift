import Basics
import Glibc
import Synchronization

/// SIGINT and SIGTERM ask to stop; a second one ends the process at once. SIGPIPE is ignored: a write then fails with EPIPE.
enum Signals {
    static let cancellation = Cancellation()
    private static let firstAt = Atomic<Int64>(0)

    static func ignorePipe() { signal(SIGPIPE, SIG_IGN) }

    static func install() {
        // Both exist before the handler can run: initialising a global is not async-signal-safe.
        _ = cancellation.isCancelled
        _ = firstAt.load(ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { Signals.received($0) }
        action.sa_flags = SA_RESTART
        sigemptyset(&action.sa_mask)
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
    }

    /// Async-signal-safe: atomics, clock_gettime(2) and _exit(2) only.
    private static func received(_ number: Int32) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let now = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        guard cancellation.isCancelled else {
            firstAt.store(max(1, now), ordering: .sequentiallyConsistent)
            cancellation.cancel(signal: number)
            return
        }
        // timeout(1) signals its child and then the group: the same wish within half a second is not a second one.
        if now - firstAt.load(ordering: .sequentiallyConsistent) > 500 { _exit(128 + number) }
    }
}
