import Basics
import Hashing
import Store
import Synchronization
import TestSupport
import Testing

@testable import Mirroring

@Suite("Views")
struct ViewTests {
    @Test("a view holds what its members hold, names their states, and follows them")
    func follows() throws {
        let fixture = try ViewFixture()
        try fixture.syncAll()
        #expect(try fixture.published("index.txt") == "files/a/mine\nfiles/a/shared\nfiles/a/yours\n")
        #expect(try fixture.published("files/a/yours") == "of the right")
        let records = try fixture.engine().records
        let first = try #require(try records.latestGeneration(of: "both"))
        #expect(first.members == ["left@1", "right@1"] && first.packages == 3 && first.type == "parts")
        #expect(first.upstream == [] && first.verified == false)

        try fixture.offer("right", ["shared": "same", "theirs": "new"])
        try fixture.sync("right")
        try fixture.sync("both")
        #expect(try fixture.published("index.txt") == "files/a/mine\nfiles/a/shared\nfiles/a/theirs\n")
        #expect(try records.latestGeneration(of: "both")?.members == ["left@1", "right@2"])
        // What was dropped stays for clients that have read the old index.
        #expect(try fixture.published("files/a/yours") == "of the right")
    }

    @Test("where no member has changed, nothing is written")
    func unchanged() throws {
        let fixture = try ViewFixture()
        try fixture.syncAll()
        let before = try fixture.listing()
        try fixture.sync("both", .unchanged)
        try fixture.sync("left", .unchanged)
        try fixture.sync("both", .unchanged)
        #expect(try fixture.listing() == before)
        #expect(try fixture.sync("both", .unchanged, full: true).generation == 1)
        // Another order may lead to another choice: the view is made again, and is the same.
        fixture.views = ["both: {of: [right, left]}"]
        try fixture.sync("both", .unchanged)
        #expect(try fixture.listing() == before)
    }

    @Test("a member without a state is named, and a dry run says that nothing can be told yet")
    func missingMember() throws {
        let fixture = try ViewFixture()
        try fixture.sync("left")
        let report = try fixture.sync("both", .failed)
        #expect(report.errors.first?.code == .notFound)
        #expect(report.errors.first?.message.contains("'right', which has no state yet") == true)
        #expect(report.errors.first?.hint == "chantal sync right")
        let dry = try fixture.sync("both", .changed, dryRun: true)
        #expect(dry.warnings.contains { $0.contains("'right'") } && dry.generation == nil)
        #expect(!fixture.home.exists("store/public/both"))
        try fixture.sync("right")
        try fixture.sync("both")
    }

    @Test("the last good state of a member whose sync has failed is part of the view")
    func failedMember() throws {
        let fixture = try ViewFixture()
        try fixture.syncAll()
        try fixture.offer("left", ["shared": "same", "mine": "again"])
        try fixture.sync("left")
        fixture.server.fault("/right/*", .status(500))
        try fixture.sync("right", .partial)
        try fixture.sync("both")
        #expect(try fixture.published("files/a/yours") == "of the right")
        #expect(try fixture.published("files/a/mine") == "again")
        let record = try #require(try fixture.engine().records.latestGeneration(of: "both"))
        #expect(record.members == ["left@2", "right@1"])
        #expect(record.incomplete.first?.hasPrefix("right: ") == true)
    }

    @Test("two members with other bytes at one path both have them, the later one below its name")
    func collision() throws {
        let fixture = try ViewFixture()
        try fixture.offer("right", ["shared": "other", "yours": "of the right"])
        try fixture.syncAll()
        #expect(try fixture.published("files/a/shared") == "same")
        #expect(try fixture.published("right/files/a/shared") == "other")
    }

    @Test("a snapshot of a view holds all members as they were, whatever they become")
    func snapshot() throws {
        let fixture = try ViewFixture()
        try fixture.syncAll()
        let engine = try fixture.engine()
        _ = try engine.createSnapshots(of: [try StateReference("both")], name: "frozen")
        try fixture.offer("left", ["new": "new"])
        try fixture.offer("right", ["newer": "newer"])
        try fixture.syncAll()
        for name in ["left", "right"] { _ = try engine.deleteRepository(name, dryRun: false) }
        _ = try engine.collectGarbage(dryRun: false, grace: 0)
        #expect(try fixture.published("index.txt", "both@frozen") == "files/a/mine\nfiles/a/shared\nfiles/a/yours\n")
        #expect(try fixture.published("files/a/mine", "both@frozen") == "of the left")
        #expect(try fixture.published("files/a/newer") == "newer")
    }

    @Test("metadata of a view that the store has lost is made again by a full sync")
    func lost() throws {
        let fixture = try ViewFixture()
        try fixture.syncAll()
        let engine = try fixture.engine()
        let record = try #require(try engine.records.latestGeneration(of: "both"))
        let index = try #require(try engine.records.manifest(record.manifest)[try RepositoryPath("index.txt")])
        let blob = "store/blobs/sha256/\(index.digest.hex.prefix(2))/\(index.digest.hex)"
        try Files.remove(fixture.home.path(blob))
        try fixture.sync("both", .unchanged)
        #expect(!fixture.home.exists(blob))
        // From its tree, which has it still.
        try fixture.sync("both", .unchanged, full: true)
        #expect(fixture.home.exists(blob))
        try Files.remove(fixture.home.path(blob))
        try Files.remove(fixture.home.path("store/public/.trees"))
        try fixture.sync("both", full: true)
        #expect(fixture.home.exists(blob))
        try fixture.sync("both", .unchanged, full: true)
    }

