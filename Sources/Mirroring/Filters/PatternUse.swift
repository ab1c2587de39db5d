import Synchronization

/// Which patterns of a list have matched something so far.
final class PatternUse: Sendable {
    private let isUsed: Mutex<[Bool]>
    /// How many have not; looked at for every name.
    private let left: Atomic<Int>

    init(count: Int) {
        isUsed = Mutex(Array(repeating: false, count: count))
        left = Atomic(count)
    }

    var isComplete: Bool { left.load(ordering: .relaxed) == 0 }

    func note(_ index: Int) {
        isUsed.withLock { isUsed in
            if isUsed[index] { return }
            isUsed[index] = true
            left.subtract(1, ordering: .relaxed)
        }
    }

    func isNoted(_ index: Int) -> Bool { isUsed.withLock { $0[index] } }
}
