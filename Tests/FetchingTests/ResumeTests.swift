import Basics
import Fetching
import Hashing
import Store
import TestSupport
import Testing

@Suite struct ResumeTests {
    let place: Workplace
    let server: LoopbackServer
    let bytes = sample(6_000_000)

    init() throws {
        place = try Workplace()
        server = place.server
    }

    /// Leaves about four million bytes behind, as a process that died does.
    private func interrupted() throws -> FetchRequest {
        let request = try place.publish("big", bytes)
        server.fault("*", .truncate(to: 4_000_000))
        let error = try place.downloader(place.upstream(retries: 0)).error(request)
        #expect(error.code == .network)
        #expect(try place.partials().contains(request.checksums[0].hex))
        server.clearFaults()
        server.clearRequests()
        return request
    }

    @Test("a later process continues with Range and If-Range and hashes the whole")
    func continued() throws {
        let request = try interrupted()
        let session = try place.store.blobs.beginSession(name: "later")
        let downloader = try place.downloader(session: session)
        let file = try downloader.file(request)
        #expect(file.digest == sha256(of: bytes))
        #expect(server.requests.count == 1)
        #expect(server.requests[0]["Range"] == "bytes=4000000-")
        #expect(server.requests[0]["If-Range"] != nil)
        #expect(server.requests[0].status == 206)
        #expect(downloader.receivedBytes == 2_000_000)
        try session.promote()
        #expect(try place.store.blobs.size(of: file.digest) == 6_000_000)
        #expect(try place.partials().isEmpty)
    }

    @Test("a connection that breaks again and again still gets there, without counting as retries")
    func breaking() throws {
        let request = try place.publish("big", bytes)
        server.fault("*", count: 4, .truncate(to: 1_200_000))
        let downloader = try place.downloader(place.upstream(retries: 1))
        #expect(try downloader.file(request).digest == sha256(of: bytes))
        #expect(downloader.receivedBytes == 6_000_000)
        #expect(server.requests.count == 5)
    }

    @Test("a server without ranges begins anew")
    func noRange() throws {
        let request = try interrupted()
        server.fault("*", .noRange)
        #expect(try place.downloader().file(request).digest == sha256(of: bytes))
        #expect(server.requests.count == 1)
    }

    @Test(
        "a server that answers with another range is asked anew",
        arguments: [
            Fault.wrongContentRange, .lyingContentRange,
        ])
    func wrongRange(fault: Fault) throws {
        let request = try interrupted()
        server.fault("*", count: 1, fault)
        #expect(try place.downloader().file(request).digest == sha256(of: bytes))
        #expect(server.requests.count == 2)
    }

    @Test("a file that was replaced meanwhile is fetched whole")
    func replaced() throws {
        var request = try interrupted()
        let other = sample(6_000_000, seed: 9)
        _ = try place.publish("big", other)
        // Same key, as if the first bytes had been of a wrong file.
        let error = try place.downloader().error(request)
        #expect(error.code == .mismatch)
        #expect(try place.partials().isEmpty)
        request.checksums = [Checksum(sha256(of: other))]
        #expect(try place.downloader().file(request).size == 6_000_000)
    }

    @Test("another copy continues what one began")
    func otherCopy() throws {
        let request = try place.publish("big", bytes)
        let second = try LoopbackServer(root: place.directory.path("up"))
        server.fault("*", .truncate(to: 4_000_000))
        let downloader = try place.downloader(place.upstream([server.url, second.url]))
        #expect(try downloader.file(request).digest == sha256(of: bytes))
        #expect(second.requests[0]["Range"] == "bytes=4000000-")
        #expect(second.requests[0]["If-Range"] == nil)
        #expect(downloader.receivedBytes == 6_000_000)
    }

    @Test("a small file is fetched anew")
    func small() throws {
        let request = try place.publish("small", sample(500_000))
        server.fault("*", count: 1, .truncate(to: 400_000))
        #expect(try place.downloader().file(request).size == 500_000)
        #expect(server.requests.allSatisfy { $0["Range"] == nil })
        #expect(try place.partials().isEmpty)
    }
}
