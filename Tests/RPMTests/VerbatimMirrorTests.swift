import Basics
import TestSupport
import Testing

@testable import Mirroring
@testable import RPM

@Suite struct VerbatimMirrorTests {
    private func upstream() throws -> RPMUpstream {
        let upstream = try RPMUpstream()
        try upstream.add(RPMPackage("alpha", "1.0", fields: [("Requires", "common >= 1.0")]), signed: true)
        try upstream.add(RPMPackage("common", "1.2", epoch: 1), signed: true)
        try upstream.add(RPMPackage("gamma", "2.0~rc1^git+1"), signed: true)
        try upstream.publish()
        return upstream
    }

    @Test("every file is upstream's, byte for byte, and a second sync costs one request and changes nothing")
    func roundTrip() throws {
        let upstream = try upstream()
        let site = try RPMSite(upstream)
        let report = try site.syncChanged()
        #expect(report.packages == 3)
        for path in try Files.walk(upstream.root) {
            #expect(try site.published(path) == Files.read(upstream.path(path)), "\(path)")
        }
        #expect(try site.publishedFiles().count == Files.walk(upstream.root).count)
        let rows = try site.packages()
        #expect(rows.map(\.name) == ["alpha", "common", "gamma"])
        #expect(rows.map(\.version) == ["1.0-1", "1:1.2-1", "2.0~rc1^git+1-1"])
        #expect(rows.allSatisfy { $0.digest != nil && $0.architecture == "noarch" && $0.size > 0 })
        let second = try site.sync()
        #expect(second.status == .unchanged)
        #expect(site.server.requests.count == 1, "\(site.server.requests.map(\.path))")
    }

