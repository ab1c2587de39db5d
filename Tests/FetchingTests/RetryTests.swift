import Basics
import Fetching
import FileSystem
import Hashing
import Store
import TestSupport
import Testing

@Suite struct RetryTests {
    let place: Workplace
    let server: LoopbackServer
    let second: LoopbackServer

    init() throws {
        place = try Workplace()
        server = place.server
        second = try LoopbackServer(root: place.directory.path("up"))
    }

    private func mirrors(retries: Int = 3) throws -> Downloader {
        try place.downloader(place.upstream([server.url, second.url], retries: retries))
    }

    @Test(
        "what may pass is tried again",
        arguments: [
            Fault.status(500), .status(502), .status(429), .noAnswer, .cut(after: 100), .truncate(to: 100),
            .flipByte(at: 500), .html,
        ])
    func again(fault: Fault) throws {
        let request = try place.publish("a", sample(2000))
        server.fault("*", count: 1, fault)
        let downloader = try place.downloader()
        #expect(try downloader.file(request).size == 2000)
        #expect(downloader.requestCount == 2)
    }

    @Test("a stalled transfer is tried again")
    func stall() throws {
        let request = try place.publish("a", sample(50_000))
        server.fault("*", count: 1, .stall(after: 20_000))
        let upstream = try place.upstream(nil, place.options { $0.timeout = 0.3 })
        #expect(try place.downloader(upstream).file(request).size == 50_000)
    }

    @Test("retries end, and the error names file, URL and reason")
    func exhausted() throws {
        let request = try place.publish("pool/a", sample(2000))
        server.fault("*", .status(503))
        let downloader = try place.downloader(place.upstream(retries: 2))
        let error = try downloader.error(request)
        #expect(error.code == .httpStatus)
        #expect(error.path == "pool/a")
        #expect(error.url == server.url("pool/a"))
        #expect("\(error)".contains("pool/a"))
        #expect("\(error)".contains(server.url("pool/a")))
        #expect("\(error)".contains("503"))
        #expect(downloader.requestCount == 3)
    }

    @Test("what cannot pass is not tried again", arguments: [401, 403, 404, 410])
    func permanent(status: Int) throws {
        server.fault("*", .status(status))
        let downloader = try place.downloader()
        let error = try downloader.error(FetchRequest(.path("a"), name: "a"))
        #expect(error.code == (status >= 404 ? .missing : .httpStatus))
        #expect(server.requests.count == 1)
    }

    @Test("wrong bytes are tried once more, past caches, and then refused with both digests")
    func mismatch() throws {
        let request = try place.publish("a", sample(2000))
        server.fault("*", .flipByte(at: 7))
        let error = try place.downloader().error(request)
        #expect(error.code == .mismatch)
        #expect("\(error)".contains(request.checksums[0].hex))
        #expect(server.requests.count == 2)
        #expect(server.requests[0]["Cache-Control"] == nil)
        #expect(server.requests[1]["Cache-Control"] == "no-cache")
    }

    @Test("another length than declared is seen before the body is read", arguments: [1, 50_000])
    func length(actual: Int) throws {
        _ = try place.publish("a", sample(actual))
        var request = FetchRequest(.path("a"), name: "a", size: 2000)
        request.checksums = [Checksum(sha256(of: [1]))]
        let error = try place.downloader().error(request)
        #expect(error.code == .mismatch)
        #expect("\(error)".contains("2000"))
        #expect(try place.partials().isEmpty)
    }

    @Test("a body that does not end is cut at the byte behind the declared size")
    func endless() throws {
        let request = try place.publish("a", sample(2000))
        server.fault("*", .endless)
        let error = try place.downloader().error(request)
        #expect(error.code == .mismatch)
    }

    @Test(
        "the next copy is asked for a file that one lacks or has wrong",
        arguments: [
            Fault.status(404), .status(410), .status(403), .status(500), .flipByte(at: 0), .noAnswer, .html,
        ])
    func nextBase(fault: Fault) throws {
        let request = try place.publish("a", sample(2000))
        server.fault("*", fault)
        let downloader = try mirrors()
        let file = try downloader.file(request)
        #expect(file.response.url == second.url("a"))
        #expect(downloader.requestCount == 2)
    }

