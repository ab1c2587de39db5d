import Basics
import TestSupport
import Testing

@testable import Mirroring
@testable import RPM

@Suite struct MirrorSourceTests {
    private func upstream() throws -> RPMUpstream {
        let upstream = try RPMUpstream()
        try upstream.add(RPMPackage("alpha"))
        try upstream.publish()
        return upstream
    }

    @Test("a mirrorlist is followed, its variables replaced; no change costs two requests")
    func mirrorlist() throws {
        let upstream = try upstream()
        let site = try RPMSite(upstream)
        try Files.write("# mirrors\nhttp://127.0.0.1:1/none\n\(site.server.url)/$path/\n", to: upstream.path("list-9"))
        try Subprocess.run(["ln", "-s", ".", upstream.path("os")]).checked()
        site.upstream = [
            "mirrorlist: \(site.server.url)/list-$releasever", "variables: {releasever: 9, path: os}",
            "network: {retries: 0}",
        ]
        try site.syncChanged()
        #expect(site.isPublished("Packages/alpha-1.0-1.noarch.rpm"))
        #expect(try site.sync().status == .unchanged)
        #expect(site.server.requests.count == 2, "\(site.server.requests.map(\.path))")
    }

    @Test("a metalink's checksum holds: a mirror that is out of date is passed over")
    func metalink() throws {
        let upstream = try upstream()
        let old = try TestSupport.TemporaryDirectory("old")
        try Subprocess.run(["cp", "-r", upstream.root + "/.", old.path]).checked()
        let stale = try LoopbackServer(root: old.path)
        try upstream.add(RPMPackage("beta"))
        try upstream.publish()
        let site = try RPMSite(upstream)
        let sum = try Subprocess.run(["sha256sum", upstream.path("repodata/repomd.xml")]).checked().stdout.prefix(64)
        func metalink(_ sum: some StringProtocol) -> String {
            """
            <?xml version="1.0"?>
            <metalink version="3.0" xmlns="http://www.metalinker.org/"><files><file name="repomd.xml">
            <verification><hash type="sha256">\(sum)</hash></verification><resources maxconnections="1">
            <url protocol="http" preference="99">\(site.server.url)/repodata/repomd.xml</url>
            <url protocol="http" preference="100">\(stale.url)/repodata/repomd.xml</url>
            <url protocol="rsync" preference="100">rsync://127.0.0.1/x/repodata/repomd.xml</url>
            </resources></file></files></metalink>
            """
        }
        try Files.write(metalink(sum), to: upstream.path("metalink"))
        site.upstream = ["metalink: \(site.server.url)/metalink"]
        try site.syncChanged()
        #expect(try site.packages().map(\.name) == ["alpha", "beta"])
        try Files.write(metalink(String(repeating: "0", count: 64)), to: upstream.path("metalink"))
        try site.syncFails(.mismatch, "metalink")
    }

    @Test("a page instead of a mirrorlist, of repomd.xml and of primary is called a page")
    func pages() throws {
        let upstream = try upstream()
        let page = "<!DOCTYPE html>\n<html><body>Log in</body></html>\n"
        let site = try RPMSite(root: upstream.root, "verify: false")
        try Files.write(page, to: upstream.path("list"))
        site.upstream = ["mirrorlist: \(site.server.url)/list"]
        try site.syncFails(.malformed, "HTML")
        site.upstream = ["upstream: \(site.server.url)/"]
        try Files.write(page, to: upstream.path("repodata/repomd.xml"))
        try site.syncFails(.malformed, "'repodata/repomd.xml' is an HTML page")
    }

    @Test("an upstream without repodata is told, with what to look at")
    func nothingThere() throws {
        let empty = try TestSupport.TemporaryDirectory("empty")
        let site = try RPMSite(root: empty.path, "verify: false")
        try site.syncFails(.missing, "upstream has no 'repodata/repomd.xml'")
    }

    @Test("packages in a blob store beside a repository are refused verbatim, and lie within one that is written anew")
    func blobStore() throws {
        let upstream = try RPMUpstream()
        upstream.options += ["--location-prefix", "../blobstore/0123abcd"]
        try upstream.add(RPMPackage("alpha+", "1.0", "1"))
        try upstream.publish()
        let served = try TestSupport.TemporaryDirectory("amazon")
        try served.makeDirectory("2023")
        try served.makeDirectory("blobstore")
        try Subprocess.run(["cp", "-a", upstream.path("repodata"), served.path("2023/repodata")]).checked()
        try Subprocess.run(["cp", "-a", upstream.root, served.path("blobstore/0123abcd")]).checked()
        let site = try RPMSite(root: served.path, "keyring: \(upstream.keyring)")
        let lacking = try LoopbackServer(root: served.path)
        lacking.fault("*.rpm", .status(404))
        site.upstream = ["upstream: [\"\(lacking.url)/2023/\", \"\(site.server.url)/2023/\"]"]
        try site.syncFails(.unsafePath, "'alpha+-1.0-1.noarch'", "../blobstore/0123abcd", "lies beside")
        site.section.append("filter: {latest: 1}")
        try site.syncChanged()
        #expect(lacking.requests(matching: "*.rpm").map(\.path) == site.server.requests(matching: "*.rpm").map(\.path))
        #expect(site.isPublished("blobstore/0123abcd/Packages/alpha+-1.0-1.noarch.rpm"))
        let server = try site.mirrorServer()
        let dnf = try DNFClient([.init("\(server.url)/demo", key: site.ownKeyring, checksMetadata: true)])
        try dnf.installDownloadOnly("alpha+").checked()
        #expect(try dnf.downloads() == ["alpha+-1.0-1.noarch.rpm"])
    }

