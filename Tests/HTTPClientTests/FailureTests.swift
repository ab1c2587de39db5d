import Basics
import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct FailureTests {
    let root: TemporaryDirectory
    let server: LoopbackServer
    let client: TransferClient

    init() throws {
        root = try TemporaryDirectory("http")
        server = try LoopbackServer(root: root.path)
        client = try TransferClient()
    }

    @Test(
        "a status is told",
        arguments: [
            (404, ChantalError.Code.missing, false), (410, .missing, false), (403, .httpStatus, false),
            (401, .httpStatus, false), (500, .httpStatus, true), (503, .httpStatus, true), (429, .httpStatus, true),
            (408, .httpStatus, true), (501, .httpStatus, false), (204, .httpStatus, false),
        ])
    func status(status: Int, code: ChantalError.Code, isTransient: Bool) throws {
        server.fault("*", .status(status))
        let failure = try client.failure(server.url("a/b"))
        #expect(failure.error.code == code)
        #expect(failure.status == status)
        #expect(failure.isTransient == isTransient)
        #expect(failure.error.message.contains(server.url("a/b")))
        #expect(failure.error.message.contains("\(status)"))
        #expect(failure.error.url == server.url("a/b"))
        #expect(failure.requests == 1)
    }

    @Test("Retry-After is read as seconds and as a date")
    func retryAfter() throws {
        server.fault("/a", .retryAfter(17))
        #expect(try client.failure(server.url("a")).retryAfter == 17)
        let date = Timestamp(seconds: Int64(Date().timeIntervalSince1970) + 60).rfc2822(zone: "GMT")
        server.fault("/b", .status(429, [("Retry-After", date)]))
        let seconds = try #require(try client.failure(server.url("b")).retryAfter)
        #expect((55...61).contains(seconds))
        server.fault("/c", .status(503, [("Retry-After", "soon")]))
        #expect(try client.failure(server.url("c")).retryAfter == nil)
        server.fault("/d", .status(503, [("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")]))
        #expect(try client.failure(server.url("d")).retryAfter == 0)
    }

    @Test("a refused connection is transient and names the URL without its user part")
    func refused() throws {
        server.stop()
        let failure = try client.failure("http://user:secret@127.0.0.1:\(server.port)/x")
        #expect(failure.error.code == .network)
        #expect(failure.isTransient)
        #expect(failure.error.message.contains("http://127.0.0.1:\(server.port)/x"))
        #expect(!"\(failure)".contains("secret"))
        #expect(failure.error.message.contains("no connection"))
    }

    @Test("a name that cannot be resolved is told")
    func resolve() throws {
        // A label above 63 bytes never leaves this machine.
        let host = String(repeating: "x", count: 64) + ".test"
        let failure = try client.failure("http://\(host)/x")
        #expect(failure.error.code == .network)
        #expect(failure.error.message.contains("cannot be resolved"))
        #expect(failure.error.message.contains(host))
    }

    @Test("a body that ends early is transient", arguments: [Fault.cut(after: 60_000), .truncate(to: 60_000)])
    func truncated(fault: Fault) throws {
        try root.write(sample(200_000), to: "a")
        server.fault("*", fault)
        let sink = MemorySink()
        let failure = try client.start(server.url("a"), into: sink).failure()
        #expect(failure.error.code == .network)
        #expect(failure.isTransient)
        #expect(failure.bytes == Int64(sink.body.count))
        #expect(sink.body.count <= 60_000)
    }

    @Test("a connection closed without an answer is transient")
    func noAnswer() throws {
        server.fault("*", .noAnswer)
        let failure = try client.failure(server.url("a"))
        #expect(failure.error.code == .network)
        #expect(failure.isTransient)
    }

    @Test("no byte for the time-out ends a transfer, a slow one goes on")
    func stall() throws {
        try root.write(sample(25_000), to: "a")
        server.fault("/stall", .content(sample(20_000)), .stall(after: 9_000))
        server.fault("/silent", .delay(seconds: 10))
        server.fault("/a", .slow(bytesPerSecond: 10_000))
        let options = TransferOptions(timeout: 1, proxy: .none)
        let start = monotonicSeconds()
        let slow = client.start(server.url("a"), options, into: MemorySink())
        let stalled = client.start(server.url("stall"), options, into: MemorySink())
        let silent = client.start(server.url("silent"), options, into: MemorySink())
        for one in [stalled, silent] {
            let failure = try one.failure()
            #expect(failure.error.code == .network)
            #expect(failure.isTransient)
            #expect(failure.error.message.contains("no byte for 1 s"))
        }
        #expect(try slow.response().bytes == 25_000)
        let seconds = monotonicSeconds() - start
        #expect(seconds > 1.5 && seconds < 9)
    }

    @Test("credentials are asked for with a hint")
    func hint() throws {
        server.fault("*", .basicAuth(user: "u", password: "right"))
        let options = TransferOptions(proxy: .none, credentials: .basic(user: "u", password: "wrong-one"))
        let failure = try client.failure(server.url("a"), options)
        #expect(failure.status == 401)
        #expect(failure.error.hint?.contains("password") == true)
        #expect(!"\(failure)".contains("wrong-one"))
        #expect(server.requests.count == 1)
    }

    @Test(
        "a URL that is none, or of another kind, is refused",
        arguments: [
            "", "no url", "ftp://127.0.0.1/a", "gopher://127.0.0.1/", "http://", "http://a b/", "http://h/\r\nX: y",
            "javascript:1", "/etc/passwd", "http://h:99999/", "file://elsewhere/etc/passwd", "file:///%00",
            "file:///%2",
        ])
    func badURL(url: String) throws {
        let failure = try client.failure(url)
        #expect(!failure.isTransient)
        #expect(failure.error.code == .network)
        #expect(!failure.error.message.utf8.contains { $0 < 0x20 })
    }

    @Test("a header without end is cut")
    func endlessHeader() throws {
        let fields = (0..<4000).map { ("X-Field-\($0)", String(repeating: "y", count: 100)) }
        server.fault("*", .status(200, HTTPFields(fields)))
        let failure = try client.failure(server.url("a"))
        #expect([.tooLarge, .network].contains(failure.error.code))
    }
}
