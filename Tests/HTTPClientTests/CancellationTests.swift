import Basics
import HTTPClient
import TestSupport
import Testing

@Suite struct CancellationTests {
    let server: LoopbackServer

    init() throws {
        server = try LoopbackServer(.nothing)
        server.fault("/silent*", .delay(seconds: 10))
        server.fault("/stall*", .content(sample(100_000)), .stall(after: 50_000))
        server.fault("/good", .content([1]))
    }

    @Test("cancelling ends running, waiting and delayed transfers at once, and the client goes on")
    func all() throws {
        let client = try TransferClient(configuration: ClientConfiguration(connections: 4, perHost: 2))
        var all = (0..<10).map { client.start(server.url("silent\($0)"), into: MemorySink()) }
        all += (0..<2).map { client.start(server.url("stall\($0)"), into: MemorySink()) }
        all.append(client.start(server.url("late"), into: MemorySink()) { $0.delay = 60 })
        pause(seconds: 0.1)
        let start = monotonicSeconds()
        client.cancelAll()
        for one in all {
            let failure = try one.failure()
            #expect(failure.error.code == .interrupted)
            #expect(!failure.isTransient)
        }
        #expect(monotonicSeconds() - start < 3)
        #expect(try client.get(server.url("good")).body == [1])
    }

    @Test("a group is cancelled alone, and what it submits later as well")
    func group() throws {
        let client = try TransferClient()
        let group = TransferGroup()
        let cancelled = client.start(server.url("silent"), into: MemorySink()) { $0.group = group }
        let other = client.start(server.url("good"), into: MemorySink()) { $0.delay = 0.2 }
        client.cancel(group)
        #expect(try cancelled.failure().error.code == .interrupted)
        #expect(
            try client.start(server.url("good"), into: MemorySink()) { $0.group = group }.failure().error.code
                == .interrupted)
        #expect(try other.response().status == 200)
    }

    @Test("shutting down ends everything; later transfers end at once")
    func shutdown() throws {
        let client = try TransferClient()
        let pending = client.start(server.url("silent"), into: MemorySink())
        client.shutdown()
        #expect(try pending.failure().error.code == .interrupted)
        #expect(try client.failure(server.url("good")).error.code == .interrupted)
        client.shutdown()
    }

    @Test("a client nobody holds any more ends its thread and its transfers")
    func dropped() throws {
        var client: TransferClient? = try TransferClient()
        let pending = try #require(client).start(server.url("silent"), into: MemorySink())
        client = nil
        #expect(try pending.failure().error.code == .interrupted)
    }
}
