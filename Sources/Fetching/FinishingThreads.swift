internal import Glibc

/// A few threads that hash and write files which have arrived, while the client's thread receives the next ones.
///
/// All variables are guarded by the mutex.
final class FinishingThreads: @unchecked Sendable {
    typealias Work = @Sendable () -> Void

    private let count: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: [Work] = []
    private var idle = 0
    private var threads: [pthread_t] = []
    private var isClosed = false

    /// - Parameter count: how many threads there may be. One is started when there is work and none is idle.
    init(count: Int) {
        self.count = count
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Does the work soon; at once, and on this thread, if the machine gives no other.
    func submit(_ work: @escaping Work) {
        pthread_mutex_lock(mutex)
        if idle <= queue.count, threads.count < count, let thread = start() { threads.append(thread) }
        let hasThread = !threads.isEmpty
        if hasThread {
            queue.append(work)
            if idle > 0 { pthread_cond_signal(condition) }
        }
        pthread_mutex_unlock(mutex)
        if !hasThread { work() }
    }

    /// Returns when all work is done and the threads have ended; nothing may be submitted any more.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(condition)
        let running = threads
        threads = []
        pthread_mutex_unlock(mutex)
        for thread in running { pthread_join(thread, nil) }
    }

    private func start() -> pthread_t? {
        // Signals belong to the main thread: the new one inherits the mask.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let user = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { user in
                Unmanaged<FinishingThreads>.fromOpaque(user!).takeRetainedValue().run()
                return nil
            }, user.toOpaque())
        if status == 0 { return thread }
        user.release()
        return nil
    }

    private func run() {
        while let work = next() { work() }
    }

    private func next() -> Work? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while queue.isEmpty {
            if isClosed { return nil }
            idle += 1
            pthread_cond_wait(condition, mutex)
            idle -= 1
        }
        return queue.removeFirst()
    }
}
