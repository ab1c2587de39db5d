import Synchronization

/// Names that this process gives out once.
enum TemporaryName {
    private static let counter = Atomic<Int>(0)

    static func next(_ prefix: String) -> String {
        "\(prefix)-\(counter.add(1, ordering: .relaxed).newValue)"
    }
}
