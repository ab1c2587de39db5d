import Foundation
import TestSupport
import Testing

@Suite("Hosted repositories, from outside")
struct HostedTests {
    @Test("a .deb that is added is installed by apt-get, in every architecture that it is for; removed, it is gone")
    func deb() throws {
        let site = try HostedSite()
        let hello = try site.deb(
            DebianPackage("hello", "1.0-1", fields: [("Depends", "hello-data"), ("X-Own", "kept")]))
        let data = try site.deb(DebianPackage("hello-data", "1:2.0", architecture: "all", source: "libhello"))
        let answer = try site.chantal("changed", "add", "ours", hello, data)
        #expect(answer.repository["packages"] as? Int == 2 && answer.repository["generation"] as? Int == 1, "\(answer)")
        #expect(
            try site.paths("ours").filter { $0.hasSuffix(".deb") } == [
                "pool/main/h/hello/hello_1.0-1_amd64.deb", "pool/main/libh/libhello/hello-data_2.0_all.deb",
            ])
        let nginx = try NginxServer(root: site.publicPath)
        let client = try site.apt(nginx.url)
        try client.update().checked()
        try client.installDownloadOnly("hello").checked()
        #expect(try client.packageFiles() == ["hello-data_1%3a2.0_all.deb", "hello_1.0-1_amd64.deb"])
        let shown = try client.run("apt-cache", "show", "hello").checked().stdout
        #expect(shown.contains("X-Own: kept") && shown.contains("It has a long text,"), "\(shown)")
        #expect(try site.text("dists/stable/main/binary-arm64/Packages", "ours").contains("Package: hello-data\n"))
        #expect(try !site.text("dists/stable/main/binary-arm64/Packages", "ours").contains("Package: hello\n"))
        #expect(try site.bytes("dists/testing/contrib/binary-amd64/Packages", "ours").isEmpty)
        #expect(try site.bytes("pool/main/h/hello/hello_1.0-1_amd64.deb", "ours") == Files.read(hello))

        try site.chantal("unchanged", "add", "ours", hello)
        try site.chantal("unchanged", "sync", "ours")
        try site.chantal("changed", "remove", "ours", "hello=1.0-1")
        try client.update().checked()
        #expect(try client.run("apt-cache", "policy", "hello").checked().stdout == "")
        let gone = try site.chantal("failed", "remove", "ours", "hello")
        #expect(gone.errors.contains("no package 'hello'") && gone.status == 1, "\(gone)")
        #expect(try nginx.errorLog == "")
        for verb in ["verify", "gc", "status", "stats"] { #expect(try site.json(verb).status == 0) }
        #expect(try site.json("list", "ours").list("packages").count == 1)
        #expect(try site.json("list", "ours@1").list("packages").count == 2)
    }

