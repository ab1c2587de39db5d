/// What a user asks of a sync.
public struct SyncOptions: Sendable {
    /// Says what would be fetched, and changes nothing.
    public var dryRun = false
    /// Asks for everything again, whatever upstream says has not changed.
    public var full = false
    /// Accepts that upstream has removed more than is usual.
    public var acceptRemovals = false

    public init() {}
}
