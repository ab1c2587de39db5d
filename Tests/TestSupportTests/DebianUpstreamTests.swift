import Basics
import TestSupport
import Testing

@Suite("The Debian upstream, as apt reads it")
struct DebianUpstreamTests {
    @Test("update, download, install, source, Contents and Translation work from nginx with Signed-By")
    func whole() throws {
        var stable = DebianSuite("stable", components: ["main", "updates/contrib"], architectures: ["amd64", "arm64"])
        stable.allPackages = .both
        stable.servesPlain = false
        stable.components11 = true
        stable.commandNotFound = true
        stable.hashes = ["MD5Sum", "SHA256", "SHA512"]
        stable.compressions = ["", "gz", "xz", "zst"]
        let upstream = try DebianUpstream([stable, DebianSuite("stable/security")])
        try upstream.add(DebianPackage("hello", "1:2.0+b1~rc1-1", fields: [("Depends", "hello-data (>= 1)")]))
        try upstream.add(DebianPackage("hello-data", "2.0", architecture: "all", source: "hello"))
        try upstream.add(DebianPackage("extra"), component: "updates/contrib")
        try upstream.add(DebianPackage("hello", architecture: "arm64"))
        try upstream.add(DebianPackage("epoch", "3:1.0", fileName: "epoch_3%3a1.0_amd64.deb"))
        try upstream.add(DebianPackage("fix", "1.1"), suite: "stable/security")
        try upstream.add(DebianPackage("installer", isUdeb: true))
        try upstream.add(DebianSource("hello", "1:2.0-1"))
        try upstream.add(DebianSource("native", "5"))
        try upstream.publish()
        for path in [
            "binary-amd64/Packages.xz", "debian-installer/binary-amd64/Packages.gz", "dep11/icons-64x64.tar.gz",
        ] {
            #expect(Files.exists(upstream.path("dists/stable/main/\(path)")))
        }
        #expect(!Files.exists(upstream.path("dists/stable/main/binary-amd64/Packages")))
        #expect(try Files.text(upstream.path("dists/stable/Release")).contains(" main/binary-amd64/Packages\n"))

        let nginx = try NginxServer(root: upstream.root)
        let line = { (suite: String, components: [String], isSource: Bool) in
            AptClient.line(
                nginx.url, suite: suite, components: components, keyring: upstream.keyring, isSource: isSource)
        }
        let apt = try AptClient(sources: [
            line("stable", ["main", "updates/contrib"], false), line("stable", ["main"], true),
            line("stable/security", ["main"], false),
        ])
        try apt.update().checked()
        try apt.installDownloadOnly("hello", "extra", "fix").checked()
        try apt.download("epoch").checked()
        let files = try apt.packageFiles()
        #expect(files.count == 5)
        try apt.source("hello", "native").checked()
        #expect(try Files.names(apt.downloads).contains("hello_2.0.orig.tar.gz"))
        #expect(try Files.names(apt.downloads).contains("native_5.dsc"))
        let show = try apt.run("apt-cache", "show", "hello").checked().stdout
        #expect(show.contains("It has a long text"))
        #expect(try nginx.accessLog.contains { $0.contains("/by-hash/SHA512/") })
        #expect(try nginx.errorLog.isEmpty)

        // A change comes through, a removal as well.
        try upstream.add(DebianPackage("hello", "1:3.0-1"))
        try upstream.remove("epoch")
        try upstream.publish()
        try apt.update().checked()
        #expect(try apt.run("apt-cache", "policy", "hello").checked().stdout.contains("Candidate: 1:3.0-1"))
        #expect(try !apt.run("apt-cache", "policy", "epoch").checked().stdout.contains("3:1.0"))
    }

    @Test("flat repositories", arguments: ["./", "sub/"])
    func flat(suite: String) throws {
        let upstream = try DebianUpstream([DebianSuite(suite)])
        try upstream.add(DebianPackage("flat"))
        try upstream.add(DebianSource("flat", "1"))
        try upstream.publish()
        let server = try LoopbackServer(root: upstream.root)
        let apt = try AptClient(sources: [
            AptClient.line(server.url, suite: suite, keyring: upstream.armoredKeyring),
            AptClient.line(server.url, suite: suite, keyring: upstream.armoredKeyring, isSource: true),
        ])
        try apt.update().checked()
        try apt.download("flat").checked()
        try apt.source("flat").checked()
        #expect(try apt.packageFiles() == ["flat_1.0-1_amd64.deb"])
    }

