import Basics
import Glibc

/// One connection of a ``LoopbackServer``, served by its thread to the end.
final class LoopbackConnection {
    private let core: ServerCore
    private let socket: Socket
    private let number: Int
    private var logIndex = 0

    init(_ core: ServerCore, _ socket: Socket, _ number: Int) {
        self.core = core
        self.socket = socket
        self.number = number
    }

    func serve() {
        while let head = socket.receiveHead() {
            guard let request = LoopbackRequest(head: head, connection: number) else {
                _ = socket.send(Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8))
                return
            }
            let path = request.method == "CONNECT" ? request.target : request.path
            let faults = core.faults(for: path)
            logIndex = core.log.withLock { log in
                log.append(request)
                return log.count - 1
            }
            if request.method == "CONNECT" {
                tunnel(request, faults)
                return
            }
            guard answer(request, faults) else { return }
        }
    }

    private func note(status: Int = 0, bodyBytes: Int = 0, of request: LoopbackRequest) {
        core.log.withLock { log in
            // The log may have been cleared since.
            guard log.indices.contains(logIndex), log[logIndex].at == request.at else { return }
            if status != 0 { log[logIndex].status = status }
            log[logIndex].bodyBytes += bodyBytes
        }
    }

    /// False if the connection is to end.
    private func answer(_ request: LoopbackRequest, _ faults: [Fault]) -> Bool {
        var plan = BodyPlan()
        var noRange = false
        var noConditions = false
        var alwaysNotModified = false
        var fields: [(String, String?)] = []
        var response: LoopbackResponse?
        for fault in faults {
            switch fault {
            case .status(let status, let fields):
                response = response ?? LoopbackResponse(status: status, text: "\(status)\n", fields: fields)
            case .redirect(let location, let status):
                response = response ?? LoopbackResponse(status: status, fields: [("Location", location)])
            case .html:
                let page = "<!DOCTYPE html><html><title>Log in</title><body>Please log in.</body></html>\n"
                response = response ?? LoopbackResponse(status: 200, text: page, type: "text/html")
            case .content(let bytes):
                let tag = bytes.reduce(UInt64(bytes.count)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
                let modified = Timestamp(seconds: 1_700_000_000 + Int64(tag % 10_000_000))
                response =
                    response
                    ?? StaticFiles.content(
                        .bytes(bytes), type: "application/octet-stream", tag: String(tag, radix: 16), modified: modified
                    )
            case .answer(let make): response = response ?? make(request)
            case .basicAuth(let user, let password):
                guard request["Authorization"] == "Basic " + Base64.encode("\(user):\(password)") else {
                    let challenge: HTTPFields = [("WWW-Authenticate", "Basic realm=\"test\"")]
                    response = LoopbackResponse(status: 401, text: "401\n", fields: challenge)
                    continue
                }
            case .bearer(let token):
                guard request["Authorization"] == "Bearer \(token)" else {
                    response = LoopbackResponse(status: 401, text: "401\n")
                    continue
                }
            case .proxyAuth(let user, let password):
                guard request["Proxy-Authorization"] == "Basic " + Base64.encode("\(user):\(password)") else {
                    let challenge: HTTPFields = [("Proxy-Authenticate", "Basic realm=\"test\"")]
                    response = LoopbackResponse(status: 407, text: "407\n", fields: challenge)
                    continue
                }
            case .noRange: noRange = true
            case .noConditions: noConditions = true
            case .alwaysNotModified: alwaysNotModified = true
            case .noValidators: fields += [("ETag", nil), ("Last-Modified", nil)]
            case .field(let name, let value): fields.append((name, value))
            case .delay(let seconds): pause(seconds: seconds)
            case .noAnswer: return false
            default: plan.add(fault)
            }
        }
        var forwarded = request
        if noRange { forwarded.fields["Range"] = nil }
        if noConditions {
            forwarded.fields["If-None-Match"] = nil
            forwarded.fields["If-Modified-Since"] = nil
        }
        var answer = response ?? content(for: forwarded)
        for (name, value) in fields { answer.fields[name] = value }
        if noRange { answer.fields["Accept-Ranges"] = nil }

        var part = 0..<answer.body.count
        if answer.isContent, answer.status == 200 {
            if alwaysNotModified || (!noConditions && StaticFiles.isNotModified(request, answer)) {
                answer.status = 304
                part = 0..<0
            } else if !noRange {
                switch StaticFiles.range(request, answer) {
                case .whole: break
                case .part(let asked):
                    part = plan.served(asked, whole: part)
                    let named = plan.rangeLies ? asked : part
                    answer.fields["Content-Range"] =
                        "bytes \(named.lowerBound)-\(named.upperBound - 1)/\(answer.body.count)"
                    answer.status = 206
                case .unsatisfiable:
                    answer.fields["Content-Range"] = "bytes */\(answer.body.count)"
                    answer.status = 416
                    part = 0..<0
                }
            }
        }
        return send(answer, part, plan, request)
    }

    private func content(for request: LoopbackRequest) -> LoopbackResponse {
        if let origin = request.origin {
            guard let port = Forwarding.loopbackPort(origin.dropPrefix("http://")), origin.hasPrefix("http://") else {
                return LoopbackResponse(status: 403, text: "only http on loopback is proxied\n")
            }
            return Forwarding.fetch(request, port: port)
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            return LoopbackResponse(status: 405, text: "405\n")
        }
        switch core.source {
        case .directory(let root): return StaticFiles.answer(request, root: root)
        case .port(let port): return Forwarding.fetch(request, port: port)
        case .nothing: return LoopbackResponse(status: 404, text: "404\n")
        }
    }

    private func send(_ response: LoopbackResponse, _ part: Range<Int>, _ plan: BodyPlan, _ request: LoopbackRequest)
        -> Bool
    {
        let bodyless = request.method == "HEAD" || response.status == 304 || response.status < 200
        let keepAlive = !plan.endsConnection && request["Connection"]?.lowercased() != "close"
        var head = "HTTP/1.1 \(response.status) \(LoopbackResponse.reasons[response.status] ?? "Unknown")\r\n"
        for (name, value) in response.fields.all { head += "\(name): \(value)\r\n" }
        if plan.chunked {
            head += "Transfer-Encoding: chunked\r\n"
        } else if response.status != 304 {
            head += "Content-Length: \(plan.declaredLength(part.count))\r\n"
        }
        head += "Date: \(Timestamp(seconds: Int64(time(nil))).rfc2822(zone: "GMT"))\r\n"
        head += keepAlive ? "\r\n" : "Connection: close\r\n\r\n"
        note(status: response.status, of: request)
        if bodyless { return socket.send(Array(head.utf8)) && keepAlive }
        let sender = BodySender(socket: socket, plan: plan, isStopped: { self.core.isStopped })
        let complete = sender.send(head: Array(head.utf8), response.body, part)
        note(bodyBytes: sender.sent, of: request)
        return complete && keepAlive
    }

    private func tunnel(_ request: LoopbackRequest, _ faults: [Fault]) {
        var refusal: Int?
        for fault in faults {
            switch fault {
            case .status(let status, _): refusal = status
            case .proxyAuth(let user, let password)
            where request["Proxy-Authorization"] != "Basic " + Base64.encode("\(user):\(password)"):
                refusal = 407
            case .delay(let seconds): pause(seconds: seconds)
            case .noAnswer: return
            default: break
            }
        }
        guard refusal == nil, let port = Forwarding.loopbackPort(request.target),
            let origin = try? Socket(port: port)
        else {
            let status = refusal ?? 502
            note(status: status, of: request)
            let challenge = status == 407 ? "Proxy-Authenticate: Basic realm=\"test\"\r\n" : ""
            let reason = LoopbackResponse.reasons[status] ?? "Unknown"
            let head = "HTTP/1.1 \(status) \(reason)\r\n\(challenge)Content-Length: 0\r\nConnection: close\r\n\r\n"
            _ = socket.send(Array(head.utf8))
            return
        }
        note(status: 200, of: request)
        guard socket.send(Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)) else { return }
        Forwarding.join(socket, origin)
    }
}
