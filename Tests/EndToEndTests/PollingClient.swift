import Basics
import Foundation
import TestSupport

/// An HTTP/1.1 client with one connection a request: a thousand requests a second, where a process for each makes a hundred.
struct PollingClient: Sendable {
    struct Answer: Sendable {
        let status: Int
        let fields: [String: String]
        let body: [UInt8]
        subscript(name: String) -> String? { fields[name.lowercased()] }
    }

    let port: UInt16

    func get(_ path: String, _ more: [String: String] = [:]) throws -> Answer {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw ChantalError(.io, "socket: \(errno)") }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw ChantalError(.io, "connect: \(errno)") }
        let fields = more.map { "\($0.key): \($0.value)\r\n" }.joined()
        let request = Array("GET /\(path) HTTP/1.1\r\nHost: mirror\r\nConnection: close\r\n\(fields)\r\n".utf8)
        guard send(socket, request, request.count, 0) == request.count else {
            throw ChantalError(.io, "send: \(errno)")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count >= 0 else { throw ChantalError(.io, "recv: \(errno)") }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return try PollingClient.parse(bytes)
    }

    private static func parse(_ bytes: [UInt8]) throws -> Answer {
        let end = bytes.indices.first { bytes[$0...].starts(with: [13, 10, 13, 10]) }
        guard let end else { throw ChantalError(.io, "an answer without a head") }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw ChantalError(.io, "\(lines[0])") }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[line[..<colon].lowercased()] = String(value)
        }
        let body = Array(bytes[(end + 4)...])
        if status == 200, let length = fields["content-length"], Int(length) != body.count {
            throw ChantalError(.io, "\(body.count) bytes of \(length)")
        }
        return Answer(status: status, fields: fields, body: body)
    }
}
