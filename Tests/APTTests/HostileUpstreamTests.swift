import Basics
import Foundation
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

@Suite struct HostileUpstreamTests {
    /// A mirror that is well, with packages a and b.
    func fixture(_ suite: DebianSuite = DebianSuite("stable"), _ section: String = "contents: true") throws
        -> MirrorFixture
    {
        let fixture = try MirrorFixture([suite], section)
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.add(DebianPackage("b"))
        try fixture.upstream.publish()
        return fixture
    }

    @Test(
        "a tampered InRelease is refused by its name; the last generation is still served, and the next good sync repairs"
    )
    func tampered() throws {
        let fixture = try fixture()
        try fixture.syncChanged()
        let before = try fixture.published("dists/stable/InRelease")
        try fixture.upstream.add(DebianPackage("c"))
        try fixture.upstream.publish()
        let good = try Files.read(fixture.upstream.path("dists/stable/InRelease"))
        try fixture.upstream.corrupt("dists/stable/InRelease", at: 150)
        try fixture.syncFails(.signature, "dists/stable/InRelease")
        #expect(try fixture.published("dists/stable/InRelease") == before)
        try Files.write(good, to: fixture.upstream.path("dists/stable/InRelease"))
        try fixture.syncChanged()
    }

    @Test("text before and after the signed part, and another key's signature, are refused")
    func wrapped() throws {
        let fixture = try fixture()
        let path = fixture.upstream.path("dists/stable/InRelease")
        let good = try Files.read(path)
        try Files.write(Array("Suite: evil\n\n".utf8) + good, to: path)
        try fixture.syncFails(.signature, "InRelease")
        try Files.write(good + Array("Suite: evil\n".utf8), to: path)
        try fixture.syncFails(.signature, "InRelease")
        let stranger = try fixture.upstream.gpg.makeKey("Stranger")
        try fixture.upstream.change { $0.signers = [stranger] }
        try fixture.upstream.resign()
        try fixture.syncFails(.signature, "InRelease", stranger.fingerprint)
        let own = fixture.upstream.key
        try fixture.upstream.change { $0.signers = [stranger, own] }
        try fixture.upstream.resign()
        try fixture.syncChanged()
        fixture.section.append("fingerprints: [\(stranger.fingerprint)]")
        try fixture.syncFails(.signature, "fingerprint")
        fixture.section[fixture.section.count - 1] = "fingerprints: [\(own.fingerprint)]"
        #expect(try fixture.sync().errors.isEmpty)
    }

    @Test("an unsigned suite is an error, unless the user does not verify")
    func unsigned() throws {
        var suite = DebianSuite("stable")
        suite.writesInRelease = false
        suite.writesReleaseGPG = false
        let fixture = try fixture(suite)
        try fixture.syncFails(.signature, "dists/stable/Release", "not signed")
        fixture.section[1] = "verify: false"
        try fixture.syncChanged()
        #expect(try fixture.sync().status == .unchanged)
        #expect(fixture.server.requests.map(\.path) == ["/dists/stable/Release"])
    }

    @Test("an index with one byte changed is refused by its name", arguments: [true, false])
    func flippedIndex(byHash: Bool) throws {
        var suite = DebianSuite("stable")
        suite.byHash = byHash
        let fixture = try fixture(suite)
        try fixture.upstream.corrupt("dists/stable/main/binary-amd64/Packages.xz", at: 40)
        try fixture.syncFails(.mismatch, "dists/stable/main/binary-amd64/Packages.xz")
    }

    @Test("an index that lacks its by-hash name is fetched by its own name")
    func noByHash() throws {
        let fixture = try fixture()
        fixture.server.fault("*/by-hash/*", .status(404))
        try fixture.syncChanged()
    }

    @Test("an upstream that is being updated is asked again")
    func updated() throws {
        var suite = DebianSuite("stable")
        suite.byHash = false
        let fixture = try fixture(suite)
        let old = try Files.read(fixture.upstream.path("dists/stable/InRelease"))
        try fixture.upstream.add(DebianPackage("c"))
        try fixture.upstream.publish()
        fixture.server.fault("*/InRelease", count: 1, .content(old))
        let report = try fixture.syncChanged()
        #expect(report.packages == 3)
        #expect(fixture.server.requests(matching: "*/InRelease").count == 2)
    }

    @Test("a package with one byte changed, or missing, is named; the rest is fetched and kept")
    func brokenPackage() throws {
        let fixture = try fixture()
        try fixture.upstream.corrupt("pool/main/a/a/a_1.0-1_amd64.deb", at: 70)
        try fixture.syncFails(.mismatch, "a_1.0-1_amd64.deb")
        #expect(try fixture.sync().generation == nil)
        #expect(fixture.server.requests(matching: "*/b_1.0-1_amd64.deb").isEmpty, "what was verified is kept")
        try fixture.upstream.lose("pool/main/a/a/a_1.0-1_amd64.deb")
        try fixture.syncFails(.missing, "pool/main/a/a/a_1.0-1_amd64.deb")
        fixture.section.append("allow_missing: [\"pool/main/a/*\"]")
        let report = try fixture.syncChanged()
        #expect(report.packages == 1)
        #expect(fixture.isPublished("pool/main/b/b/b_1.0-1_amd64.deb"))
    }

