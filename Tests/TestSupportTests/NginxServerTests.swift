import Basics
import Glibc
import TestSupport
import Testing

@Suite("The sample nginx configuration")
struct NginxServerTests {
    let directory: TemporaryDirectory

    /// public/ as a store lays it out.
    init() throws {
        directory = try TemporaryDirectory()
        let tree = "public/.trees/0123"
        try directory.write("pointer\n", to: "\(tree)/dists/stable/InRelease")
        try directory.write("signature\n", to: "\(tree)/dists/stable/Release.gpg")
        try directory.write("index\n", to: "\(tree)/dists/stable/main/by-hash/SHA256/abcdef")
        try directory.write("xz\n", to: "\(tree)/dists/stable/main/binary-amd64/Packages.xz")
        try directory.write("deb\n", to: "\(tree)/pool/a/a+b/a+b_1%3a1~2_amd64.deb", mode: 0o444)
        try directory.write("<html></html>\n", to: "\(tree)/simple/x/index.html")
        guard symlink(".trees/0123", directory.path("public/debian@2026-11")) == 0,
            symlink(".trees/0123", directory.path("public/debian")) == 0
        else { throw ChantalError(.io, "symlink") }
    }

    private func curl(_ url: String, _ more: String...) throws -> String {
        try Subprocess.run(["curl", "-sS", "-i", "--noproxy", "*"] + more + [url]).stdout
    }

    @Test("types, caching, names, listings, hidden trees, and an error log that stays empty")
    func serves() throws {
        let nginx = try NginxServer(root: directory.path("public"))
        let pointer = try curl("\(nginx.url)/debian/dists/stable/InRelease")
        #expect(pointer.contains("200 OK") && pointer.contains("Content-Type: text/plain"))
        #expect(pointer.contains("Cache-Control: no-cache") && pointer.contains("ETag:"))
        #expect(try curl("\(nginx.url)/debian/dists/stable/Release.gpg").contains("Content-Type: text/plain"))
        let index = try curl("\(nginx.url)/debian@2026-11/dists/stable/main/by-hash/SHA256/abcdef")
        #expect(index.contains("immutable") && !index.contains("no-cache"))
        #expect(try curl("\(nginx.url)/debian/dists/stable/main/binary-amd64/Packages.xz").contains("application/x-xz"))
        let deb = try curl("\(nginx.url)/debian/pool/a/a%2Bb/a%2Bb_1%253a1~2_amd64.deb")
        #expect(deb.contains("application/vnd.debian.binary-package") && deb.hasSuffix("deb\n"))
        #expect(try curl("\(nginx.url)/debian/simple/x/").contains("text/html"))
        #expect(try curl("\(nginx.url)/debian/simple/x").contains("Location: /debian/simple/x/"))
        let listing = try curl("\(nginx.url)/")
        #expect(listing.contains("debian@2026-11") && !listing.contains(".trees"))
        for hidden in [".trees/", ".trees/0123/dists/stable/InRelease", ".trees", "debian/none", "none"] {
            #expect(try curl("\(nginx.url)/\(hidden)").contains("404 Not Found"))
        }
        #expect(try curl("\(nginx.url)/debian/none").contains("Cache-Control") == false)
        #expect(try nginx.accessLog.count == 14)
        #expect(try nginx.errorLog == "")
    }

    @Test("a switched link is seen at once")
    func switched() throws {
        let nginx = try NginxServer(root: directory.path("public"))
        _ = try curl("\(nginx.url)/debian/dists/stable/InRelease")
        try directory.write("new pointer\n", to: "public/.trees/4567/dists/stable/InRelease")
        #expect(symlink(".trees/4567", directory.path("public/.next")) == 0)
        #expect(rename(directory.path("public/.next"), directory.path("public/debian")) == 0)
        #expect(try curl("\(nginx.url)/debian/dists/stable/InRelease").hasSuffix("new pointer\n"))
    }

    @Test("TLS with a CA and client certificates, and basic auth")
    func secured() throws {
        let certificates = try Certificates()
        let tls = NginxServer.TLS(try certificates.server(), clientAuthority: certificates.authority.certificate)
        let nginx = try NginxServer(root: directory.path("public"), tls: tls, credentials: ("ci", "se cret"))
        let client = try certificates.client()
        let url = "\(nginx.url)/debian/dists/stable/InRelease"
        let trusting = ["curl", "-sS", "--cacert", certificates.authority.certificate]
        let known = trusting + ["--cert", client.certificate, "--key", client.key]
        #expect(try Subprocess.run(known + ["-u", "ci:se cret", "--http2", url]).checked().stdout == "pointer\n")
        #expect(try Subprocess.run(known + ["-f", url]).status == 22)
        #expect(try Subprocess.run(trusting + ["-f", "-u", "ci:se cret", url]).status == 22)
        #expect(try Subprocess.run(["curl", "-sS", url]).status == 60)
    }

    @Test("a file that only its owner reads is refused, as on a real server")
    func permissions() throws {
        try directory.write("secret\n", to: "public/.trees/0123/private", mode: 0o600)
        let nginx = try NginxServer(root: directory.path("public"))
        #expect(try curl("\(nginx.url)/debian/private").contains("403 Forbidden"))
        #expect(try !nginx.errorLog.isEmpty)
    }
}
