import Basics
import Compression
import Foundation
import Store
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

@Suite struct VerbatimMirrorTests {
    /// What a suite's Release names below the suite, by upstream's file.
    func listed(_ fixture: MirrorFixture, _ suite: DebianSuite) throws -> [ReleaseEntry] {
        try ReleaseFile(parsing: Files.read(fixture.upstream.path(suite.path("Release"))), file: "Release").entries
    }

    @Test("every file that InRelease and its indices name is upstream's byte for byte; a real apt installs from it")
    func whole() throws {
        var suite = DebianSuite("stable", components: ["main", "contrib"], architectures: ["amd64", "arm64"])
        suite.allPackages = .both
        suite.components11 = true
        suite.commandNotFound = true
        suite.servesPlain = false
        suite.hashes = ["MD5Sum", "SHA256", "SHA512"]
        let fixture = try MirrorFixture([suite], "sources: true", "udebs: true")
        let upstream = fixture.upstream
        try upstream.add(DebianPackage("hello", "1:2.0+b1~x-1"))
        try upstream.add(DebianPackage("data", architecture: "all"))
        try upstream.add(DebianPackage("other", architecture: "arm64"), component: "contrib")
        try upstream.add(DebianPackage("boot", isUdeb: true))
        try upstream.add(DebianSource("hello", "2.0-1"))
        try upstream.publish()
        let report = try fixture.syncChanged()
        #expect(report.packages == 5)

        let published = try fixture.publishedFiles()
        var expected = Set(try Files.walk(upstream.root))
        // Upstream may have more by hash than by name: what it lists by a weaker hash, and earlier states.
        expected = expected.filter { !$0.contains("/by-hash/") }
        for path in expected { #expect(try fixture.published(path) == Files.read(upstream.path(path)), "\(path)") }
        // Nothing else but what is listed, and what is there by its hash.
        let names = Set(try listed(fixture, suite).map { suite.path($0.path.description) })
        for path in published where !expected.contains(path) {
            #expect(names.contains(path) || path.contains("/by-hash/SHA"), "\(path)")
        }
        expected.subtract(published)
        #expect(expected.isEmpty)
        for entry in try listed(fixture, suite) {
            let path = suite.path(entry.path.description)
            guard fixture.isPublished(path) else { continue }
            for algorithm in [ChecksumAlgorithm.sha256, .sha512] {
                let checksum = try #require(entry.checksum(algorithm))
                let name = try RepositoryPath(path).byHash(checksum).description
                #expect(try fixture.published(name) == fixture.published(path), "\(name)")
            }
        }

        let (client, server) = try fixture.apt(components: ["main", "contrib"], isSource: true)
        try client.update().checked()
        try client.installDownloadOnly("hello", "data").checked()
        try client.source("hello").checked()
        #expect(try client.packageFiles().count == 2)
        server.stop()
    }

    @Test("no change is one request; a change fetches what is new, and what is gone upstream disappears")
    func changes() throws {
        let fixture = try MirrorFixture()
        try fixture.upstream.add(DebianPackage("a"))
        let gone = try fixture.upstream.add(DebianPackage("b"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        let again = try fixture.sync()
        #expect(again.status == .unchanged && again.generation == 1)
        #expect(fixture.server.requests.map(\.path) == ["/dists/stable/InRelease"])
        #expect(fixture.server.requests[0].status == 304)

        try fixture.upstream.remove("b")
        try fixture.upstream.add(DebianPackage("c"))
        try fixture.upstream.publish()
        let report = try fixture.syncChanged()
        #expect(report.packages == 2)
        #expect(fixture.server.requests(matching: "*.deb").map(\.path) == ["/pool/main/c/c/c_1.0-1_amd64.deb"])
        #expect(try fixture.state().manifest[RepositoryPath(gone)] == nil)

        let full = try fixture.sync(full: true)
        #expect(full.status == .unchanged && full.generation == 2)
    }

    @Test("another choice of indices is another generation, though upstream has not changed")
    func otherChoice() throws {
        let fixture = try MirrorFixture()
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        #expect(fixture.isPublished("dists/stable/main/Contents-amd64.gz"))
        fixture.section.append("contents: false")
        try fixture.syncChanged()
        #expect(try fixture.state().manifest.entries.allSatisfy { !$0.path.description.contains("Contents-") })
    }

    @Test("a suite with Release and Release.gpg alone: verified, and no change is two requests")
    func detached() throws {
        var suite = DebianSuite("stable")
        suite.writesInRelease = false
        let fixture = try MirrorFixture([suite])
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        #expect(try fixture.sync().status == .unchanged)
        #expect(fixture.server.requests.map(\.path) == ["/dists/stable/Release", "/dists/stable/Release.gpg"])
        let (client, server) = try fixture.apt()
        try client.update().checked()
        server.stop()
        // InRelease appears.
        try fixture.upstream.change { $0.writesInRelease = true }
        try fixture.upstream.publish()
        try fixture.syncChanged()
        #expect(fixture.isPublished("dists/stable/InRelease"))
    }

    @Test("a Release that is of another state than InRelease is left out")
    func disagreeing() throws {
        let fixture = try MirrorFixture()
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        try Files.write(Array("Suite: other\n".utf8), to: fixture.upstream.path("dists/stable/Release"))
        try fixture.syncChanged()
        #expect(fixture.isPublished("dists/stable/InRelease") && !fixture.isPublished("dists/stable/Release"))
        #expect(fixture.observer.warnings.contains { $0.contains("dists/stable/Release") })
    }

    @Test(
        "flat repositories, at the root and in a directory; suites with a slash",
        arguments: ["./", "sub/", "stable/updates"])
    func layouts(name: String) throws {
        var suite = DebianSuite(name)
        suite.contents = false
        let fixture = try MirrorFixture([suite])
        try fixture.upstream.add(DebianPackage("a", "1.0+x~y"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        for path in try Files.walk(fixture.upstream.root) where !path.contains("by-hash/MD5Sum/") {
            #expect(try fixture.published(path) == Files.read(fixture.upstream.path(path)), "\(path)")
        }
        let (client, server) = try fixture.apt(suite: name)
        try client.update().checked()
        try client.installDownloadOnly("a").checked()
        server.stop()
        var rows: [PackageRow] = []
        try APTEcosystem.packages(in: fixture.state()) { rows.append($0) }
        #expect(rows.map(\.name) == ["a"] && rows[0].digest != nil)
        #expect(rows[0].group == ["./": "", "sub/": "sub", "stable/updates": "stable/updates/main"][name])
    }

    @Test("several suites share a pool; a package that both list is fetched once")
    func suites() throws {
        let fixture = try MirrorFixture([DebianSuite("stable"), DebianSuite("testing")])
        let package = DebianPackage("a")
        let path = try fixture.upstream.add(package, suite: "stable")
        try fixture.upstream.share(package, path: path, suite: "testing")
        try fixture.upstream.add(DebianPackage("a", "2.0-1"), suite: "testing")
        try fixture.upstream.publish()
        let report = try fixture.syncChanged()
        #expect(report.packages == 2 && fixture.server.requests(matching: "*.deb").count == 2)
        #expect(try fixture.sync().status == .unchanged && fixture.server.requests.count == 2)
        var rows: [PackageRow] = []
        try APTEcosystem.packages(in: fixture.state()) { rows.append($0) }
        #expect(
            Set(rows.map { "\($0.group) \($0.name) \($0.version)" })
                == ["stable/main a 1.0-1", "testing/main a 1.0-1", "testing/main a 2.0-1"])
    }

    @Test("SHA512 alone is enough; MD5 and SHA1 only if the user says so")
    func hashes() throws {
        var suite = DebianSuite("stable")
        suite.hashes = ["SHA512"]
        suite.stanzaHashes = ["SHA512"]
        let strong = try MirrorFixture([suite])
        try strong.upstream.add(DebianPackage("a"))
        try strong.upstream.publish()
        try strong.syncChanged()
        let full = try strong.sync(full: true)
        #expect(full.status == .unchanged, "\(full)")
        #expect(strong.server.requests(matching: "*.deb").isEmpty, "fetched by hash once is never fetched again")
        let (client, server) = try strong.apt()
        try client.update().checked()
        try client.installDownloadOnly("a").checked()
        server.stop()

        suite.hashes = ["MD5Sum", "SHA1"]
        suite.stanzaHashes = ["MD5sum", "SHA1"]
        let weak = try MirrorFixture([suite])
        try weak.upstream.add(DebianPackage("a"))
        try weak.upstream.publish()
        try weak.syncFails(.malformed, "dists/stable/InRelease", "MD5")
        weak.section.append("allow_weak_hashes: true")
        try weak.syncChanged()
    }

    @Test("pdiffs and empty repositories")
    func patchesAndEmptiness() throws {
        var suite = DebianSuite("stable")
        suite.pdiffs = true
        let fixture = try MirrorFixture([suite], "pdiffs: true")
        try fixture.upstream.publish()
        let empty = try fixture.syncChanged()
        #expect(empty.packages == 0)
        let (client, server) = try fixture.apt()
        try client.update().checked()
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        let patches = try fixture.publishedFiles().filter { $0.contains("Packages.diff/") && $0.hasSuffix(".gz") }
        #expect(!patches.isEmpty)
        try client.update().checked()
        try client.installDownloadOnly("a").checked()
        server.stop()
    }

    @Test(
        "an index that upstream lists and lacks is told, asked for again, and not given up once it was there",
        arguments: [false, true])
    func absentIndices(isFiltered: Bool) throws {
        let section = isFiltered ? ["filter: {include: [\"*\"]}"] : []
        let fixture = try MirrorFixture([DebianSuite("stable")])
        fixture.section += section
        let translation = "dists/stable/main/i18n/Translation-en"
        func isThere() throws -> Bool { try fixture.publishedFiles().contains { $0.hasPrefix(translation) } }
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()

        fixture.server.fault("*/i18n/*", .status(404))
        let lacking = try fixture.syncChanged()
        #expect(
            try !isThere() && fixture.publishedText("dists/stable/main/binary-amd64/Packages").contains("Package: a"))
        #expect(lacking.warnings.contains { $0.contains(translation) }, "\(lacking.warnings)")
        let record = try #require(
            try StoreDirectory.open(at: fixture.home.path("store")).records.latestGeneration(of: "debian"))
        #expect(record.incomplete.contains { $0.contains(translation) }, "\(record.incomplete)")
        #expect(try fixture.sync().status == .unchanged)

        fixture.server.clearFaults()
        try fixture.syncChanged()
        #expect(try isThere())
        #expect(try fixture.sync().status == .unchanged && fixture.server.requests.count == 1)

        try fixture.upstream.add(DebianPackage("b"))
        try fixture.upstream.publish()
        fixture.server.fault("*/i18n/*", .status(404))
        try fixture.syncFails(.missing, translation, "had it before")
        #expect(try isThere())
        fixture.section.append("allow_missing: [\"*/i18n/*\"]")
        try fixture.syncChanged()
        #expect(try !isThere())
        fixture.server.clearFaults()
        try fixture.syncChanged()
        #expect(try isThere())
    }

    @Test("a list of packages may be missing where the user says so")
    func allowedIndex() throws {
        let suite = DebianSuite("stable", components: ["main", "contrib"])
        let fixture = try MirrorFixture([suite])
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.add(DebianPackage("b"), component: "contrib")
        try fixture.upstream.publish()
        fixture.server.fault("*/contrib/binary-amd64/Packages*", .status(404))
        fixture.server.fault("*/contrib/binary-amd64/by-hash/*", .status(404))
        try fixture.syncFails(.missing, "dists/stable/contrib/binary-amd64/Packages")
        fixture.section.append("allow_missing: [\"dists/*/contrib/binary-amd64/Packages\"]")
        #expect(try fixture.syncChanged().packages == 1)
        fixture.server.clearFaults()
        #expect(try fixture.syncChanged().packages == 2)
    }

    @Test("a real apt installs from trees that have their directories in common, also what the state before held")
    func sharedDirectories() throws {
        let fixture = try MirrorFixture([DebianSuite("stable")], "sources: true")
        fixture.largeTree = 2
        for name in ["a", "b", "c"] { try fixture.upstream.add(DebianPackage(name)) }
        try fixture.upstream.add(DebianSource("hello", "2.0-1"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        let (client, server) = try fixture.apt(isSource: true)
        try client.update().checked()
        try client.installDownloadOnly("a", "b").checked()
        try fixture.upstream.remove("a")
        try fixture.upstream.add(DebianPackage("a", "2.0-1"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        let shared = try Files.walk(fixture.home.path("store/public/.shared"))
        #expect(shared.contains { $0.hasSuffix("/c_1.0-1_amd64.deb") }, "\(shared)")
        // Its lists are of the state before.
        try client.download("a").checked()
        try client.update().checked()
        try client.download("a=2.0-1").checked()
        try client.installDownloadOnly("c").checked()
        try client.source("hello").checked()
        server.stop()
    }

    @Test("a file at two paths is fetched once, and is there at both; where it fails, both are named")
    func twins() throws {
        let fixture = try MirrorFixture([DebianSuite("stable"), DebianSuite("testing")])
        let package = DebianPackage("a")
        let path = try fixture.upstream.add(package, suite: "stable")
        let copy = "pool/other/a_1.0-1_amd64.deb"
        try Files.copy(fixture.upstream.path(path), to: fixture.upstream.path(copy))
        try fixture.upstream.share(package, path: copy, suite: "testing")
        try fixture.upstream.publish()
        fixture.server.fault("*.deb", .status(404))
        try fixture.syncFails(.missing, path)
        let failed = try fixture.sync()
        #expect(failed.errors.count == 2, "\(failed.errors)")
        fixture.server.clearFaults()
        try fixture.syncChanged()
        #expect(fixture.server.requests(matching: "*.deb").count == 1)
        #expect(try fixture.published(path) == fixture.published(copy))
    }
}