    @Test("a view is whole whatever its members' syncs and gc do meanwhile")
    func concurrent() throws {
        let fixture = try ViewFixture()
        try fixture.syncAll()
        let engine = try fixture.engine()
        let section = { (name: String) in try engine.configuration.section(named: name) }
        let (left, both) = (try section("left"), try section("both"))
        let problems = Mutex<[String]>([])
        let rounds = 12
        let offers = Offers(fixture)
        Workers.run(3, width: 3) { worker in
            do {
                for round in 1...rounds {
                    switch worker {
                    case 0:
                        try offers.next(round)
                        let report = engine.sync(left, SyncOptions())
                        if report.status != .changed { problems.withLock { $0.append("left: \(report.errors)") } }
                    case 1:
                        let report = engine.sync(both, SyncOptions())
                        if ![.changed, .unchanged].contains(report.status) {
                            problems.withLock { $0.append("both: \(report.errors)") }
                        }
                    default: _ = try engine.collectGarbage(dryRun: false, grace: 0)
                    }
                }
            } catch { problems.withLock { $0.append("\(error)") } }
        }
        #expect(problems.withLock { $0 } == [])
        _ = engine.sync(both, SyncOptions())
        for number in try engine.records.generations(of: "both") {
            let record = try engine.records.generation(number, of: "both")
            for entry in try engine.records.manifest(record.manifest).entries {
                #expect(try engine.store.blobs.size(of: entry.digest) == entry.size, "\(number): \(entry.path)")
            }
        }
        #expect(try fixture.published("files/a/mine") == "round \(rounds)")
    }

    /// Changes what the left has, from one thread.
    private final class Offers: @unchecked Sendable {
        private let fixture: ViewFixture
        init(_ fixture: ViewFixture) { self.fixture = fixture }
        func next(_ round: Int) throws {
            try fixture.offer("left", ["shared": "same", "mine": "round \(round)", "more\(round)": "\(round)"])
        }
    }

    @Test("a view has a retention, and gives up its oldest generations as any repository")
    func retention() throws {
        let fixture = try ViewFixture()
        fixture.views = ["both: {of: [left, right], retention: {generations: 2}}"]
        try fixture.syncAll()
        for number in 2...4 {
            try fixture.offer("left", ["mine": "\(number)"])
            try fixture.sync("left")
            try fixture.sync("both")
        }
        #expect(try fixture.engine().records.generations(of: "both") == [3, 4])
    }

    @Test("a view is a section of the configuration, and no repository")
    func section() throws {
        let fixture = try ViewFixture()
        let engine = try fixture.engine()
        let section = try engine.configuration.section(named: "both")
        #expect(section.isView && section.isRegenerated && !section.isHosted && section.members == ["left", "right"])
        #expect(throws: ChantalError.self) { try engine.configuration.repository(named: "both") }
        #expect(engine.configuration["nothing"] == nil)
    }
}

@Suite("Paths of several repositories in one tree")
struct UnitedPathsTests {
    private let one = sha256(of: [1])
    private let two = sha256(of: [2])

    @Test("files keep their paths, or all move below their member")
    func places() throws {
        var paths = UnitedPaths(reserved: [try RepositoryPath("dists")])
        func place(_ files: [(String, Digest)], _ member: String) throws -> String? {
            try paths.place(files.map { (try RepositoryPath($0.0), $0.1) }, of: member)?.description
        }
        #expect(try place([("pool/a", one)], "x") == nil)
        #expect(try place([("pool/a", one)], "y") == nil)
        #expect(try place([("pool/a", two)], "y") == "y")
        #expect(try place([("pool/a", two)], "y") == "y")
        #expect(try place([("pool/b", one), ("pool/a", two)], "z") == "z")
        // Nothing was taken of what did not fit as a whole.
        #expect(try place([("pool/b", two)], "x") == nil)
    }

    @Test("a file is no directory, and metadata has its own places")
    func directories() throws {
        var paths = UnitedPaths(reserved: [try RepositoryPath("dists"), try RepositoryPath("x")])
        func place(_ path: String, _ digest: Digest, _ member: String) throws -> String? {
            try paths.place([(try RepositoryPath(path), digest)], of: member)?.description
        }
        #expect(try place("a", one, "m") == nil)
        #expect(try place("a/b", one, "m") == "m")
        #expect(try place("c/d/e", one, "m") == nil)
        #expect(try place("c/d", one, "n") == "n")
        #expect(try place("dists/f", one, "m") == "m")
        #expect(try place("dists", one, "n") == "n")
        // A member may be called what a directory is called.
        #expect(try place("dists/g", one, "x") == "x-2")
    }
}
