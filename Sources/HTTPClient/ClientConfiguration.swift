/// What holds for all transfers of a client together.
public struct ClientConfiguration: Sendable {
    /// Transfers, and so connections, at the same time.
    public var connections: Int
    /// Transfers at the same time to one host (scheme, host and port).
    public var perHost: Int
    /// Bytes of bodies a second, all transfers together; nil is no limit.
    public var bandwidth: Int64?
    public var userAgent: String

    public init(connections: Int = 16, perHost: Int = 8, bandwidth: Int64? = nil, userAgent: String = "chantal") {
        self.connections = max(1, connections)
        self.perHost = max(1, perHost)
        self.bandwidth = bandwidth.map { max(1, $0) }
        self.userAgent = userAgent
    }
}
