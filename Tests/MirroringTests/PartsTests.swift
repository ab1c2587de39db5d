import Basics
import Hashing
import Store
import TestSupport
import Testing

@testable import Mirroring

@Suite("Repositories in parts")
struct PartsTests {
    private let conditionally = ["a": true, "b": true, "c": true]
    private let plainly = ["a": false, "b": false, "c": false]

    @Test("each page is asked for once, and conditionally where nothing has changed")
    func conditional() throws {
        let fixture = try PartsFixture()
        let first = try fixture.sync(.changed)
        #expect(first.packages == 3 && fixture.asked == plainly)
        #expect(fixture.server.requests.allSatisfy { $0["Accept"] == "text/x-parts" && $0.path.hasSuffix("/") })
        try fixture.sync(.unchanged)
        #expect(fixture.asked == conditionally && fixture.server.requests.allSatisfy { $0.status == 304 })
        try fixture.offer("b", ["one": "1 of b", "two": "2 of b"])
        #expect(try fixture.sync(.changed).packages == 4)
        #expect(fixture.files.requests.map(\.path) == ["/b/two"])
        #expect(try fixture.published("files/b/two") == "2 of b")
        _ = try fixture.sync { $0.full = true }
        #expect(fixture.asked == plainly)
        try fixture.sync(.unchanged)
        #expect(fixture.asked == conditionally)
    }

    @Test("pages without validators are compared by their bytes")
    func withoutValidators() throws {
        let fixture = try PartsFixture()
        fixture.server.fault("*", .noValidators)
        try fixture.sync(.changed)
        try fixture.sync(.unchanged)
        #expect(fixture.asked == plainly && fixture.files.requests.isEmpty)
    }

    @Test("a part whose file is missing keeps its last state, and is asked for plainly until it is whole")
    func kept() throws {
        let fixture = try PartsFixture()
        try fixture.sync(.changed)
        try fixture.offer("b", ["one": "1 of b", "two": "2 of b"])
        try fixture.offer("c", ["two": "2 of c"])
        fixture.files.fault("/b/two", .status(404))
        let report = try fixture.sync(.partial)
        #expect(report.fetchedFiles == 1)
        #expect(report.packages == 3 && "\(report.errors)".contains("files/b/two"))
        #expect(try fixture.published("files/b/one") == "1 of b" && !fixture.isPublished("files/b/two"))
        #expect(try fixture.published("files/c/two") == "2 of c")
        let again = try fixture.sync(.partial)
        #expect(again.generation == report.generation)
        #expect(fixture.asked == ["a": true, "b": false, "c": true])
        fixture.files.clearFaults()
        #expect(try fixture.sync(.changed).packages == 4)
        try fixture.sync(.unchanged)
        #expect(fixture.asked == conditionally)
    }

    @Test("a page that cannot be had keeps its part, also where it never was there")
    func brokenPage() throws {
        let fixture = try PartsFixture()
        fixture.server.fault("/parts/b/", .status(500))
        #expect(try fixture.sync(.partial).packages == 2)
        fixture.server.clearFaults()
        #expect(try fixture.sync(.changed).packages == 3)
        #expect(fixture.asked == ["a": true, "b": false, "c": true])
        fixture.server.fault("/parts/b/", .status(500))
        #expect(try fixture.sync(.partial).packages == 3)
        #expect(try fixture.published("files/b/one") == "1 of b")
    }

    @Test("failures that come and go around the same content commit nothing, and are remembered as long as they last")
    func flapping() throws {
        let fixture = try PartsFixture()
        try fixture.sync(.changed)
        for part in ["b", "c"] {
            fixture.server.fault("/parts/\(part)/", .status(500))
            for _ in 0..<2 {
                #expect(try fixture.sync(.partial).generation == 1)
                let record = try fixture.engine().records.generation(1, of: "demo")
                #expect(record.incomplete.count == 1 && "\(record.incomplete)".contains("parts/\(part)/"))
            }
            fixture.server.clearFaults()
            #expect(try fixture.sync(.unchanged).generation == 1)
            #expect(try fixture.engine().records.generation(1, of: "demo").incomplete.isEmpty)
            try fixture.sync(.unchanged)
            #expect(fixture.asked == conditionally)
        }
    }