    @Test("missing means that no copy has it; a copy that could not be asked leaves that open")
    func missing() throws {
        #expect(try mirrors().error(FetchRequest(.path("a"), name: "a")).code == .missing)
        second.fault("*", .status(500))
        let error = try mirrors(retries: 1).error(FetchRequest(.path("a"), name: "a"))
        #expect(error.code == .httpStatus)
        #expect("\(error)".contains("any of 2"))
    }

    @Test("a copy that is down is not asked for every file")
    func down() throws {
        server.stop()
        let requests = try (0..<200).map { try place.publish("f\($0)", sample(10, seed: UInt64($0))) }
        let downloader = try mirrors()
        var arrived = 0
        try downloader.fetch(requests) { if case .success = $0.outcome { arrived += 1 } }
        #expect(arrived == 200)
        #expect(downloader.requestCount < 260)
    }

    @Test("Retry-After makes all files wait", arguments: [503, 429])
    func retryAfter(status: Int) throws {
        let requests = try (0..<60).map { try place.publish("f\($0)", sample(10, seed: UInt64($0))) }
        server.fault("*", skip: 5, count: 8, .retryAfter(1, status: status))
        var arrived = 0
        let start = monotonicSeconds()
        try place.downloader().fetch(requests) { if case .success = $0.outcome { arrived += 1 } }
        #expect(arrived == 60)
        #expect(monotonicSeconds() - start > 0.95)
        let times = server.requests.map(\.at)
        let gap = zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? 0
        #expect(gap > 0.8, "nobody asked meanwhile")
        #expect(server.requests.count < 60 + 8 + 40)
    }

    @Test("waiting as told does not count as a retry")
    func patience() throws {
        let request = try place.publish("a", sample(10))
        server.fault("*", count: 3, .retryAfter(1))
        #expect(try place.downloader(place.upstream(retries: 1)).file(request).size == 10)
        #expect(server.requests.count == 4)
    }

    @Test("a disk that takes no more ends the fetch")
    func localFailure() throws {
        let requests = try (0..<5).map { try place.publish("f\($0)", sample(1000, seed: UInt64($0))) }
        #expect(throws: ChantalError(.noSpace, "")) {
            let session = FullSession(place.session)
            try place.downloader(session: session).fetch(requests) { _ in Issue.record("a result") }
        }
        #expect(server.requests.count <= 5)
    }
}

/// A session on a full disk.
private final class FullSession: StagingSession {
    let session: any StagingSession
    init(_ session: any StagingSession) { self.session = session }

    func writer(expected: [Checksum], size: Int64?, resumable: String?, algorithms: Set<ChecksumAlgorithm>) throws
        -> any BlobWriter
    {
        FullWriter()
    }
    var adopted: AdoptedBlobs { session.adopted }
    func resumableBytes() throws -> [String: Int64] { try session.resumableBytes() }
    func protect(_ digests: some Collection<Digest>) throws { try session.protect(digests) }
    func rely(on digests: [Digest]) throws -> [Int64?] { try session.rely(on: digests) }
    func contains(_ digest: Digest) throws -> Bool { try session.contains(digest) }
    func open(_ digest: Digest) throws -> any BlobReader { try session.open(digest) }
    func discard(_ digests: some Collection<Digest>) throws { try session.discard(digests) }
    func promote() throws { try session.promote() }
    func end() throws { try session.end() }
    func discard() throws { try session.discard() }
    func take(
        file name: some FileName, of directory: Directory, linking: Bool, algorithms: Set<ChecksumAlgorithm>
    ) throws -> StagedBlob { throw ChantalError(.noSpace, "no space left") }
}

private final class FullWriter: BlobWriter {
    var resumedBytes: Int64 { 0 }
    var validator: String? { nil }
    var size: Int64 { 0 }
    func remember(validator: String) throws {}
    func write(_ bytes: UnsafeRawBufferPointer) throws { throw ChantalError(.noSpace, "no space left") }
    func restart() throws {}
    func finish() throws -> StagedBlob { throw ChantalError(.bug, "finished") }
    func abandon(keepPartial: Bool) throws {}
}
