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

    private final class Errand: Sendable {
        let body: @Sendable () throws -> Void
        let error = Mutex<(any Error)?>(nil)

        init(_ body: @escaping @Sendable () throws -> Void) { self.body = body }

        func run() {
            do { try body() } catch { self.error.withLock { $0 = error } }
        }
    }

    /// Does two things at once, the first on a thread of its own; one after the other where there is no thread to be had. Both are done
    /// whatever becomes of the other.
    /// - Returns: the errors of those that failed, in this order.
    public static func both(_ aside: @escaping @Sendable () throws -> Void, _ here: () throws -> Void) -> [any Error] {
        let errand = Errand(aside)
        let thread = start(errand) { errand in
            Unmanaged<Errand>.fromOpaque(errand!).takeRetainedValue().run()
            return nil
        }
        if thread == nil { errand.run() }
        var errors: [any Error] = []
        do { try here() } catch { errors = [error] }
        if let thread { pthread_join(thread, nil) }
        if let error = errand.error.withLock({ $0 }) { errors.insert(error, at: 0) }
        return errors
    }

    /// Calls `body` with 0…, on at most `width` threads at once, and waits for all of them. The calling thread is one of them, so the
    /// work is done even where no further thread is to be had.
    public static func run(_ count: Int, width: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let work = Work(count: count, body: body)
        var threads: [pthread_t] = []
        for _ in 1..<max(1, min(width, count)) {
            let thread = start(work) { work in
                Unmanaged<Work>.fromOpaque(work!).takeRetainedValue().run()
                return nil
            }
            if let thread { threads.append(thread) }
        }
        work.run()
        for thread in threads { pthread_join(thread, nil) }
    }

    private typealias Routine = @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?

    /// - Parameter routine: gets the object, retained.
    private static func start<Object: AnyObject>(_ object: Object, _ routine: Routine) -> pthread_t? {
        let box = Unmanaged.passRetained(object)
        var thread = pthread_t()
        if pthread_create(&thread, nil, routine, box.toOpaque()) == 0 { return thread }
        box.release()
        return nil
    }
}
