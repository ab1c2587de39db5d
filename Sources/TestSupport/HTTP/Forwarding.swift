import Glibc

/// Passing requests on to another server of 127.0.0.1.
enum Forwarding {
    /// The port of `127.0.0.1:PORT` or `localhost:PORT`; nil for every other host.
    static func loopbackPort(_ authority: String) -> UInt16? {
        let parts = authority.split(separator: ":")
        guard parts.count == 2, parts[0] == "127.0.0.1" || parts[0] == "localhost" else { return nil }
        return UInt16(parts[1])
    }

    /// Gets the whole answer of another server.
    static func fetch(_ request: LoopbackRequest, port: UInt16) -> LoopbackResponse {
        guard let answer = try? exchange(request, port: port) else {
            return LoopbackResponse(status: 502, text: "no answer from 127.0.0.1:\(port)\n")
        }
        return answer
    }

    private static func exchange(_ request: LoopbackRequest, port: UInt16) throws -> LoopbackResponse? {
        let origin = try Socket(port: port)
        let target = request.origin.map { String(request.target.dropFirst($0.count)) } ?? request.target
        var head = "\(request.method) \(target.isEmpty ? "/" : target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        for (name, value) in request.fields.all
        where !["host", "connection", "proxy-connection", "proxy-authorization"].contains(name.lowercased()) {
            head += "\(name): \(value)\r\n"
        }
        guard origin.send(Array((head + "Connection: close\r\n\r\n").utf8)), let raw = origin.receiveHead(),
            let status = AnswerHead.status(raw)
        else { return nil }
        var fields = AnswerHead.fields(raw)
        var body: [UInt8] = []
        let declared = fields["Content-Length"].flatMap { Int($0) }
        if request.method != "HEAD", status != 304 {
            while declared.map({ body.count < $0 }) ?? true {
                let chunk = origin.receive()
                if chunk.isEmpty { break }
                body += chunk
            }
            if let declared, body.count != declared { return nil }
        }
        if fields["Transfer-Encoding"]?.lowercased() == "chunked" {
            guard let plain = AnswerHead.unchunked(body) else { return nil }
            body = plain
        }
        for name in ["Content-Length", "Connection", "Keep-Alive", "Date", "Transfer-Encoding"] { fields[name] = nil }
        return LoopbackResponse(status: status, fields: fields, body: .bytes(body))
    }

    /// Copies bytes both ways until both sides have ended.
    static func join(_ a: Socket, _ b: Socket) {
        var ends = [pollfd(fd: a.descriptor, events: Int16(POLLIN), revents: 0), pollfd()]
        ends[1] = pollfd(fd: b.descriptor, events: Int16(POLLIN), revents: 0)
        let sockets = [a, b]
        while ends.contains(where: { $0.fd >= 0 }) {
            guard retrying({ poll(&ends, 2, -1) }) > 0 else { return }
            for index in 0..<2 where ends[index].revents != 0 && ends[index].fd >= 0 {
                let bytes = sockets[index].receive()
                if bytes.isEmpty {
                    ends[index].fd = -1
                    shutdown(sockets[1 - index].descriptor, Int32(SHUT_WR))
                } else if !sockets[1 - index].send(bytes) {
                    return
                }
            }
        }
    }
}

/// Reading the head and the framing of another server's answer.
enum AnswerHead {
    static func status(_ head: [UInt8]) -> Int? {
        let words = String(decoding: head.prefix(64), as: UTF8.self).split(separator: " ")
        return words.count >= 2 && words[0].hasPrefix("HTTP/1.") ? Int(words[1].prefix(3)) : nil
    }

    static func fields(_ head: [UInt8]) -> HTTPFields {
        var fields: HTTPFields = []
        let lines = String(decoding: head, as: UTF8.self).replacing("\r\n", with: "\n").split(separator: "\n")
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields.append(String(line[..<colon]), line[line.index(after: colon)...].trimmed)
        }
        return fields
    }

    /// Takes the chunked coding off (RFC 9112, 7.1); nil if it is broken.
    static func unchunked(_ body: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var index = 0
        while let end = body[index...].firstIndex(of: 13) {
            let text = String(decoding: body[index..<end], as: UTF8.self).split(separator: ";").first ?? ""
            guard let size = Int(text, radix: 16), end + 2 + size <= body.count else { return nil }
            if size == 0 { return result }
            result += body[(end + 2)..<(end + 2 + size)]
            index = end + 2 + size + 2
            guard index <= body.count else { return nil }
        }
        return nil
    }
}

/// RFC 4648, 4.
public enum Base64 {
    public static func encode(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = (0..<3).map { start + $0 < bytes.count ? Int(bytes[start + $0]) : 0 }
            let word = group[0] << 16 | group[1] << 8 | group[2]
            let count = min(3, bytes.count - start)
            for position in 0..<4 {
                result.append(position <= count ? alphabet[word >> (18 - 6 * position) & 63] : 0x3d)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
