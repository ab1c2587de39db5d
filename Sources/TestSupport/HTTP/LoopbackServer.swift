import Basics
import Glibc
import Synchronization

/// An HTTP/1.1 server on a free port of 127.0.0.1 with a log and faults, for tests.
///
/// Serves a directory (GET and HEAD, keep-alive, ETag, Last-Modified, conditions, ranges), or stands before another
/// server. It also works as a forward proxy to loopback: absolute-form requests, and CONNECT. A fault meets requests by
/// path; for CONNECT the path is `host:port`. Stops when the last reference goes.
public final class LoopbackServer: Sendable {
    /// Where answers come from.
    public enum Source: Sendable {
        case directory(String)
        /// Another server on loopback by its port; faults apply to what it answers.
        case port(UInt16)
        /// Nothing: 404, unless a fault or a proxy request has another answer.
        case nothing
    }

    public let port: UInt16
    private let core: ServerCore

    public init(_ source: Source) throws {
        let listener = try Listener()
        let core = ServerCore(source)
        self.core = core
        port = listener.port
        core.listener.withLock { $0 = listener }
        startThread {
            while let socket = listener.accept() {
                guard let number = core.admit(socket) else { return }
                startThread {
                    LoopbackConnection(core, socket, number).serve()
                    core.dismiss(number)
                }
            }
        }
    }

    public convenience init(root: String) throws { try self.init(.directory(root)) }

    deinit { stop() }

    /// `http://127.0.0.1:PORT`, without a slash at its end.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// The URL of a path that is encoded already.
    public func url(_ path: String) -> String { "\(url)/\(path)" }

    /// Closes the port and every connection.
    public func stop() { core.stop() }

    /// Adds a rule: requests whose decoded path matches get all of these faults.
    ///
    /// Rules are tried in the order they were added; the first that matches and is not used up counts alone.
    /// - Parameters:
    ///   - pattern: a glob for the whole path; `*` matches slashes too (`*/InRelease`, `*.deb`, `*`).
    ///   - skip: this many matching requests are left alone first.
    ///   - count: how many requests it meets; nil for all.
    public func fault(_ pattern: String, skip: Int = 0, count: Int? = nil, _ faults: Fault...) {
        core.rules.withLock { $0.append(FaultRule(pattern: pattern, skip: skip, count: count, faults: faults)) }
    }

    public func clearFaults() { core.rules.withLock { $0 = [] } }

    /// Requests so far, in the order they came.
    public var requests: [LoopbackRequest] { core.log.withLock { $0 } }

    /// Requests whose path matches a glob.
    public func requests(matching pattern: String) -> [LoopbackRequest] {
        requests.filter { ServerCore.matches(pattern, $0.path) }
    }

    public func clearRequests() { core.log.withLock { $0 = [] } }

    /// Connections opened so far.
    public var connectionCount: Int { core.connections.withLock { $0.count } }

    /// The most connections that were open at once.
    public var mostConnections: Int { core.connections.withLock { $0.most } }
}

/// What the threads of a server share; it does not keep the server alive.
final class ServerCore: Sendable {
    struct Connections {
        var count = 0
        var most = 0
        var open: [Int: Socket] = [:]
        var isStopped = false
    }

    let source: LoopbackServer.Source
    let listener = Mutex<Listener?>(nil)
    let rules = Mutex<[FaultRule]>([])
    let log = Mutex<[LoopbackRequest]>([])
    let connections = Mutex(Connections())

    init(_ source: LoopbackServer.Source) { self.source = source }

    func admit(_ socket: Socket) -> Int? {
        connections.withLock { state in
            if state.isStopped { return nil }
            state.count += 1
            state.open[state.count] = socket
            state.most = max(state.most, state.open.count)
            return state.count
        }
    }

    func dismiss(_ number: Int) { connections.withLock { _ = $0.open.removeValue(forKey: number) } }

    var isStopped: Bool { connections.withLock { $0.isStopped } }

    func stop() {
        listener.withLock { listener in
            listener?.stop()
            listener = nil
        }
        connections.withLock { state in
            state.isStopped = true
            for socket in state.open.values { socket.shutDown() }
        }
    }

    static func matches(_ pattern: String, _ path: String) -> Bool { fnmatch(pattern, path, 0) == 0 }

    /// The faults for one request; counts the rule down.
    func faults(for path: String) -> [Fault] {
        rules.withLock { rules in
            for index in rules.indices where ServerCore.matches(rules[index].pattern, path) {
                if rules[index].skip > 0 {
                    rules[index].skip -= 1
                    continue
                }
                if let count = rules[index].count {
                    if count == 0 { continue }
                    rules[index].count = count - 1
                }
                return rules[index].faults
            }
            return []
        }
    }
}