    @Test("who asks for a client certificate gets it, with metadata and packages alike; without it the sync fails")
    func clientCertificate() throws {
        let upstream = try upstream()
        let certificates = try Certificates()
        let tls = try NginxServer.TLS(certificates.server(), clientAuthority: certificates.authority.certificate)
        let nginx = try NginxServer(root: upstream.root, tls: tls)
        let client = try certificates.client()
        let site = try RPMSite(upstream)
        site.upstream = [
            "upstream: \(nginx.url)/", "network: {retries: 0, proxy: none, ca: \(certificates.authority.certificate)}",
        ]
        let bare = try site.sync()
        #expect(bare.status == .failed && bare.errors.contains { "\($0)".contains("400") }, "\(bare.errors)")
        site.section.append("client_certificate: {cert: \(client.certificate), key: \(client.key)}")
        try site.syncChanged()
        #expect(site.isPublished("Packages/alpha-1.0-1.noarch.rpm"))
        #expect(try site.sync().status == .unchanged)
    }

    @Test("with public_url the tree holds a mirrorlist with the generation's own URL, and dnf follows it")
    func publishedMirrorlist() throws {
        let upstream = try upstream()
        let site = try RPMSite(upstream)
        try site.syncChanged()
        let server = try site.mirrorServer()
        site.section.append("public_url: \(server.url)/demo")
        try upstream.add(RPMPackage("beta"))
        try upstream.publish()
        try site.syncChanged()
        #expect(String(decoding: try site.published("mirrorlist"), as: UTF8.self) == "\(server.url)/demo@2/\n")
        let dnf = try DNFClient([
            .init("\(server.url)/demo/mirrorlist", key: upstream.keyring, checksMetadata: true, isMirrorlist: true)
        ])
        try dnf.makecache().checked()
        try dnf.installDownloadOnly("beta").checked()
    }

    @Test("conflicting keys, unknown variables and pins without verification are refused with their line")
    func configurations() throws {
        let site = try RPMSite(root: "/tmp", "verify: false")
        for (lines, reason) in [
            (["upstream: http://a.example.org/", "mirrorlist: http://a.example.org/l"], "both given"),
            (["upstream: http://a.example.org/$releasever/"], "$releasever"),
            (["upstream: http://a.example.org/", "variables: {\"a-b\": 1}"], "no name of a variable"),
            (
                ["upstream: http://a.example.org/", "fingerprints: [\(String(repeating: "A", count: 40))]"],
                "not verified"
            ),
            (["upstream: http://a.example.org/", "filter: {modules: [\"a b\"]}"], "is no module"),
            (["upstream: http://a.example.org/", "filter: {include: [\"a (~> 1)\"]}"], "constraint"),
            (["upstream: http://a.example.org/", "compression: lzma"], "is not one of"),
        ] {
            site.upstream = lines
            let error = try #require(throws: ChantalError.self, "\(lines)") { try site.configuration() }
            #expect("\(error)".contains(reason) && "\(error)".contains("chantal.yaml:"), "\(error)")
        }
    }

    @Test(
        "every hostile repository is refused by the name of what is wrong, or read as it should be",
        .enabled(if: Fixtures.arePresent),
        arguments: [
            ("bomb_gzip_300MiB_understated_open_size", "primary"), ("control_char", "not well formed"),
            ("deep_nesting_100k", "deep"), ("dup_same_pkgid_two_hrefs", ""), ("entity_xxe_file", "document type"),
            ("href_backslash", "bear-4.1-1.noarch"), ("href_dot_segments", "bear-4.1-1.noarch"),
            ("href_empty", "bear-4.1-1.noarch"), ("href_fileurl", "bear-4.1-1.noarch"),
            ("href_repodata", "bear-4.1-1.noarch"), ("href_url", "bear-4.1-1.noarch"), ("invalid_utf8", "primary"),
            ("multi_member_gzip", ""), ("repomd_href_absolute", "'primary'"), ("repomd_no_filelists", ""),
            ("repomd_unknown_types", ""), ("truncated_gzip", "primary"),
            ("two_packages_same_href", "lion-0.4-1.noarch"),
            ("weak_checksum_md5", "'primary'"), ("wrong_open_checksum", "primary"), ("xml_base", "bear-4.1-1.noarch"),
        ])
    func hostile(_ name: String, _ reason: String) throws {
        let root = try TestSupport.TemporaryDirectory("hostile")
        for path in try Files.walk(Fixtures.path("hostile/\(name)")) {
            try Files.write(Fixtures.read("hostile/\(name)/\(path)"), to: root.path(path))
        }
        for file in try Files.names(Fixtures.path("hostile/_Packages")) {
            for place in ["Packages", "Packages/alt"] {
                try Files.write(Fixtures.read("hostile/_Packages/\(file)"), to: root.path("\(place)/\(file)"))
            }
        }
        let site = try RPMSite(root: root.path, "verify: false")
        site.upstream = ["upstream: file://\(root.path)"]
        let report = try site.sync()
        let text = report.errors.map { "\($0)" }.joined(separator: "\n")
        if reason.isEmpty {
            #expect(report.status == .changed, "\(text)")
        } else {
            #expect(report.status == .failed)
            #expect(text.contains(reason), "\(text)")
        }
    }
}