    @Test("dnf and zypper read the mirror with upstream's key; dnf checks the metadata's and the packages' signatures")
    func clients() throws {
        let upstream = try upstream()
        let site = try RPMSite(upstream)
        try site.syncChanged()
        let server = try site.mirrorServer()
        let url = "\(server.url)/demo"
        let dnf = try DNFClient([.init(url, key: upstream.keyring, checksMetadata: true, checksPackages: true)])
        try dnf.makecache().checked()
        try dnf.installDownloadOnly("alpha", "gamma").checked()
        #expect(
            try dnf.downloads() == [
                "alpha-1.0-1.noarch.rpm", "common-1.2-1.noarch.rpm", "gamma-2.0~rc1^git+1-1.noarch.rpm",
            ])
        let zypper = try ZypperClient(url, key: upstream.keyring)
        try zypper.refresh().checked()
        #expect(try zypper.run("search", "--details").checked().stdout.contains("2.0~rc1^git+1-1"))
    }

    @Test(
        "a changed repomd.xml with another signature, an unsigned one and a foreign key are refused; the next good sync repairs"
    )
    func signatures() throws {
        let upstream = try upstream()
        let site = try RPMSite(upstream)
        try site.syncChanged()
        let before = try site.published("repodata/repomd.xml")
        let repomd = upstream.path("repodata/repomd.xml")
        let good = try Files.read(repomd)
        try Files.write(good + Array("<!-- -->\n".utf8), to: repomd)
        try site.syncFails(.signature, "repodata/repomd.xml.asc")
        upstream.signsMetadata = false
        try upstream.signMetadata()
        try site.syncFails(.signature, "is not signed")
        try Files.write(good, to: repomd)
        let stranger = try RPMUpstream()
        try Files.write(
            stranger.gpg.detachedSign(good, by: [stranger.key]), to: upstream.path("repodata/repomd.xml.asc"))
        try Files.write(good + [0x0a], to: repomd)
        try site.syncFails(.signature, "repomd.xml.asc")
        #expect(try site.published("repodata/repomd.xml") == before)
        upstream.signsMetadata = true
        try upstream.signMetadata()
        try site.syncChanged()
    }

    @Test(
        "one flipped byte in a record or a package fails the sync and names the file",
        arguments: ["primary", "filelists", "package"])
    func damage(_ what: String) throws {
        let upstream = try upstream()
        let path = what == "package" ? "Packages/alpha-1.0-1.noarch.rpm" : try upstream.file(of: what)
        let good = try Files.read(upstream.path(path))
        try Files.flipByte(upstream.path(path), at: 30)
        let site = try RPMSite(upstream)
        try site.syncFails(.mismatch, path)
        try Files.write(good, to: upstream.path(path))
        try site.syncChanged()
    }

    @Test("a package that upstream lacks fails the sync, is left out where it may be, and makes it partial with keep")
    func missing() throws {
        let upstream = try upstream()
        try upstream.remove("Packages/gamma-2.0~rc1^git+1-1.noarch.rpm")
        let site = try RPMSite(upstream)
        try site.syncFails(.missing, "Packages/gamma-2.0~rc1^git+1-1.noarch.rpm")
        let section = site.section
        site.section = section + ["on_missing: keep"]
        let partial = try site.sync()
        #expect(partial.status == .partial)
        #expect(partial.packages == 2)
        site.section = section + ["allow_missing: [\"Packages/gamma*\"]"]
        #expect(try site.sync().status != .failed)
    }

    @Test("names with characters that a URL encodes are fetched and published as they are")
    func names() throws {
        let upstream = try RPMUpstream()
        let names = ["a+b~c^1.rpm", "100%25#1?x&y.rpm", "with space.rpm", "a:b.rpm"]
        for (index, name) in names.enumerated() { try upstream.add(RPMPackage("p\(index)"), as: name) }
        try upstream.publish()
        let site = try RPMSite(upstream)
        try site.syncChanged()
        for name in names { #expect(site.isPublished("Packages/\(name)"), "\(name)") }
    }

    @Test("records of other types, databases and zchunk files are carried along")
    func otherRecords() throws {
        let upstream = try RPMUpstream()
        upstream.options = ["--database", "--zck"]
        upstream.documents = [
            ("productid", "productid", "-----BEGIN CERTIFICATE-----\n"),
            ("appstream", "appstream.xml", "<components/>\n"),
        ]
        try upstream.add(RPMPackage("alpha"))
        try upstream.publish()
        let site = try RPMSite(upstream)
        try site.syncChanged()
        let published = try site.publishedFiles()
        for path in try Files.walk(upstream.root) { #expect(published.contains(path), "\(path)") }
        #expect(published.contains { $0.hasSuffix("primary.sqlite.bz2") || $0.contains("primary.sqlite") })
        #expect(published.contains { $0.hasSuffix(".zck") })
    }

    @Test("metadata without hashes in its names is mirrored as pointers")
    func simpleNames() throws {
        let upstream = try RPMUpstream()
        upstream.options = ["--no-database", "--simple-md-filenames"]
        try upstream.add(RPMPackage("alpha"))
        try upstream.publish()
        let site = try RPMSite(upstream)
        try site.syncChanged()
        let manifest = try site.state().manifest
        #expect(manifest.entries.first { $0.path.description == "repodata/primary.xml.gz" }?.role == .pointer)
        try upstream.add(RPMPackage("beta"))
        try upstream.publish()
        try site.syncChanged()
        let server = try site.mirrorServer()
        try DNFClient([.init("\(server.url)/demo")]).makecache().checked()
    }

    @Test("the installation tree that .treeinfo lists is mirrored, and its checksums hold")
    func installationTree() throws {
        let upstream = try RPMUpstream()
        try upstream.add(RPMPackage("alpha"))
        try upstream.publish()
        try Files.write("kernel\n", to: upstream.path("images/pxeboot/vmlinuz"))
        try Files.write("stage 2\n", to: upstream.path("images/install.img"))
        let sum = try Subprocess.run(["sha256sum", upstream.path("images/install.img")]).checked().stdout.prefix(64)
        let info = """
            [general]
            name = Example 9
            [checksums]
            images/install.img = sha256:\(sum)
            repodata/repomd.xml = sha256:\(String(repeating: "0", count: 64))
            [images-x86_64]
            kernel = images/pxeboot/vmlinuz
            [stage2]
            mainimage = images/install.img

            """
        try Files.write(info, to: upstream.path(".treeinfo"))
        try Files.write("1700000000\nExample 9\nx86_64\n", to: upstream.path(".discinfo"))
        let site = try RPMSite(upstream)
        try site.syncChanged()
        for path in [".treeinfo", ".discinfo", "images/pxeboot/vmlinuz", "images/install.img"] {
            #expect(try site.published(path) == Files.read(upstream.path(path)), "\(path)")
        }
        try Files.write("stage 3\n", to: upstream.path("images/install.img"))
        try upstream.publish()
        try site.syncChanged()
        try Files.write(info.replacing(sum, with: String(repeating: "1", count: 64)), to: upstream.path(".treeinfo"))
        try upstream.publish()
        try site.syncFails(.mismatch, "images/install.img")
        try Files.write("[stage2]\nmainimage = ../../etc/passwd\n", to: upstream.path(".treeinfo"))
        try site.syncFails(.unsafePath, ".treeinfo", "line 2")
        site.section.append("treeinfo: false")
        try site.syncChanged()
        #expect(!site.isPublished(".discinfo"))
    }

    @Test(
        "show knows licence, home page, source, what is provided and required, and on demand the files; advisories are read"
    )
    func details() throws {
        let upstream = try RPMUpstream()
        upstream.documents = [
            (
                "updateinfo", "updateinfo.xml",
                """
                <updates><update from="x" status="final" type="security" version="1"><id>EX-1</id><title>Mend it</title>
                <issued date="2026-01-02 03:04:05"/><severity>Important</severity><pkglist><collection>
                <package name="alpha" version="1.0" release="1" epoch="0" arch="noarch"/></collection></pkglist></update></updates>
                """
            )
        ]
        try upstream.add(
            RPMPackage("alpha", fields: [("Requires", "common >= 2:1.0"), ("Provides", "virtual = 3")]))
        try upstream.add(RPMPackage("beta"))
        try upstream.publish()
        let site = try RPMSite(upstream)
        try site.syncChanged()
        let row = try #require(try site.packages().first { $0.name == "alpha" })
        let found = try #require(try RPMEcosystem.describe(row, in: site.state()))
        #expect(found.license == "MIT")
        #expect(found.homepage == "https://example.org/alpha")
        #expect(found.description == "A package for tests.")
        #expect(found.source == "alpha-1.0-1.src.rpm")
        #expect(found.buildTime == Timestamp(seconds: 1_700_000_000))
        #expect(found.provides.contains("virtual = 3") && found.provides.contains("alpha = 1.0-1"))
        #expect(found.requires.contains("common >= 2:1.0"))
        #expect(try found.files?() == ["/usr/share/alpha/content"])
        let advisories = try RPMEcosystem.advisories(in: site.state())
        #expect(advisories.map(\.id) == ["EX-1"])
        #expect(advisories[0].severity == "Important" && advisories[0].title == "Mend it")
        #expect(advisories[0].packages == ["alpha-0:1.0-1.noarch"])
    }
}
