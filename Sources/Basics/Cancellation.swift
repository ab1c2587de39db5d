import Synchronization

/// Whether the user or the system asked this process to stop; set from a signal handler or another thread, read everywhere.
public final class Cancellation: Sendable {
    private let number = Atomic<Int32>(0)

    public init() {}

    /// Asks to stop; the first signal's number counts. Async-signal-safe.
    public func cancel(signal: Int32) {
        _ = number.compareExchange(expected: 0, desired: signal, ordering: .sequentiallyConsistent)
    }

    /// The signal's number, nil while nobody asked.
    public var signal: Int32? {
        let value = number.load(ordering: .sequentiallyConsistent)
        return value == 0 ? nil : value
    }

    public var isCancelled: Bool { signal != nil }

    /// - Throws: ``ChantalError`` `interrupted` once cancelled.
    public func check() throws {
        if isCancelled { throw ChantalError(.interrupted, "interrupted; what was verified is kept") }
    }
}