    @Test("what is held back waits for the user, the rest goes on")
    func held() throws {
        let fixture = try PartsFixture()
        try fixture.sync(.changed)
        try fixture.offer("b", [:])
        try fixture.offer("c", ["two": "2 of c"])
        let report = try fixture.sync(.held)
        #expect(report.errors.map(\.code) == [.held] && report.packages == 3 && report.generation == 2)
        #expect(try fixture.published("files/b/one") == "1 of b" && fixture.isPublished("files/c/two"))
        let again = try fixture.sync(.held)
        #expect(again.generation == 2 && fixture.asked == ["a": true, "b": false, "c": true])
        #expect(try fixture.sync { $0.dryRun = true }.status == .held)
        let accepted = try fixture.sync { $0.acceptRemovals = true }
        #expect(accepted.status == .changed && accepted.packages == 2)
        try fixture.sync(.unchanged)
    }

    @Test("what servers said is about one generation: without the catalog, or under another name, it means nothing")
    func validatorsOfAnotherGeneration() throws {
        let fixture = try PartsFixture()
        try fixture.sync(.changed)
        for file in ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"] {
            try Files.remove(fixture.home.path("store/\(file)"))
        }
        try fixture.sync(.unchanged)
        #expect(fixture.asked == plainly)
        try fixture.sync(.unchanged)
        #expect(fixture.asked == conditionally)
        try fixture.engine().renameRepository("demo", to: "other")
        fixture.name = "other"
        try fixture.sync(.unchanged)
        #expect(fixture.asked == plainly)
    }

    @Test("a generation that came from elsewhere makes what servers said before meaningless")
    func validatorsAfterAnImport() throws {
        let fixture = try PartsFixture()
        try fixture.sync(.changed)
        try fixture.offer("a", ["one": "1 of a", "two": "2 of a"])
        try fixture.sync(.changed)
        // As an import does: another state is in force under a new number, and the catalog follows.
        let records = try fixture.engine().store.records
        var foreign = try records.generation(1, of: "demo")
        foreign.number = 3
        try records.commit(foreign, to: "demo")
        #expect(try fixture.sync(.changed).packages == 4)
        #expect(fixture.asked == plainly)
        #expect(fixture.isPublished("files/a/two"))
    }

    @Test("packages are inspected once for each key, and refused by name")
    func inspection() throws {
        let key = "k\(UInt32.random(in: 0 ... .max))"
        let fixture = try PartsFixture()
        fixture.section.append("inspected: \(key)")
        func inspected(_ key: String) -> Int { PartsEcosystem.inspections.withLock { $0[key] ?? 0 } }
        // One content at two paths is one blob.
        try fixture.offer("b", ["one": "1 of b", "copy": "1 of b"])
        try fixture.offer("c", ["one": "BAD", "two": "2 of c"])
        let report = try fixture.sync(.partial)
        #expect("\(report.errors)".contains("files/c/one") && report.errors.map(\.code) == [.signature])
        #expect(report.packages == 3 && !fixture.isPublished("files/c/two"))
        #expect(inspected(key) == 4)
        try fixture.offer("c", ["one": "good", "two": "2 of c"])
        try fixture.sync(.changed)
        #expect(inspected(key) == 5)
        fixture.section[1] = "inspected: \(key)x"
        try fixture.sync(.unchanged)
        #expect(inspected(key) == 5 && inspected("\(key)x") == 4)
        let strict = try PartsFixture()
        strict.section += ["inspected: \(key)y", "on_missing: fail"]
        try strict.offer("c", ["one": "BAD"])
        #expect(try strict.sync(.failed).errors.map(\.code) == [.signature])
    }

    @Test("a file of which upstream declares nothing is looked at each time, and may not be larger than its limit")
    func undeclared() throws {
        let fixture = try PartsFixture()
        try fixture.offer("a", ["one": "first"], isDeclared: false)
        try fixture.sync(.changed)
        let digest = sha256(of: Array("first".utf8)).hex
        #expect(try fixture.published("parts/a.txt") == "\(digest) files/a/one\n")
        try fixture.home.write("second", to: "files/a/one")
        fixture.parts = ["a", "b"]
        try fixture.sync(.changed)
        #expect(try fixture.published("files/a/one") == "second")
        try fixture.home.write(String(repeating: "x", count: 1001), to: "files/a/one")
        fixture.parts = ["a"]
        #expect(try fixture.sync(.partial).errors.map(\.code) == [.tooLarge])
        #expect(try fixture.published("files/a/one") == "second")
    }
}

@Suite("Where upstream leads")
struct UpstreamLeadTests {
    @Test("credentials go to the configured origin, and never to another that a page names")
    func credentials() throws {
        let fixture = try PartsFixture()
        fixture.section += ["username: ci", "password: secret"]
        fixture.server.fault("*", .basicAuth(user: "ci", password: "secret"))
        try fixture.sync(.changed)
        #expect(fixture.files.requests.count == 3 && fixture.files.requests.allSatisfy { $0["Authorization"] == nil })
    }

