import TestSupport
import Testing

@testable import Mirroring
@testable import RPM

/// Mirrors filtered with `dependencies: true`, from a real upstream.
@Suite struct ClosedMirrorTests {
    private func site(_ filter: String, _ packages: [RPMPackage]) throws -> (RPMSite, RPMUpstream) {
        let upstream = try RPMUpstream()
        for package in packages { try upstream.add(package) }
        try upstream.publish()
        let site = try RPMSite(upstream)
        site.section += ["filter: {\(filter), dependencies: true}"]
        return (site, upstream)
    }

    private func package(
        _ name: String, _ version: String = "1", _ requires: String..., buildTime: Int64 = 1_700_000_000
    ) -> RPMPackage {
        RPMPackage(name, version, fields: requires.map { ("Requires", $0) }, buildTime: buildTime)
    }

    private func names(_ site: RPMSite) throws -> [String] {
        try site.packages().map { "\($0.name)-\($0.version)" }
    }

    @Test(
        "latest counts what is asked for, exclusion beats need, weak dependencies are not followed, and show tells the way"
    )
    func rules() throws {
        var web = package("web", "2", "lib = 1", "secret", "/usr/share/data/content")
        web.fields.append(("Recommends", "extra"))
        let (site, upstream) = try site(
            "include: [\"we*\"], exclude: [secret], latest: 1",
            [
                package("web", "1", "lib"), web, package("lib", "1", "base"), package("lib", "2"), package("base"),
                package("secret"), package("extra"), package("data"),
            ])
        defer { withExtendedLifetime(upstream) {} }
        try site.syncChanged()
        #expect(try names(site) == ["base-1-1", "data-1-1", "lib-1-1", "web-2-1"])
        #expect(
            site.observer.warnings.filter { $0.contains("needs") } == [
                "web-2-1.noarch needs 'secret', which the filter leaves out"
            ])
        let state = try site.state()
        var why: [String: [String]] = [:]
        for row in try site.packages() { why[row.name] = try RPMEcosystem.describe(row, in: state)?.why }
        #expect(
            why == [
                "web": ["we* → web"], "lib": ["we* → web → lib"], "base": ["we* → web → lib → base"],
                "data": ["we* → web → data"],
            ])
        #expect(try site.sync(full: true).status == .unchanged)
    }

    @Test("what was built too late is not there: an older version is taken")
    func quarantine() throws {
        let now = Int64(try Subprocess.run(["date", "+%s"]).checked().stdout.dropLast()) ?? 0
        let (site, upstream) = try site(
            "include: [web], min_age: 7d, min_age_initial: true",
            [
                package("web", "1", "lib"), package("lib", "1"), package("lib", "2", "new", buildTime: now - 86_400),
                package("new"),
            ])
        defer { withExtendedLifetime(upstream) {} }
        try site.syncChanged()
        #expect(try names(site) == ["lib-1-1", "web-1-1"])
        #expect(!site.observer.warnings.contains { $0.contains("needs") })
    }
}