    @Test("a bad stanza fails its package by name, and can be allowed by its path")
    func badStanza() throws {
        let fixture = try fixture()
        fixture.upstream.rewriteIndex = { path, bytes in
            guard path.hasSuffix("Packages") else { return bytes }
            return Array(
                String(decoding: bytes, as: UTF8.self).replacing(#/(Package: a\n(?:.+\n)*?)Size: /#) {
                    "\($0.1)Size: x"
                }.utf8)
        }
        try fixture.upstream.publish()
        try fixture.syncFails(.malformed, "package 'a' 1.0-1 in dists/stable/main/binary-amd64/Packages", "Size 'x")
        fixture.section.append("allow_missing: [\"pool/main/a/*\"]")
        #expect(try fixture.syncChanged().packages == 1)
    }

    static let filenames = [
        "../../../etc/passwd", "/etc/passwd", "pool/../../x", "dists/stable/InRelease",
        "dists/stable/main/binary-amd64/Packages.xz",
    ]

    @Test("a Filename that leaves the archive, or takes the name of metadata, is refused", arguments: filenames)
    func hostileFilename(name: String) throws {
        let fixture = try fixture()
        fixture.upstream.rewriteIndex = { path, bytes in
            guard path.hasSuffix("Packages") else { return bytes }
            return Array(
                String(decoding: bytes, as: UTF8.self).replacing(#/Filename: .*/a_.*/#) { _ in "Filename: \(name)" }
                    .utf8)
        }
        try fixture.upstream.publish()
        try fixture.syncFails(.unsafePath, "package 'a' 1.0-1")
    }

    @Test("Release files that name paths outside of the suite are refused")
    func hostileRelease() throws {
        let fixture = try fixture()
        fixture.upstream.rewriteRelease = { $0 + " \(String(repeating: "ab", count: 32)) 5 ../../../x\n" }
        try fixture.upstream.resign()
        try fixture.syncFails(.unsafePath, "dists/stable/InRelease", "'..'")
    }

    @Test("Valid-Until in the past and Date in the future are errors")
    func dates() throws {
        let fixture = try fixture()
        try fixture.upstream.expire()
        try fixture.syncFails(.expired, "dists/stable/InRelease", "Valid-Until")
        fixture.section.append("check_valid_until: false")
        try fixture.syncChanged()
        #expect(fixture.observer.warnings.contains { $0.contains("Valid-Until") })
        #expect(try fixture.sync().status == .unchanged)
        #expect(fixture.server.requests.count == 1)
        try fixture.upstream.change { $0.validUntil = nil }
        try fixture.upstream.setDate(secondsFromNow: 3600)
        try fixture.syncFails(.expired, "future")
    }

    @Test("an upstream that goes back in time is told")
    func backInTime() throws {
        let fixture = try fixture()
        try fixture.syncChanged()
        try fixture.upstream.setDate(secondsFromNow: -86_400)
        try fixture.syncChanged()
        #expect(fixture.observer.warnings.contains { $0.contains("older") })
        let warning = try APTEcosystem.rollbackWarning(from: fixture.state(1), to: fixture.state(2))
        #expect(warning?.contains("dists/stable") == true)
        #expect(try APTEcosystem.rollbackWarning(from: fixture.state(2), to: fixture.state(1)) == nil)
    }

    @Test("a component or architecture that no suite has is refused, with what there is")
    func unknownNames() throws {
        let fixture = try fixture()
        fixture.section.append("components: [mian]")
        try fixture.syncFails(.notFound, "mian", "debian")
        fixture.section.removeLast()
        fixture.section.append("architectures: [amd46]")
        try fixture.syncFails(.notFound, "amd46")
    }

    @Test("an index that decompresses to more than Release says is cut off")
    func bomb() throws {
        var suite = DebianSuite("stable")
        suite.compressions = ["", "gz"]
        suite.servesPlain = false
        let fixture = try fixture(suite)
        // The plain form is listed smaller than it is.
        fixture.upstream.rewriteRelease = { text in
            text.replacing(#/([0-9a-f]{32,64}) +[0-9]+ main/binary-amd64/Packages\n/#) {
                "\($0.1) 10 main/binary-amd64/Packages\n"
            }
        }
        try fixture.upstream.publish()
        try fixture.syncFails(.tooLarge, "dists/stable/main/binary-amd64/Packages")
    }

    @Test("a missing suite says what was looked for")
    func missingSuite() throws {
        let fixture = try fixture()
        fixture.section[0] = "suites: [nosuch]"
        try fixture.syncFails(.missing, "dists/nosuch/InRelease")
    }
}