    @Test(
        "a suite and a component of their own; .changes and .dsc bring their files along, and apt-get gets the source")
    func uploads() throws {
        let site = try HostedSite()
        try site.home.makeDirectory("build")
        let names = try DebianSource("hello", "1.0-1").build(to: site.home.path("build"))
        let deb = try site.deb(DebianPackage("hello", "1.0-1"))
        try site.home.write("not looked into\n", to: "build/hello_1.0-1_amd64.buildinfo")
        let files =
            names.filter { !$0.hasSuffix(".changes") } + ["hello_1.0-1_amd64.deb", "hello_1.0-1_amd64.buildinfo"]
        var lines = ["Format: 1.8", "Source: hello", "Version: 1.0-1", "Distribution: testing", "Checksums-Sha256:"]
        for name in files {
            let sum = try Subprocess.run(["sha256sum", site.home.path("build/\(name)")]).checked().stdout.prefix(64)
            lines.append(" \(sum) \(try Files.read(site.home.path("build/\(name)")).count) \(name)")
        }
        let changes = try site.home.write(lines.joined(separator: "\n") + "\n", to: "build/hello_1.0-1_amd64.changes")
        let answer = try site.chantal("changed", "add", "ours", "--component", "contrib", changes)
        let warnings = answer.repository["warnings"] as? [String] ?? []
        #expect(warnings.contains { $0.contains("buildinfo") }, "\(answer)")
        let nginx = try NginxServer(root: site.publicPath)
        let client = try site.apt(nginx.url, suite: "testing", components: ["contrib"], isSource: true)
        try client.update().checked()
        try client.source("hello").checked()
        #expect(try Files.names(client.downloads).sorted() == names.filter { !$0.hasSuffix(".changes") }.sorted())
        let binary = try site.apt(nginx.url, suite: "testing", components: ["contrib"])
        try binary.update().checked()
        try binary.installDownloadOnly("hello").checked()

        // One byte more beside it, and nothing comes in.
        try Files.write(try Files.read(deb) + [0x0a], to: deb)
        let refused = try site.chantal("failed", "add", "ours", changes)
        #expect(refused.errors.contains("mismatch") && refused.errors.contains("hello_1.0-1_amd64.deb"), "\(refused)")
        try site.chantal("changed", "remove", "ours", "src:hello")
        #expect(try !site.paths("ours").contains { $0.hasSuffix("/Sources") })
        #expect(try site.json("list", "ours").list("packages").count == 1)
    }

    @Test(
        "the same version with other bytes is refused with both digests, and nothing of that command comes in; --force replaces it"
    )
    func force() throws {
        let site = try HostedSite()
        let first = try site.deb(DebianPackage("hello", content: Array("one".utf8)))
        let second = try site.deb(DebianPackage("hello", content: Array("two".utf8)), in: "other")
        let friend = try site.deb(DebianPackage("friend"))
        try site.chantal("changed", "add", "ours", first)
        let refused = try site.chantal("failed", "add", "ours", friend, second)
        for file in [first, second] {
            let sum = try Subprocess.run(["sha256sum", file]).checked().stdout.prefix(64)
            #expect(refused.errors.contains(sum), "\(refused)")
        }
        #expect(refused.errors.contains("--force") && refused.errors.contains("code: exists"), "\(refused)")
        #expect(try site.json("list", "ours").list("packages").count == 1)
        // Nothing is wrong with the repository.
        let state = try site.json("status").list("repositories").first { $0["repository"] as? String == "ours" }
        #expect(state?["state"] as? String == "changed", "\(state ?? [:])")
        #expect(try site.json("gc").json["removed_blobs"] as? Int == 0)
        try site.chantal("changed", "add", "ours", "--force", friend, second)
        #expect(try site.bytes("pool/main/h/hello/hello_1.0-1_amd64.deb", "ours") == Files.read(second))
        let nginx = try NginxServer(root: site.publicPath)
        let client = try site.apt(nginx.url)
        try client.update().checked()
        try client.installDownloadOnly("hello", "friend").checked()
    }

    @Test("a .rpm that is added is installed by dnf, a source package too; removed, it is gone")
    func rpm() throws {
        let site = try HostedSite()
        let bear = try site.rpm(RPMPackage("bear", "4.1"))
        var package = RPMPackage("bear", "4.1")
        package.isSource = true
        let source = try site.rpm(package)
        let fox = try site.rpm(RPMPackage("fox", "1.0", fields: [("Requires", "bear >= 4")]))
        let answer = try site.chantal("changed", "add", "rpms", bear, source, fox)
        #expect(answer.repository["packages"] as? Int == 3, "\(answer)")
        let nginx = try NginxServer(root: site.publicPath)
        let client = try DNFClient([.init("\(nginx.url)/rpms", key: site.ownKey, checksMetadata: true)])
        try client.installDownloadOnly("fox").checked()
        #expect(try client.downloads().sorted() == ["bear-4.1-1.noarch.rpm", "fox-1.0-1.noarch.rpm"])
        #expect(try site.paths("rpms").contains("Packages/b/bear-4.1-1.src.rpm"))
        try site.chantal("unchanged", "add", "rpms", bear)
        try site.chantal("unchanged", "sync", "rpms")
        let other = try site.rpm(RPMPackage("bear", "4.1", description: "Another."), in: "other")
        #expect(try site.chantal("failed", "add", "rpms", other).errors.contains("--force"))
        try site.chantal("changed", "add", "--force", "rpms", other)
        try site.chantal("changed", "remove", "rpms", "bear-4.1-1.noarch")
        try client.run("clean", "all").checked()
        #expect(try client.installDownloadOnly("fox").status != 0)
        #expect(try site.json("verify").status == 0)
        #expect(try nginx.errorLog == "")
    }

