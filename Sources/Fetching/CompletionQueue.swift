internal import Glibc

/// Hands elements from the client's thread to the one that waits for them (pthread_cond_timedwait(3)).
final class CompletionQueue<Element: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Guarded by the mutex.
    private var elements: [Element] = []

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func put(_ element: Element) {
        pthread_mutex_lock(mutex)
        elements.append(element)
        let first = elements.count == 1
        pthread_mutex_unlock(mutex)
        if first { pthread_cond_signal(condition) }
    }

    /// All that is there; waits up to so many seconds for the first.
    func take(timeout: Double) -> [Element] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if elements.isEmpty, timeout > 0 {
            var until = timespec()
            clock_gettime(CLOCK_MONOTONIC, &until)
            let nanoseconds = Int(timeout * 1e9) + until.tv_nsec
            until.tv_sec += nanoseconds / 1_000_000_000
            until.tv_nsec = nanoseconds % 1_000_000_000
            while elements.isEmpty, pthread_cond_timedwait(condition, mutex, &until) == 0 {}
        }
        let taken = elements
        elements = []
        return taken
    }
}
