internal import Synchronization

/// How much memory the answers may take that are read once and never stored (``FetchRequest/room``).
///
/// Shared by many transfers: what does not fit goes to the store.
public final class HoldingRoom: Sendable {
    /// One answer above this size goes to the store, as one by one they would fill the room while they arrive.
    static let largest = 64 << 10

    private let limit: Int
    private let used = Atomic<Int>(0)

    /// - Parameter limit: bytes.
    public init(limit: Int) { self.limit = limit }

    /// - Returns: false if there is not so much left.
    func take(_ count: Int) -> Bool {
        let after = used.wrappingAdd(count, ordering: .relaxed).newValue
        if after <= limit { return true }
        giveBack(count)
        return false
    }

    func giveBack(_ count: Int) { used.wrappingSubtract(count, ordering: .relaxed) }
}

/// The bytes of an answer that is held in memory; their room is free again when nobody refers to them any more.
public final class HeldBytes: Sendable {
    public let bytes: [UInt8]
    private let room: HoldingRoom

    /// - Parameter room: of which as much as the array's capacity was taken.
    init(_ bytes: [UInt8], in room: HoldingRoom) {
        self.bytes = bytes
        self.room = room
    }

    deinit { room.giveBack(bytes.capacity) }
}