    @Test("a wheel and a source distribution that are added are installed by pip; removed, they are gone")
    func wheel() throws {
        let site = try HostedSite()
        let one = try site.python(PythonPackage("Hello_World", "1.0", requiresPython: ">=3.8", hasSource: true))
        let two = try site.python(PythonPackage("Hello_World", "2.0", requires: ["friend"]))
        let friend = try site.python(PythonPackage("friend", "1.0"))
        let answer = try site.chantal("changed", "add", "wheels", one[0], one[1], two[0], friend[0])
        #expect(answer.repository["packages"] as? Int == 4, "\(answer)")
        let nginx = try NginxServer(root: site.publicPath)
        let client = try PythonClient(.pip)
        try client.install("\(nginx.url)/wheels/simple/", "hello-world").checked()
        #expect(try client.installed() == ["friend 1.0", "hello_world 2.0"])
        let page = try site.text("simple/hello-world/index.v1_json", "wheels")
        #expect(page.contains("\"requires-python\":\">=3.8\"") && page.contains("\"upload-time\""), "\(page)")
        #expect(page.contains("core-metadata"))
        try site.chantal("unchanged", "add", "wheels", two[0])
        try site.chantal("unchanged", "sync", "wheels")
        try site.chantal("changed", "remove", "wheels", "hello.world==2")
        try client.forget()
        try client.install("\(nginx.url)/wheels/simple/", "hello-world").checked()
        #expect(try client.installed() == ["hello_world 1.0"])
        try site.chantal("changed", "remove", "wheels", "friend")
        // The file stays for a while, for clients that have the page.
        #expect(try !site.paths("wheels").contains { $0.hasPrefix("simple/friend/") })
        #expect(try site.json("verify").status == 0)
    }

    @Test("an empty hosted repository is published by its first sync, and each client reads it")
    func empty() throws {
        let site = try HostedSite()
        for name in ["ours", "rpms", "wheels"] { try site.chantal("changed", "sync", name) }
        let nginx = try NginxServer(root: site.publicPath)
        try site.apt(nginx.url, components: ["main", "contrib"]).update().checked()
        try DNFClient([.init("\(nginx.url)/rpms", key: site.ownKey, checksMetadata: true)]).makecache().checked()
        #expect(try site.text("simple/index.html", "wheels").contains("<html"))
        for name in ["ours", "rpms", "wheels"] { try site.chantal("unchanged", "sync", name) }
        #expect(try site.json("status").status == 0)
    }

    @Test("another key or another setting signs and writes anew at the next sync")
    func configuration() throws {
        let site = try HostedSite()
        try site.chantal("changed", "add", "ours", try site.deb(DebianPackage("hello")))
        try site.chantal("changed", "add", "rpms", try site.rpm(RPMPackage("bear")))
        let other = try site.own.makeKey("Other")
        try site.configure(key: other)
        for name in ["ours", "rpms"] {
            try site.chantal("changed", "sync", name)
            try site.chantal("unchanged", "sync", name)
        }
        let file = try site.home.write(site.own.exportPublic(other), to: "other.asc")
        let nginx = try NginxServer(root: site.publicPath)
        let client = try AptClient(sources: [AptClient.line("\(nginx.url)/ours", keyring: file)])
        try client.update().checked()
        site.ours += ["origin: Example", "valid_for: 14d"]
        try site.configure(key: other)
        try site.chantal("changed", "sync", "ours")
        let release = try site.text("dists/stable/Release", "ours")
        #expect(release.contains("Origin: Example\n") && release.contains("Valid-Until: "), "\(release)")
        #expect(release.contains("Codename: stable\n") && release.contains("Architectures: amd64 arm64 all\n"))
        try client.run("apt-get", "update", "--allow-releaseinfo-change").checked()
        try client.installDownloadOnly("hello").checked()
    }

