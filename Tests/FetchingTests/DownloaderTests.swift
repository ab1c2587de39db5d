import Basics
import Fetching
import Hashing
import Store
import Synchronization
import TestSupport
import Testing

@Suite struct DownloaderTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    @Test("many files arrive verified, are staged, and get their names by promotion")
    func many() throws {
        let requests = try (0..<300).map { number in
            var request = try place.publish("pool/f\(number)", sample(number * 37, seed: UInt64(number)))
            request.tag = number
            return request
        }
        let downloader = try place.downloader()
        var tags: Set<Int> = []
        try downloader.fetch(requests) { result in
            guard case .fetched(let file) = try result.get() else { return }
            tags.insert(result.tag)
            #expect(Checksum(file.digest) == requests[result.tag].checksums[0])
            #expect(file.size == requests[result.tag].size)
        }
        #expect(tags.count == 300)
        #expect(downloader.requestCount == 300)
        #expect(downloader.receivedBytes == (0..<300).reduce(0) { $0 + $1 * 37 })
        #expect(place.server.mostConnections <= 8)
        try place.session.promote()
        for request in requests {
            let digest = try #require(request.checksums[0].sha256)
            #expect(try place.store.blobs.size(of: digest) == request.size)
        }
    }

    @Test("small answers that are only read stay in memory while there is room; others go to the store")
    func held() throws {
        let sizes = [0, 100, 70_000, 30_000, 30_000, 200_000]
        let requests = try sizes.enumerated().map { number, size in
            try place.directory.write(sample(size, seed: UInt64(number)), to: "up/page\(number)")
            return FetchRequest(.path("page\(number)"), name: "page\(number)", sizeLimit: 1 << 20, tag: number)
        }
        let room = HoldingRoom(limit: 50_000)
        var heldBytes: [Int: [UInt8]] = [:]
        var kept: [HeldBytes] = []
        for var request in requests {
            request.room = room
            guard case .fetched(let file) = try place.downloader().fetchOne(request) else { continue }
            let bytes = sample(sizes[request.tag], seed: UInt64(request.tag))
            #expect(file.digest == sha256(of: bytes))
            #expect(file.size == Int64(bytes.count))
            if let held = file.held {
                heldBytes[request.tag] = held.bytes
                kept.append(held)
                #expect(held.bytes == bytes)
            } else {
                #expect(try place.read(file.digest) == bytes)
            }
            #expect(try place.session.contains(file.digest) == (file.held == nil))
        }
        #expect(heldBytes.keys.sorted() == [0, 1, 3])
        kept.removeAll()
        var again = requests[4]
        again.room = room
        guard case .fetched(let file) = try place.downloader().fetchOne(again) else { return }
        #expect(file.held != nil)
    }

    @Test("requests are taken as they are needed, not all at once")
    func window() throws {
        let request = try place.publish("a", [1, 2, 3])
        var taken = 0
        var done = 0
        var furthest = 0
        let endless = AnySequence {
            AnyIterator { () -> FetchRequest? in
                if taken == 500 { return nil }
                taken += 1
                furthest = max(furthest, taken - done)
                return request
            }
        }
        try place.downloader().fetch(endless) { _ in done += 1 }
        #expect(done == 500)
        #expect(furthest <= 40)
    }

    @Test("every declared checksum has to agree, and others are computed when asked for")
    func checksums() throws {
        let bytes = sample(10_000)
        var request = try place.publish("a", bytes)
        request.checksums = [.sha512, .sha1].map { ChecksumHasher.checksum($0, of: bytes) }
        request.algorithms = [.md5]
        let file = try place.downloader().file(request)
        #expect(file.digests[.md5] == ChecksumHasher.checksum(.md5, of: bytes))
        #expect(try place.read(file.digest) == bytes)
        request.checksums[1] = ChecksumHasher.checksum(.sha1, of: [0])
        let error = try place.downloader().error(request)
        #expect(error.code == .mismatch)
        #expect("\(error)".contains("sha1"))
    }

    @Test("a file without declared size or checksum is taken up to a limit")
    func undeclared() throws {
        _ = try place.publish("InRelease", sample(5000))
        let request = FetchRequest(.path("InRelease"), name: "InRelease", sizeLimit: 5000)
        #expect(try place.downloader().file(request).size == 5000)
        let error = try place.downloader().error(FetchRequest(.path("InRelease"), name: "InRelease", sizeLimit: 4999))
        #expect(error.code == .tooLarge)
        #expect(error.path == "InRelease")
    }

    @Test("what has not changed is not fetched again; validators of another copy are not sent")
    func notModified() throws {
        _ = try place.publish("InRelease", sample(5000))
        let downloader = try place.downloader()
        var request = FetchRequest(.path("InRelease"), name: "InRelease")
        request.validators = try downloader.file(request).response.validators
        #expect(request.validators?.url == place.server.url("InRelease"))
        guard case .notModified(let response) = try downloader.fetchOne(request) else {
            Issue.record("it was fetched again")
            return
        }
        #expect(response.url == place.server.url("InRelease"))
        #expect(downloader.requestCount == 2)
        request.validators?.url = "http://127.0.0.1:1/InRelease"
        #expect(try downloader.file(request).size == 5000)
    }

    @Test("credentials of the upstream go to its origins, also for URLs of their own, and to no other")
    func credentials() throws {
        let other = try LoopbackServer(root: place.directory.path("up"))
        let request = try place.publish("a/b", [1])
        place.server.fault("*", .basicAuth(user: "u", password: "p%"))
        let base = place.server.url.replacing("http://", with: "http://u:p%25@") + "/a/"
        let upstream = try place.upstream([base])
        #expect(upstream.bases == [place.server.url("a")])
        let downloader = try place.downloader(upstream)
        var relative = request
        relative.location = .path("b")
        #expect(try downloader.file(relative).size == 1)
        for server in [place.server, other] {
            var absolute = request
            absolute.location = .url(server.url("a/b"))
            #expect(try downloader.file(absolute).size == 1)
        }
        #expect(other.requests.allSatisfy { $0["Authorization"] == nil })
    }

    @Test(
        "an upstream that is no URL is a configuration error",
        arguments: [
            ["ftp://h/"], ["h/x"], ["http://h/?token=x"], ["http://u:secret@h o/"],
        ])
    func badUpstream(bases: [String]) throws {
        do {
            _ = try Upstream(bases: bases)
            Issue.record("it was accepted")
        } catch {
            #expect(error.code == .config)
            #expect(!"\(error)".contains("secret"))
        }
    }

    @Test("files come from a directory of this machine as well")
    func fileURL() throws {
        let request = try place.publish("pool/a b", sample(3_000_000))
        let upstream = try place.upstream(["file://\(place.directory.path("up"))/"])
        let downloader = try place.downloader(upstream)
        #expect(try downloader.file(request).size == 3_000_000)
        #expect(try downloader.error(FetchRequest(.path("none"), name: "none")).code == .missing)
        #expect(place.server.requests.isEmpty)
    }

    @Test("an error of the caller ends the fetch, and the session still works")
    func callerError() throws {
        let requests = try (0..<50).map { try place.publish("f\($0)", sample(1000, seed: UInt64($0))) }
        place.server.fault("*", .delay(seconds: 0.02))
        var count = 0
        #expect(throws: ChantalError(.held, "")) {
            try place.downloader().fetch(requests) { _ in
                count += 1
                if count == 5 { throw ChantalError(.held, "enough") }
            }
        }
        #expect(count == 5)
        place.server.clearFaults()
        var arrived = 0
        try place.downloader().fetch(requests) { if case .success = $0.outcome { arrived += 1 } }
        #expect(arrived == 50)
    }

    @Test("a signal ends the fetch at once")
    func cancelled() throws {
        let requests = try (0..<20).map { try place.publish("f\($0)", [1]) }
        place.server.fault("*", .delay(seconds: 10))
        let cancellation = place.cancellation
        let trigger = try Subprocess.spawn(["sleep", "0.2"])
        let start = monotonicSeconds()
        let downloader = Downloader(
            client: place.client, session: place.session, upstream: try place.upstream(), cancellation: cancellation
        ) { _ in if (try? trigger.isRunning) == false { cancellation.cancel(signal: 2) } }
        #expect(throws: ChantalError(.interrupted, "")) { try downloader.fetch(requests) { _ in } }
        #expect(monotonicSeconds() - start < 5)
    }

    @Test("progress counts files and bytes")
    func progress() throws {
        let requests = try (0..<20).map { try place.publish("f\($0)", sample(1000, seed: UInt64($0))) }
        let seen = Mutex<[FetchProgress]>([])
        let downloader = Downloader(
            client: place.client, session: place.session, upstream: try place.upstream(retries: 0),
            cancellation: place.cancellation
        ) { progress in seen.withLock { $0.append(progress) } }
        try downloader.fetch(requests + [FetchRequest(.path("none"), name: "none")]) { _ in }
        let last = try #require(seen.withLock { $0.last })
        #expect(last.files == 20)
        #expect(last.failed == 1)
        #expect(last.bytes == 20_000)
    }
}
