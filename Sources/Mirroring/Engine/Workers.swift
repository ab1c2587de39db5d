import Basics
import Glibc
import Synchronization

/// Runs work on a few threads of its own.
public enum Workers {
    private final class Work: Sendable {
        let next = Atomic<Int>(0)
        let count: Int
        let body: @Sendable (Int) -> Void

        init(count: Int, body: @escaping @Sendable (Int) -> Void) {
            self.count = count
            self.body = body
        }

        func run() {
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(index)
            }
        }
    }

    /// Calls `body` with 0…, on at most `width` threads at once, and waits for all of them. The calling thread is one of them, so the
    /// work is done even where no further thread is to be had.
    public static func run(_ count: Int, width: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let work = Work(count: count, body: body)
        var threads: [pthread_t] = []
        for _ in 1..<max(1, min(width, count)) {
            var thread = pthread_t()
            let box = Unmanaged.passRetained(work)
            let failed = pthread_create(
                &thread, nil,
                { box in
                    Unmanaged<Work>.fromOpaque(box!).takeRetainedValue().run()
                    return nil
                }, box.toOpaque())
            if failed == 0 { threads.append(thread) } else { box.release() }
        }
        work.run()
        for thread in threads { pthread_join(thread, nil) }
    }
}