    @Test("apt refuses what the mutators do")
    func mutators() throws {
        let upstream = try DebianUpstream()
        let path = try upstream.add(DebianPackage("hello"))
        try upstream.publish()
        let server = try LoopbackServer(root: upstream.root)
        let apt = try AptClient(sources: [AptClient.line(server.url, keyring: upstream.keyring)])
        func refused(_ reason: String) throws -> Bool {
            try apt.forget()
            let result = try apt.update()
            return result.status != 0 && result.stderr.contains(reason)
        }
        try upstream.corrupt("dists/stable/InRelease", at: 200)
        #expect(try refused("BADSIG") || refused("NOSPLIT"))
        try upstream.expire()
        #expect(try refused("is expired"))
        try upstream.change { $0.validUntil = nil }
        try upstream.setDate(secondsFromNow: 86_400)
        #expect(try refused("not valid yet"))
        try upstream.setDate(secondsFromNow: -60)
        try apt.update().checked()
        try upstream.publish()
        for form in ["", ".gz", ".xz"] {
            try upstream.corrupt("dists/stable/main/binary-amd64/Packages\(form)", at: -20)
        }
        #expect(try refused("Hash Sum mismatch"))
        try upstream.publish()
        try upstream.corrupt(path, at: 300)
        try apt.forget()
        try apt.update().checked()
        #expect(try apt.download("hello").status != 0)

        let expired = try upstream.gpg.makeKey("Old", expires: "1y", at: Timestamp(seconds: 1_500_000_000))
        try upstream.change {
            $0.signers = [expired]
            $0.signedAt = Timestamp(seconds: 1_500_000_100)
        }
        try upstream.resign()
        #expect(try Files.text(upstream.path("dists/stable/InRelease")).contains("BEGIN PGP SIGNED MESSAGE"))
        #expect(try refused("NO_PUBKEY"))
    }

    @Test("a package written without dpkg-deb holds what one of dpkg-deb's does")
    func assembled() throws {
        let directory = try TemporaryDirectory()
        let package = DebianPackage("c++odd", "1:2~3", fields: [("Depends", "a, b")], content: [1, 2, 3])
        try package.build(to: directory.path("built.deb"))
        try package.assemble(to: directory.path("assembled.deb"))
        func dpkg(_ action: String, _ name: String) throws -> String {
            try Subprocess.run(["dpkg-deb", action, directory.path(name)]).checked().stdout
        }
        #expect(try dpkg("--contents", "assembled.deb").contains(" ./usr/share/c++odd/content\n"))
        #expect(try dpkg("--field", "assembled.deb") == dpkg("--field", "built.deb"))
        #expect(try dpkg("--fsys-tarfile", "assembled.deb").utf8.contains(3))

        let upstream = try DebianUpstream()
        for number in 0..<200 { try upstream.add(DebianPackage("many-\(number)"), fast: true) }
        try upstream.publish()
        let server = try LoopbackServer(root: upstream.root)
        let apt = try AptClient(sources: [AptClient.line(server.url, keyring: upstream.keyring)])
        try apt.update().checked()
        try apt.download("many-7", "many-199").checked()
    }

    @Test("apt applies pdiffs")
    func diffs() throws {
        var suite = DebianSuite("stable")
        suite.pdiffs = true
        let upstream = try DebianUpstream([suite])
        for number in 0..<20 { try upstream.add(DebianPackage("package-\(number)")) }
        try upstream.publish()
        let server = try LoopbackServer(root: upstream.root)
        let apt = try AptClient(sources: [AptClient.line(server.url, keyring: upstream.keyring)])
        try apt.update().checked()
        for version in ["2", "3"] {
            try upstream.add(DebianPackage("package-3", version))
            try upstream.remove("package-4")
            try upstream.publish()
        }
        server.clearRequests()
        try apt.update().checked()
        #expect(!server.requests(matching: "*/Packages.diff/*").isEmpty)
        #expect(server.requests(matching: "*Packages.?z").isEmpty)
        #expect(try apt.run("apt-cache", "policy", "package-3").stdout.contains("Candidate: 3"))
    }

    @Test("revoked keys export as revoked, and subkeys sign")
    func keys() throws {
        let home = try GPGHome()
        let key = try home.makeKey("One", algorithm: "rsa2048")
        let subkey = try home.addSigningSubkey(key)
        let signature = try home.detachedSign([1, 2, 3], by: [key])
        let other = try GPGHome()
        try other.import(home.exportPublic(key))
        let directory = try TemporaryDirectory()
        try directory.write([1, 2, 3], to: "data")
        try directory.write(signature, to: "data.asc")
        let status = try other.gpg(["--status-fd", "1", "--verify", directory.path("data.asc"), directory.path("data")])
        #expect(status.stdout.contains("VALIDSIG \(subkey)"))
        try home.revoke(key)
        try other.import(home.exportPublic(key))
        #expect(try other.gpg(["--with-colons", "--list-keys"]).stdout.contains("pub:r:"))
    }
}
