import Glibc
import Synchronization

/// Faults for tests: makes system calls of the calling thread fail as a full or broken disk, or a killed process, would.
///
/// Costs one relaxed load a call while no test is using it.
package enum FaultPoints {
    /// What the calling thread's system calls suffer.
    package struct Plan: Sendable {
        /// How many calls succeed first.
        package var after: Int
        /// The errno of the failing call.
        package var number: Int32
        /// Whether every later call fails too: nothing more reaches the disk, as after SIGKILL.
        package var permanent: Bool

        package init(after: Int, number: Int32, permanent: Bool) {
            self.after = after
            self.number = number
            self.permanent = permanent
        }
    }

    private static let armed = Atomic<Int>(0)
    private static let plans = Mutex<[UInt: (plan: Plan, calls: Int)]>([:])

    @inline(__always)
    static var areArmed: Bool { armed.load(ordering: .relaxed) != 0 }

    static func nextFault() -> Int32? {
        let thread = UInt(pthread_self())
        return plans.withLock { plans in
            guard var entry = plans[thread] else { return nil }
            defer { plans[thread] = entry }
            entry.calls += 1
            let over = entry.calls - entry.plan.after
            return over == 1 || (over > 1 && entry.plan.permanent) ? entry.plan.number : nil
        }
    }

    /// Runs `body` under a plan that holds for the calling thread alone.
    /// - Returns: what `body` gave or threw, and how many system calls were tried.
    package static func with<Value>(_ plan: Plan, _ body: () throws -> Value) -> (
        result: Result<Value, any Error>, calls: Int
    ) {
        let thread = UInt(pthread_self())
        plans.withLock { $0[thread] = (plan, 0) }
        armed.add(1, ordering: .sequentiallyConsistent)
        let result = Result { try body() }
        armed.subtract(1, ordering: .sequentiallyConsistent)
        let calls = plans.withLock { $0.removeValue(forKey: thread)?.calls ?? 0 }
        return (result, calls)
    }
}
