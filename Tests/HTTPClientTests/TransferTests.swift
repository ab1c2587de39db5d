import Basics
import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct TransferTests {
    let root: TemporaryDirectory
    let server: LoopbackServer

    init() throws {
        root = try TemporaryDirectory("http")
        server = try LoopbackServer(root: root.path)
    }

    @Test("a file arrives byte for byte, with what the server says of it")
    func file() throws {
        let bytes = sample(1_000_000)
        try root.write(bytes, to: "pool/a b+c~1%3a.deb")
        let client = try TransferClient()
        let (response, body) = try client.get(server.url("pool/a%20b%2Bc~1%253a.deb"))
        #expect(body == bytes)
        #expect(response.status == 200)
        #expect(response.bytes == 1_000_000)
        #expect(response.contentLength == 1_000_000)
        #expect(response.contentType == "application/octet-stream")
        #expect(response.etag != nil)
        #expect(response.requests == 1)
        #expect(!response.originChanged)
        #expect(response.finalURL == server.url("pool/a%20b%2Bc~1%253a.deb"))
        #expect(client.requestCount == 1)
        #expect(client.receivedBytes == 1_000_000)
        #expect(server.requests[0].target == "/pool/a%20b%2Bc~1%253a.deb")
    }

    @Test("an empty file begins and ends")
    func empty() throws {
        try root.write("", to: "empty")
        let sink = MemorySink()
        let client = try TransferClient()
        let response = try client.start(server.url("empty"), into: sink).response()
        #expect(response.status == 200)
        #expect(sink.begins.count == 1)
        #expect(sink.begins.first?.length == 0)
        #expect(sink.body.isEmpty)
    }

    @Test("a chunked body without a length arrives")
    func chunked() throws {
        let bytes = sample(100_000)
        try root.write(bytes, to: "a")
        server.fault("*", .chunked)
        let (response, body) = try TransferClient().get(server.url("a"))
        #expect(body == bytes)
        #expect(response.contentLength == nil)
    }

    @Test("no encoding is asked for, and none is taken off")
    func encoding() throws {
        try root.write("not gzip", to: "a.gz")
        server.fault("*", .field("Content-Encoding", "gzip"))
        let (_, body) = try TransferClient().get(server.url("a.gz"))
        #expect(String(decoding: body, as: UTF8.self) == "not gzip")
        #expect(server.requests[0]["Accept-Encoding"] == nil)
    }

    @Test("validators make the second request a 304 without a body")
    func notModified() throws {
        try root.write("one", to: "a")
        let client = try TransferClient()
        let first = try client.get(server.url("a")).response
        let sink = MemorySink()
        let second = try client.start(server.url("a"), into: sink) { $0.validators = first.validators }.response()
        #expect(second.isNotModified)
        #expect(sink.begins.isEmpty)
        try root.write("two!", to: "a")
        let third = try client.get(server.url("a")) { $0.validators = first.validators }
        #expect(third.response.status == 200)
        #expect(String(decoding: third.body, as: UTF8.self) == "two!")
    }

    @Test("a 304 that nobody asked for is refused")
    func uninvited304() throws {
        try root.write("one", to: "a")
        server.fault("*", .alwaysNotModified)
        let failure = try TransferClient().failure(server.url("a"))
        #expect(failure.error.code == .httpStatus)
        #expect(failure.status == 304)
    }

    @Test("headers and the user agent are sent")
    func headers() throws {
        try root.write("x", to: "a")
        let client = try TransferClient(configuration: ClientConfiguration(userAgent: "chantal/1"))
        let options = TransferOptions(
            proxy: .none, headers: [("Accept", "application/json"), ("X-Empty", ""), ("X-Word", "some thing")])
        _ = try client.get(server.url("a"), options)
        let request = server.requests[0]
        #expect(request["User-Agent"] == "chantal/1")
        #expect(request["Accept"] == "application/json")
        #expect(request["X-Empty"] == "")
        #expect(request["X-Word"] == "some thing")
    }

    @Test("a header cannot carry another one", arguments: [("A", "b\r\nC: d"), ("A\nB", "c"), ("A:", "c"), ("", "c")])
    func injection(header: (String, String)) throws {
        let options = TransferOptions(proxy: .none, headers: [(header.0, header.1)])
        let failure = try TransferClient().failure(server.url("a"), options)
        #expect(failure.error.code == .network)
        #expect(server.requests.isEmpty)
    }

    @Test("a body is cut at the byte behind the limit, declared or not")
    func sizeLimit() throws {
        try root.write(sample(300_000), to: "a")
        let client = try TransferClient()
        #expect(try client.get(server.url("a")) { $0.sizeLimit = 300_000 }.body.count == 300_000)
        let declared = try client.failure(server.url("a")) { $0.sizeLimit = 299_999 }
        #expect(declared.error.code == .tooLarge)
        #expect(!declared.isTransient)
        server.fault("*", .endless)
        let sink = MemorySink()
        let endless = try client.start(server.url("a"), into: sink) { $0.sizeLimit = 400_000 }.failure()
        #expect(endless.error.code == .tooLarge)
        #expect(sink.body.count <= 400_000)
    }

    @Test("an error of the sink ends the transfer and is its result")
    func sinkError() throws {
        try root.write(sample(300_000), to: "a")
        let sink = MemorySink(refusal: ChantalError(.noSpace, "the disk is full"))
        let client = try TransferClient()
        let failure = try client.start(server.url("a"), into: sink).failure()
        #expect(failure.error.code == .noSpace)
        #expect(!failure.isTransient)
    }

    @Test("connections are kept, and never more than per_host run at once")
    func limits() throws {
        try root.write("x", to: "a")
        server.fault("*", .delay(seconds: 0.01))
        let client = try TransferClient(configuration: ClientConfiguration(connections: 16, perHost: 3))
        let all = (0..<30).map { _ in client.start(server.url("a"), into: MemorySink()) }
        for one in all { _ = try one.response() }
        #expect(server.mostConnections == 3)
        #expect(server.connectionCount == 3)
        #expect(server.requests.count == 30)
    }

    @Test("connections to all hosts together are never more than configured, and no host waits for another's end")
    func total() throws {
        try root.write("x", to: "a")
        server.fault("*", .delay(seconds: 0.02))
        let client = try TransferClient(configuration: ClientConfiguration(connections: 2, perHost: 8))
        let second = "http://localhost:\(server.port)/a"
        let all = (0..<20).map { client.start($0 < 10 ? server.url("a") : second, into: MemorySink()) }
        for one in all { _ = try one.response() }
        // The server sees the end of a connection a moment after the client has given it up for another.
        #expect(server.mostConnections <= 4)
        let hosts = server.requests.map { $0["Host"]?.hasPrefix("localhost") == true }
        #expect(hosts.count == 20)
        #expect(hosts.prefix(8).contains(true))
    }

    @Test("a transfer with a delay waits, and others do not wait for it")
    func delay() throws {
        try root.write("x", to: "a")
        let client = try TransferClient()
        let start = monotonicSeconds()
        let later = client.start(server.url("later"), into: MemorySink()) { $0.delay = 0.4 }
        let late = client.start(server.url("late"), into: MemorySink()) { $0.delay = 0.3 }
        _ = try client.get(server.url("a"))
        _ = try late.failure()
        _ = try later.failure()
        #expect(server.requests.map(\.path) == ["/a", "/late", "/later"])
        let times = server.requests.map { $0.at - start }
        #expect(times[1] >= 0.3 && times[2] >= 0.4)
    }

    @Test("a kept connection that the server has closed is no failure")
    func closedMeanwhile() throws {
        let client = try TransferClient()
        try root.write("x", to: "a")
        server.fault("*", skip: 1, count: 1, .noAnswer)
        _ = try client.get(server.url("a"))
        let (response, _) = try client.get(server.url("a"))
        #expect(response.status == 200)
        #expect(server.requests.count == 3)
    }

    @Test("bandwidth is shared by all transfers", arguments: [1, 4])
    func bandwidth(transfers: Int) throws {
        try root.write(sample(1_200_000 / transfers), to: "a")
        let configuration = ClientConfiguration(connections: 8, perHost: 8, bandwidth: 1_000_000)
        let client = try TransferClient(configuration: configuration)
        let start = monotonicSeconds()
        let all = (0..<transfers).map { _ in client.start(server.url("a"), into: MemorySink()) }
        for one in all { #expect(try one.response().bytes == Int64(1_200_000 / transfers)) }
        let seconds = monotonicSeconds() - start
        #expect(seconds > 1.0 && seconds < 8)
    }
}