    @Test("what cannot be added says why, and changes nothing")
    func refused() throws {
        let site = try HostedSite()
        let deb = try site.deb(DebianPackage("hello"))
        try site.chantal("changed", "add", "ours", deb)
        let mirrored = try site.json("add", "mirror", deb)
        #expect(mirrored.status == 2 && mirrored.data.contains("hosted repositories"), "\(mirrored)")
        #expect(try site.json("remove", "mirror", "hello").status == 2)
        #expect(try site.json("add", "unknown", deb).status == 2)
        try Files.makeDirectory(site.home.path("folder"))
        let directory = try site.json("add", "ours", site.home.path("folder"))
        #expect(directory.status == 2 && directory.errors.contains("is a directory"), "\(directory)")
        let absent = try site.json("add", "ours", site.home.path("absent.deb"))
        #expect(absent.status == 1 && absent.errors.contains("absent.deb"), "\(absent)")
        try FileManager.default.createSymbolicLink(
            atPath: site.home.path("loop.deb"), withDestinationPath: site.home.path("loop.deb"))
        #expect(try site.json("add", "ours", site.home.path("loop.deb")).errors.contains("circle"))
        let text = try site.home.write("text\n", to: "notes.txt")
        for repository in ["ours", "rpms", "wheels"] {
            let answer = try site.json("add", repository, text)
            #expect(answer.status != 0 && answer.errors.contains("notes.txt"), "\(answer)")
        }
        let strange = try site.json("add", "ours", try site.deb(DebianPackage("strange", architecture: "s390x")))
        #expect(strange.errors.contains("'architectures'"), "\(strange)")
        #expect(try site.json("add", "ours", "--suite", "sid", deb).status == 2)
        #expect(try site.json("add", "rpms", "--suite", "sid", text).status == 2)
        // A link to a package is as good as the package.
        try FileManager.default.createSymbolicLink(atPath: site.home.path("link.deb"), withDestinationPath: deb)
        try site.chantal("unchanged", "add", "ours", site.home.path("link.deb"))
        #expect(try site.json("list", "ours").list("packages").count == 1)
    }

    @Test("a hosted repository travels in a bundle, and its snapshot is served beside it")
    func bundle() throws {
        let site = try HostedSite()
        let other = try HostedSite()
        try site.chantal("changed", "add", "ours", try site.deb(DebianPackage("hello")))
        #expect(try site.json("snapshot", "create", "ours", "first").status == 0)
        try site.chantal("changed", "add", "ours", try site.deb(DebianPackage("hello", "2.0-1")))
        let difference = try site.json("diff", "ours@first", "ours")
        #expect(difference.list("added").first?["version"] as? String == "2.0-1", "\(difference)")
        let file = site.home.path("bundle.tar")
        #expect(try site.json("export", "-o", file, "ours", "ours@first").status == 0)
        #expect(try other.json("import", file).status == 0)
        #expect(try other.bytes("dists/stable/InRelease", "ours") == site.bytes("dists/stable/InRelease", "ours"))
        #expect(try other.paths("ours@first").contains("pool/main/h/hello/hello_1.0-1_amd64.deb"))
        let found = try site.json("search", "hello")
        #expect(!found.list("packages").isEmpty, "\(found)")
        #expect(try site.json("show", "hello").status == 0)
    }
}
