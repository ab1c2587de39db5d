import Basics
import Glibc
import Synchronization

/// A connected TCP socket on loopback; closed with the last reference.
final class Socket: Sendable {
    let descriptor: Int32
    private let input = Mutex<[UInt8]>([])

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Connects to a port of 127.0.0.1.
    convenience init(port: UInt16) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw systemError("socket", "\(port)") }
        self.init(descriptor)
        let status = withLoopbackAddress(port: port) { address, length in
            retrying { connect(descriptor, address, length) }
        }
        guard status == 0 else { throw systemError("connect", "127.0.0.1:\(port)") }
    }

    /// Ends both directions; a blocked read or write of another thread returns.
    func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// The close that follows sends RST instead of FIN.
    func resetOnClose() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    }

    /// False once the other side is gone.
    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = retrying {
                Glibc.send(
                    descriptor, bytes.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    func send(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes(send) }

    /// Some bytes; empty at the end.
    func receive() -> [UInt8] {
        let kept = input.withLock { kept in
            defer { kept = [] }
            return kept
        }
        if !kept.isEmpty { return kept }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = retrying { recv(descriptor, &chunk, chunk.count, 0) }
        return count > 0 ? Array(chunk[..<count]) : []
    }

    /// Bytes up to and without the next empty line; nil at the end. What follows stays for the next call.
    func receiveHead(limit: Int = 1 << 16) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let chunk = receive()
            if chunk.isEmpty { return nil }
            let from = max(0, bytes.count - 3)
            bytes += chunk
            guard bytes.count >= 4 else { continue }
            for index in from..<(bytes.count - 3)
            where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13 && bytes[index + 3] == 10 {
                let rest = Array(bytes[(index + 4)...])
                input.withLock { $0 = rest }
                return Array(bytes[..<index])
            }
        }
        return nil
    }

    /// Blocks until the other side has gone or has sent something, at most so many seconds.
    func waitForInput(seconds: Double) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return retrying { poll(&wanted, 1, Int32(seconds * 1000)) } != 0
    }
}

func withLoopbackAddress<Result>(
    port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
) rethrows -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return try withUnsafePointer(to: &address) {
        try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// A listening socket on 127.0.0.1.
final class Listener: Sendable {
    let descriptor: Int32
    let port: UInt16

    /// - Parameter port: 0 for a free one.
    init(port: UInt16 = 0) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw systemError("socket", "127.0.0.1") }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let own = descriptor
        let bound = withLoopbackAddress(port: port) { bind(own, $0, $1) }
        guard bound == 0, listen(descriptor, 512) == 0 else {
            defer { close(own) }
            throw systemError("bind", "127.0.0.1:\(port)")
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(own, $0, &length) }
        }
        self.port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// The next connection; nil once ``stop()`` was called.
    func accept() -> Socket? {
        let connection = retrying { Glibc.accept(descriptor, nil, nil) }
        return connection >= 0 ? Socket(connection) : nil
    }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// Ports of 127.0.0.1 for servers that open their own.
public enum LoopbackPort {
    private static let taken = Mutex<Set<UInt16>>([])

    /// A port that nobody listens on now and that this process has not given out before.
    public static func free() throws -> UInt16 {
        while true {
            let port = try Listener().port
            if taken.withLock({ $0.insert(port).inserted }) { return port }
        }
    }
}
