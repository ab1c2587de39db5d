import TestSupport
import Testing

@testable import APT
@testable import Mirroring

/// Mirrors filtered with `dependencies: true`, from a real upstream.
@Suite struct ClosedMirrorTests {
    private func fixture(_ filter: String, _ section: String..., packages: (DebianUpstream) throws -> Void) throws
        -> MirrorFixture
    {
        let fixture = try MirrorFixture([DebianSuite("stable")])
        fixture.section += ["filter: {\(filter), dependencies: true}"] + section
        try packages(fixture.upstream)
        try fixture.upstream.publish()
        return fixture
    }

    private func packages(_ fixture: MirrorFixture) throws -> [String] {
        var names: [String] = []
        try APTEcosystem.packages(in: fixture.state()) {
            names.append("\($0.name) \($0.version)" + ($0.architecture == "source" ? " source" : ""))
        }
        return names.sorted()
    }

    private func add(_ upstream: DebianUpstream, _ name: String, _ version: String = "1", _ depends: String = "") throws
    {
        try upstream.add(
            DebianPackage(name, version, fields: depends.isEmpty ? [] : [("Depends", depends)]), fast: true)
    }

    @Test(
        "latest counts what is asked for; the version that a package needs comes in, exclusion beats need, and both are told"
    )
    func rules() throws {
        let fixture = try fixture("include: [\"web*\"], exclude: [secret], latest: 1, max_size: 1MB") { upstream in
            try add(upstream, "web", "1", "lib")
            try add(upstream, "web", "2", "lib (= 1), secret | mail, plain")
            try add(upstream, "lib", "1")
            try add(upstream, "lib", "2")
            try add(upstream, "secret")
            try upstream.add(DebianPackage("postbox", "1", fields: [("Provides", "mail")]), fast: true)
            try add(upstream, "plain", "1", "secret, gone (>= 3)")
            try add(upstream, "other")
        }
        try fixture.syncChanged()
        #expect(try packages(fixture) == ["lib 1", "plain 1", "postbox 1", "web 2"])
        #expect(
            fixture.observer.warnings.filter { $0.contains("needs") } == [
                "plain 1 needs 'secret', which the filter leaves out (web → plain)",
                "plain 1 needs 'gone (>= 3)', which nothing here provides (web → plain)",
            ])
        #expect(try fixture.sync(full: true).status == .unchanged)
        let (client, server) = try fixture.apt(keyring: fixture.ownKeyring)
        try client.update().checked()
        let answer = try client.installDownloadOnly("web")
        #expect(answer.status != 0 && answer.report.contains("secret"))
        server.stop()
    }

    @Test("source packages come with the selection, by the name and version that binary packages give")
    func sources() throws {
        let fixture = try fixture("include: [web]", "sources: true") { upstream in
            try add(upstream, "web", "1-1", "libone")
            try upstream.add(DebianPackage("libone", "1.0-1", source: "one"), fast: true)
            for (name, version) in [("web", "1-1"), ("one", "1.0-1"), ("one", "2.0-1"), ("other", "1-1")] {
                try upstream.add(DebianSource(name, version))
            }
        }
        try fixture.syncChanged()
        #expect(try packages(fixture) == ["libone 1.0-1", "one 1.0-1 source", "web 1-1", "web 1-1 source"])
    }

    @Test("what is in quarantine is not there: the newest that is out of it is taken, and later the newer one")
    func quarantine() throws {
        let fixture = try fixture("include: [web], latest: 1, min_age: 3s") { upstream in
            try add(upstream, "web", "1", "lib, tool")
            try add(upstream, "lib", "1")
            try add(upstream, "tool", "1")
        }
        try fixture.syncChanged()
        #expect(try packages(fixture) == ["lib 1", "tool 1", "web 1"])
        try add(fixture.upstream, "lib", "2", "new")
        try add(fixture.upstream, "new", "1")
        try fixture.upstream.publish()
        _ = try fixture.sync()
        #expect(try packages(fixture) == ["lib 1", "tool 1", "web 1"])
        pause(seconds: 4)
        // Now `new` is asked for the first time.
        _ = try fixture.sync()
        pause(seconds: 4)
        _ = try fixture.sync()
        #expect(try packages(fixture) == ["lib 2", "new 1", "tool 1", "web 1"])
    }

    @Test("a package that another needs and that upstream lacks is judged like any that is missing")
    func missing() throws {
        let fixture = try fixture("include: [web]") { upstream in
            try add(upstream, "web", "1", "lib")
            try add(upstream, "lib")
        }
        try fixture.upstream.lose("pool/main/lib/lib/lib_1_amd64.deb")
        try fixture.syncFails(.missing, "lib_1_amd64.deb")
        fixture.section.append("allow_missing: [\"*/lib_*\"]")
        try fixture.syncChanged()
        #expect(try packages(fixture) == ["web 1"])
    }

    @Test("show tells the way from what was asked for to a package")
    func why() throws {
        let fixture = try fixture("include: [\"we*\"]") { upstream in
            try add(upstream, "web", "1", "lib")
            try add(upstream, "lib", "1", "mail")
            try upstream.add(DebianPackage("postbox", "1", fields: [("Provides", "mail")]), fast: true)
        }
        try fixture.syncChanged()
        let state = try fixture.state()
        var why: [String: [String]] = [:]
        try APTEcosystem.packages(in: state) { why[$0.name] = try APTEcosystem.describe($0, in: state)?.why }
        #expect(
            why == ["web": ["we* → web"], "lib": ["we* → web → lib"], "postbox": ["we* → web → lib → postbox"]])
    }

    @Test("a flat repository is closed, too")
    func flat() throws {
        let fixture = try MirrorFixture([DebianSuite("./")])
        fixture.section += ["filter: {include: [web], dependencies: true}"]
        try add(fixture.upstream, "web", "1", "data")
        try fixture.upstream.add(
            DebianPackage("data", "1", architecture: "all", fields: [("Depends", "lib")]), fast: true)
        try add(fixture.upstream, "lib")
        try add(fixture.upstream, "other")
        try fixture.upstream.publish()
        try fixture.syncChanged()
        #expect(try packages(fixture) == ["data 1", "lib 1", "web 1"])
    }
}