    @Test("a page that leads into this machine's files is refused, unless the upstream itself is of this machine")
    func files() throws {
        let fixture = try PartsFixture()
        let secret = try fixture.home.write("private", to: "secret")
        try fixture.home.write("- one file://\(secret)\n", to: "up/parts/b/index.html")
        let report = try fixture.sync(.partial)
        #expect(report.errors.map(\.code) == [.unsafePath] && report.packages == 2)
        fixture.section = ["upstream: 'file://\(fixture.home.path("up"))'"]
        fixture.parts = ["b"]
        try fixture.sync(.changed)
        #expect(try fixture.published("files/b/one") == "private")
    }

    @Test("a list of mirrors takes the place of the upstream; what it names never sees the credentials")
    func mirrorlist() throws {
        let lists = try LoopbackServer(.nothing)
        let fixture = try PartsFixture()
        fixture.section = ["mirrorlist: \(lists.url("list"))", "username: ci", "password: secret"]
        let server = fixture.server.url
        lists.fault(
            "/list", .basicAuth(user: "ci", password: "secret"),
            .answer { _ in LoopbackResponse(status: 200, text: "\(server)/\n") })
        let report = try fixture.sync(.changed)
        #expect(report.packages == 3)
        #expect(fixture.server.requests.allSatisfy { $0["Authorization"] == nil })
        let record = try #require(try fixture.engine().records.latestGeneration(of: "demo"))
        #expect(record.upstream == [server])
        try fixture.sync(.unchanged)
        #expect(lists.requests.count >= 2)
        lists.clearFaults()
        lists.fault("/list", .answer { _ in LoopbackResponse(status: 200, text: "file:///etc\n") })
        #expect(try fixture.sync(.failed).errors.map(\.code) == [.unsafePath])
    }
}

@Suite("Files of a tree")
struct TreeFileTests {
    @Test("they name the generation, under every name, and are no part of the manifest")
    func mirrorlist() throws {
        let fixture = try PartsFixture()
        fixture.section.append("public_url: https://packages.example/m/")
        try fixture.sync(.changed)
        func line(_ name: String) throws -> String { try fixture.home.text("store/public/\(name)/mirrorlist") }
        #expect(try line("demo") == "https://packages.example/m/demo@1/\n")
        let record = try #require(try fixture.engine().records.latestGeneration(of: "demo"))
        #expect(try fixture.engine().store.records.manifest(record.manifest)[RepositoryPath("mirrorlist")] == nil)
        try fixture.sync(.unchanged)
        try fixture.offer("a", ["two": "2 of a"])
        try fixture.sync(.changed)
        #expect(try line("demo") == "https://packages.example/m/demo@2/\n")
        #expect(try line("demo@1") == "https://packages.example/m/demo@1/\n")
        let engine = try fixture.engine()
        _ = try engine.createSnapshots(of: [StateReference("demo@1")], name: "old")
        _ = try engine.publish(StateReference("demo@old"), as: nil)
        #expect(try line("demo") == "https://packages.example/m/demo@1/\n")
        #expect(try line("demo@old") == "https://packages.example/m/demo@1/\n")
        _ = try engine.publish(StateReference("demo"), as: nil)
        #expect(try line("demo") == "https://packages.example/m/demo@2/\n")
        let report = try engine.verify([], options: VerificationOptions()) { _, _ in }
        #expect(report.defects.isEmpty, "\(report.defects)")
        _ = try engine.collectGarbage(dryRun: false, grace: 0)
        #expect(try engine.verify([], options: VerificationOptions()) { _, _ in }.defects.isEmpty)
        #expect(try line("demo@1") == "https://packages.example/m/demo@1/\n")
    }

    @Test("another public_url is another generation of the same manifest")
    func otherURL() throws {
        let fixture = try PartsFixture()
        fixture.section.append("public_url: https://packages.example")
        let first = try fixture.sync(.changed)
        fixture.section[1] = "public_url: https://other.example"
        let second = try fixture.sync(.changed)
        #expect(second.manifest == first.manifest && second.generation == 2)
        #expect(try fixture.published("mirrorlist") == "https://other.example/demo@2/\n")
        fixture.section.removeLast()
        try fixture.sync(.changed)
        #expect(!fixture.isPublished("mirrorlist"))
        try fixture.sync(.unchanged)
    }
}
