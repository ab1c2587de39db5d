import Basics
import HTTPClient
import TestSupport
import Testing

@Suite struct RangeTests {
    let root: TemporaryDirectory
    let server: LoopbackServer
    let client: TransferClient
    let bytes = sample(200_000)

    init() throws {
        root = try TemporaryDirectory("http")
        server = try LoopbackServer(root: root.path)
        client = try TransferClient()
        try root.write(bytes, to: "a")
    }

    private func resume(_ offset: Int64, ifRange: String? = nil, limit: Int64? = nil) -> (MemorySink, Pending) {
        let sink = MemorySink()
        let pending = client.start(server.url("a"), into: sink) {
            $0.resume = Transfer.Resume(offset: offset, ifRange: ifRange)
            $0.sizeLimit = limit
        }
        return (sink, pending)
    }

    @Test("a transfer goes on where it stopped")
    func resumed() throws {
        let etag = try client.get(server.url("a")).response.rangeValidator
        let (sink, pending) = resume(150_000, ifRange: etag, limit: 200_000)
        let response = try pending.response()
        #expect(response.status == 206)
        #expect(sink.body == Array(bytes[150_000...]))
        #expect(sink.begins.map(\.resumed) == [true])
        #expect(server.requests[1]["Range"] == "bytes=150000-")
        #expect(server.requests[1]["If-Range"] == etag)
    }

    @Test("a file that changed, or a server without ranges, begins anew")
    func changed() throws {
        let (sink, pending) = resume(150_000, ifRange: "\"other\"")
        #expect(try pending.response().status == 200)
        #expect(sink.body == bytes)
        server.fault("*", .noRange)
        let (second, other) = resume(150_000)
        #expect(try other.response().status == 200)
        #expect(second.body == bytes)
        #expect(second.begins.map(\.resumed) == [false])
        #expect(server.requests.count == 2)
    }

    @Test("another range than the one asked for is not taken: the client asks again without")
    func wrongRange() throws {
        server.fault("*", count: 1, .wrongContentRange)
        let (sink, pending) = resume(150_000)
        let response = try pending.response()
        #expect(response.requests == 2)
        #expect(sink.body == bytes)
        #expect(server.requests[1]["Range"] == nil)
    }

    @Test("an offset behind the end begins anew")
    func behindTheEnd() throws {
        let (sink, pending) = resume(200_000)
        #expect(try pending.response().requests == 2)
        #expect(sink.body == bytes)
    }

    @Test("a 206 that nobody asked for is refused")
    func uninvited() throws {
        server.fault("*", .answer { _ in LoopbackResponse(status: 206, body: .bytes([1, 2, 3])) })
        let failure = try client.failure(server.url("a"))
        #expect(failure.error.code == .httpStatus)
    }

    @Test("the limit counts the bytes that are there already")
    func limit() throws {
        let (sink, pending) = resume(150_000, limit: 199_999)
        #expect(try pending.failure().error.code == .tooLarge)
        #expect(sink.body.isEmpty)
    }
}
