internal import Glibc

/// Hands elements from the client's thread to the one that waits for them (pthread_cond_timedwait(3)).
final class CompletionQueue<Element: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Guarded by the mutex.
    private var elements: [Element] = []
    /// How many somebody waits for.
    private var wanted = 1

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

    func put(_ new: some Collection<Element>) {
        pthread_mutex_lock(mutex)
        let before = elements.count
        elements.append(contentsOf: new)
        let isEnough = before < wanted && elements.count >= wanted
        pthread_mutex_unlock(mutex)
        if isEnough { pthread_cond_signal(condition) }
    }

    /// All that is there; waits up to so many seconds until there are as many as wanted.
    func take(atLeast count: Int = 1, timeout: Double) -> [Element] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        wanted = count
        if elements.count < wanted, timeout > 0 {
            var until = timespec()
            clock_gettime(CLOCK_MONOTONIC, &until)
            let nanoseconds = Int(timeout * 1e9) + until.tv_nsec
            until.tv_sec += nanoseconds / 1_000_000_000
            until.tv_nsec = nanoseconds % 1_000_000_000
            while elements.count < wanted, pthread_cond_timedwait(condition, mutex, &until) == 0 {}
        }
        let taken = elements
        elements = []
        return taken
    }
}
