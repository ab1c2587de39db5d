import Basics
import Compression
import Foundation
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

@Suite struct FilteredMirrorTests {
    func fixture(_ filter: String, _ suite: DebianSuite = DebianSuite("stable"), _ section: String...) throws
        -> MirrorFixture
    {
        let fixture = try MirrorFixture([suite])
        fixture.section += ["filter: \(filter)"] + section
        return fixture
    }

    /// The packages of a published index, as `name version`.
    func packages(_ fixture: MirrorFixture, _ path: String = "dists/stable/main/binary-amd64/Packages") throws
        -> [String]
    {
        var names: [String] = []
        var scanner = StanzaScanner(file: path)
        func take(_ stanza: Stanza) throws {
            let package = PackagesStanza(stanza, file: path)
            names.append("\(try package.name.text) \(try package.version.text)")
        }
        try fixture.published(path).withUnsafeBytes { try scanner.write($0, take) }
        try scanner.finish(take)
        return names.sorted()
    }

    @Test(
        "a filtered mirror is written anew with the user's key: apt installs from it, and upstream's signature is nowhere"
    )
    func whole() throws {
        var suite = DebianSuite("stable")
        suite.fields = [("Version", "12.5"), ("NotAutomatic", "yes"), ("ButAutomaticUpgrades", "yes"), ("X-Else", "1")]
        suite.components11 = true
        let fixture = try fixture(
            "{include: [\"nginx*\"], latest: 1}", suite, "sources: true", "label: Mine", "valid_for: 14d")
        let upstream = fixture.upstream
        try upstream.add(
            DebianPackage(
                "nginx", "1.22.1-9", fields: [("Phased-Update-Percentage", "10"), ("X-Unknown", "kept")]))
        try upstream.add(DebianPackage("nginx", "1.22.1-9~bpo1"))
        try upstream.add(DebianPackage("nginx-doc", architecture: "all", description: "docs\nLong docs."))
        try upstream.add(DebianPackage("apache2"))
        try upstream.add(DebianSource("nginx", "1.22.1-9"))
        try upstream.add(DebianSource("apache2"))
        try upstream.publish()
        let report = try fixture.syncChanged()
        #expect(report.packages == 3)
        #expect(try packages(fixture) == ["nginx 1.22.1-9", "nginx-doc 1.0-1"])

        // Every kept stanza is upstream's byte for byte.
        let original = String(
            decoding: try Files.read(upstream.path("dists/stable/main/binary-amd64/Packages")), as: UTF8.self)
        for stanza in try fixture.publishedText("dists/stable/main/binary-amd64/Packages").split(separator: "\n\n") {
            #expect(original.contains(stanza))
        }
        #expect(original.contains("Phased-Update-Percentage: 10"))
        // Each form decompresses to the plain one, and each has its by-hash names.
        let release = try ReleaseFile(parsing: fixture.published("dists/stable/Release"), file: "Release")
        #expect(release.algorithms == [.sha256, .sha512])
        for entry in release.entries {
            let path = "dists/stable/\(entry.path)"
            let bytes = try fixture.published(path)
            let format = CompressionFormat.ofName(entry.path.name)
            let plain = try Decompressor.decompress(bytes, format, limit: nil)
            #expect(try plain == fixture.published("dists/stable/\(IndexSelection.plainPath(entry.path, format))"))
            for checksum in entry.checksums {
                #expect(try fixture.published(RepositoryPath(path).byHash(checksum).description) == bytes)
            }
        }
        #expect(release.origin == "Test" && release.label == "Mine" && release.version == "12.5")
        #expect(release.notAutomatic && release.butAutomaticUpgrades && release.acquireByHash)
        #expect(release.architectures == ["amd64"] && release.components == ["main"])
        #expect(release.validUntil! - release.date! == 14 * 86_400)
        let translation = try fixture.publishedText("dists/stable/main/i18n/Translation-en")
        #expect(translation.contains("Package: nginx-doc") && !translation.contains("Package: apache2"))
        // Upstream's metadata is nowhere.
        let upstreams = Set(try Files.walk(upstream.path("dists")).map { try Files.read(upstream.path("dists/\($0)")) })
        for path in try fixture.publishedFiles() where path.hasPrefix("dists/") && !path.contains("dep11") {
            let bytes = try fixture.published(path)
            if path.contains("Release") { #expect(!upstreams.contains(bytes), "\(path)") }
        }

        let (client, server) = try fixture.apt(keyring: fixture.ownKeyring, isSource: true)
        try client.update().checked()
        try client.installDownloadOnly("nginx", "nginx-doc").checked()
        try client.source("nginx").checked()
        #expect(try client.source("apache2").status != 0)
        server.stop()
        let (stranger, other) = try fixture.apt()
        #expect(try stranger.update().status != 0, "upstream's key opens nothing")
        other.stop()
        #expect(try fixture.published("chantal-key.gpg").first.map { $0 & 0x80 != 0 } == true)
        let (own, third) = try fixture.apt(keyring: "\(fixture.publicPath)/chantal-key.asc")
        try own.update().checked()
        third.stop()
    }

    static let filters: [(filter: String, kept: [String])] = [
        ("{include: [\"/^lib/\"]}", ["liba 1.0-1", "liba 2.0-1", "liba 3.0~rc1-1"]),
        ("{include: [\"liba (>= 2)\"]}", ["liba 2.0-1", "liba 3.0~rc1-1"]),
        ("{include: [\"liba (<< 3)\"], latest: 1}", ["liba 2.0-1"]),
        ("{latest: 1}", ["big 1.0-1", "game 1.0-1", "liba 3.0~rc1-1", "need 1.0-1"]),
        ("{latest: 2, exclude: [\"*a*\"]}", ["big 1.0-1", "need 1.0-1"]),
        ("{sections: [games]}", ["game 1.0-1"]),
        ("{priorities: [required]}", ["need 1.0-1"]),
        ("{max_size: 20KB, exclude: [\"lib*\"]}", ["game 1.0-1", "need 1.0-1"]),
        ("{include: [nosuch]}", []),
    ]

    @Test("filters take what they say")
    func filtering() throws {
        let fixture = try fixture("{}")
        for version in ["1.0-1", "2.0-1", "3.0~rc1-1"] { try fixture.upstream.add(DebianPackage("liba", version)) }
        try fixture.upstream.add(DebianPackage("game", section: "contrib/games"))
        try fixture.upstream.add(DebianPackage("need", priority: "required"))
        var random = SeededGenerator(seed: 1)
        try fixture.upstream.add(
            DebianPackage("big", content: (0..<40_000).map { _ in UInt8.random(in: 0...255, using: &random) }))
        try fixture.upstream.publish()
        for (filter, kept) in FilteredMirrorTests.filters {
            fixture.section[2] = "filter: \(filter)"
            let report = try fixture.sync()
            #expect(report.errors.isEmpty, "\(filter): \(report.errors)")
            #expect(try packages(fixture) == kept, "\(filter)")
            let pool = try fixture.state().manifest.entries.filter { $0.role == .package }
            #expect(pool.count == kept.count, "\(filter)")
        }
        // The last one is empty, and valid.
        let (client, server) = try fixture.apt(keyring: fixture.ownKeyring)
        try client.update().checked()
        server.stop()
    }

    @Test("the same input gives the same bytes but for Date and signatures; no change is one request and no generation")
    func deterministic() throws {
        let fixture = try fixture("{exclude: [b]}")
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.add(DebianPackage("b"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        #expect(try fixture.sync().status == .unchanged)
        #expect(fixture.server.requests.count == 1)
        #expect(try fixture.sync(full: true).status == .unchanged)
        let first = try fixture.state()
        // Another configuration with the same selection, and another Release file.
        pause(seconds: 1.1)
        fixture.section[2] = "filter: {include: [a]}"
        fixture.section.append("label: Other")
        try fixture.syncChanged()
        let second = try fixture.state()
        func indexes(_ state: StateReader) -> [String] {
            state.manifest.entries.filter { $0.role != .pointer }.map { "\($0.path) \($0.digest)" }
        }
        #expect(indexes(first) == indexes(second))
    }

    @Test("a package missing upstream is out of the indices if that is allowed")
    func missing() throws {
        let fixture = try fixture("{include: [a, b]}", DebianSuite("stable"), "allow_missing: [\"pool/main/b/*\"]")
        try fixture.upstream.add(DebianPackage("a"))
        let path = try fixture.upstream.add(DebianPackage("b"))
        try fixture.upstream.publish()
        try fixture.upstream.lose(path)
        try fixture.syncChanged()
        #expect(try packages(fixture) == ["a 1.0-1"])
    }

    @Test("debs never lie below dists/")
    func moved() throws {
        let fixture = try fixture("{include: [a]}")
        let path = try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        let inDists = "dists/stable/main/binary-amd64/a_1.0-1_amd64.deb"
        try Files.copy(fixture.upstream.path(path), to: fixture.upstream.path(inDists))
        fixture.upstream.rewriteIndex = { name, bytes in
            name.hasSuffix("Packages")
                ? Array(
                    String(decoding: bytes, as: UTF8.self).replacing("Filename: \(path)", with: "Filename: \(inDists)")
                        .utf8)
                : bytes
        }
        try fixture.upstream.publish()
        try fixture.syncChanged()
        #expect(fixture.isPublished("pool/stable/main/binary-amd64/a_1.0-1_amd64.deb") && !fixture.isPublished(inDists))
        let (client, server) = try fixture.apt(keyring: fixture.ownKeyring)
        try client.update().checked()
        try client.installDownloadOnly("a").checked()
        server.stop()
    }

    @Test("min_age holds back what is new, and lets it through when its time has come")
    func quarantine() throws {
        let fixture = try fixture("{min_age: 2s}")
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        #expect(try packages(fixture) == ["a 1.0-1"], "what the first sync finds is old enough")
        try fixture.upstream.add(DebianPackage("a", "2.0-1"))
        try fixture.upstream.publish()
        _ = try fixture.sync()
        #expect(try packages(fixture) == ["a 1.0-1"])
        pause(seconds: 3)
        try fixture.syncChanged()
        #expect(try packages(fixture) == ["a 1.0-1", "a 2.0-1"])
    }

    @Test("flat repositories are filtered, too; unsigned if the user says so")
    func flat() throws {
        let fixture = try fixture("{include: [a]}", DebianSuite("./"), "sign: false")
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.add(DebianPackage("b"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        #expect(try packages(fixture, "Packages") == ["a 1.0-1"])
        #expect(!fixture.isPublished("InRelease") && !fixture.isPublished("chantal-key.asc"))
        let mirror = try LoopbackServer(root: fixture.home.path("store/public"))
        let client = try AptClient(sources: [AptClient.line("\(mirror.url)/debian", suite: "./", keyring: nil)])
        try client.update().checked()
        try client.installDownloadOnly("a").checked()
        mirror.stop()
    }

    @Test("metadata that is valid for a time is signed anew in its second half")
    func resigning() throws {
        let fixture = try fixture("{include: [a]}", DebianSuite("stable"), "valid_for: 40s")
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        #expect(try fixture.sync().status == .unchanged)
        pause(seconds: 21)
        try fixture.syncChanged()
    }
}

@Suite struct ArchiveSettingsTests {
    static let wrong: [(lines: [String], says: String)] = [
        (["suites: [x]"], "keyring"),
        (["verify: false"], "suites"),
        (["suites: [x, x]", "verify: false"], "twice"),
        (["suites: [../x]", "verify: false"], "'..'"),
        (["suites: [x]", "verify: false", "fingerprints: [\(String(repeating: "A", count: 40))]"], "fingerprints"),
        (["suites: [x]", "verify: false", "fingerprints: [abc]"], "fingerprint"),
        (["suites: [x]", "verify: false", "components: [a b]"], "component"),
        (["suites: [x]", "verify: false", "architectures: [a/b]"], "architecture"),
        (
            ["suites: [x]", "verify: false", "filter: {include: [\"a (>= b)\"]}", "sign: false", "pdiffs: true"],
            "pdiffs"
        ),
        (["suites: [x]", "verify: false", "filter: {include: [\"a (=> 1)\"]}", "sign: false"], "relation"),
    ]

    @Test("what cannot work is a configuration error", arguments: wrong.indices)
    func problems(index: Int) throws {
        let row = ArchiveSettingsTests.wrong[index]
        let home = try TestSupport.TemporaryDirectory("config")
        let text =
            "store: s\nrepositories:\n  debian:\n    type: apt\n    upstream: http://127.0.0.1/\n"
            + row.lines.map { "    \($0)\n" }.joined()
        let path = try home.write(text, to: "chantal.yaml")
        let (_, errors) = Configuration.check(path: path, ecosystems: [APTEcosystem.declaration], environment: [:])
        #expect(errors.contains { $0.code == .config && $0.message.contains(row.says) }, "\(errors)")
    }

    @Test("suites lie where apt looks for them")
    func suites() throws {
        let table: [(String, String?, String)] = [
            ("bookworm", "dists/bookworm", "bookworm"),
            ("bookworm/updates", "dists/bookworm/updates", "bookworm/updates"),
            ("./", nil, "./"), ("/", nil, "./"), ("sub/", "sub", "sub/"), ("./a/b/", "a/b", "a/b/"),
        ]
        for (text, directory, name) in table {
            let suite = try Suite(text)
            #expect(suite.directory?.description == directory && suite.name == name, "\(text)")
        }
    }

    @Test(
        "a configuration that selects the same is no new state, signed or not; another label is",
        arguments: [true, false])
    func sameSelection(isSigned: Bool) throws {
        let fixture = try MirrorFixture([DebianSuite("stable")])
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        let head = fixture.section + (isSigned ? [] : ["sign: false"])
        fixture.section = head + ["filter: {include: [a]}"]
        let first = try fixture.syncChanged()
        // A Date is of a second.
        pause(seconds: 1.1)
        fixture.section = head + ["filter: {include: [a, nosuch]}", "on_missing: keep"]
        let second = try fixture.sync()
        #expect(second.status == .unchanged && second.manifest == first.manifest, "\(second)")
        #expect(try fixture.sync().status == .unchanged && fixture.server.requests.count == 1)
        fixture.section.append("label: Other")
        #expect(try fixture.syncChanged().manifest != first.manifest)
        fixture.section.append("valid_for: 14d")
        try fixture.syncChanged()
    }

    @Test("with 'valid_for' a quiet suite is valid as long as a busy one")
    func validTogether() throws {
        let fixture = try MirrorFixture([DebianSuite("busy"), DebianSuite("quiet")])
        fixture.section += ["valid_for: 14d", "filter: {include: [\"*\"]}"]
        for suite in ["busy", "quiet"] { try fixture.upstream.add(DebianPackage("a\(suite)"), suite: suite) }
        try fixture.upstream.publish()
        try fixture.syncChanged()
        pause(seconds: 1.1)
        try fixture.upstream.add(DebianPackage("b"), suite: "busy")
        try fixture.upstream.publish()
        try fixture.syncChanged()
        let ends = try ["busy", "quiet"].map {
            try ReleaseFile(parsing: fixture.published("dists/\($0)/Release"), file: "Release").validUntil
        }
        #expect(ends[0] == ends[1] && ends[0] != nil)
    }
}
