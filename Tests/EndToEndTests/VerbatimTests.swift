import Foundation
import TestSupport
import Testing

/// A mirror without a filter is upstream's, byte for byte.
@Suite("Verbatim mirrors, from outside")
struct VerbatimTests {
    private static let digestOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// A suite with every kind of index, and one whose name has a slash.
    private func rich() throws -> MirrorSite {
        var stable = DebianSuite("stable", components: ["main", "contrib"], architectures: ["amd64", "i386"])
        stable.hashes = ["MD5Sum", "SHA256", "SHA512"]
        stable.components11 = true
        stable.commandNotFound = true
        stable.servesPlain = false
        let updates = DebianSuite("stable/updates")
        return try MirrorSite([stable, updates], ["sources: true"]) { upstream in
            try upstream.add(DebianPackage("alpha", fields: [("Depends", "common (>= 1.0)")]))
            try upstream.add(DebianPackage("alpha", architecture: "i386"), fast: true)
            try upstream.add(DebianPackage("common", architecture: "all"))
            try upstream.add(DebianPackage("extra"), component: "contrib", fast: true)
            try upstream.add(DebianSource("alpha"))
            try upstream.add(
                DebianPackage("alpha", "1.0-2", fields: [("Depends", "common")]), suite: "stable/updates", fast: true)
        }
    }

    /// The paths that a suite's InRelease names, below the root, with their SHA-256.
    private func named(_ site: MirrorSite, _ suite: DebianSuite) throws -> [String: String] {
        let text = try Files.text(site.upstream.path(suite.path("InRelease")))
        let section = try #require(text.components(separatedBy: "\nSHA256:\n").dropFirst().first)
        var result: [String: String] = [:]
        for line in section.split(separator: "\n") {
            guard line.hasPrefix(" ") else { break }
            let words = line.split(separator: " ")
            result[suite.path(String(words[2]))] = String(words[0])
        }
        return result
    }

    /// The files that the indices of a suite name, read as text.
    private func packages(_ site: MirrorSite, _ indices: some Sequence<String>) throws -> Set<String> {
        var result: Set<String> = []
        for index in indices where index.hasSuffix("Packages.xz") || index.hasSuffix("Sources.xz") {
            let text = try Subprocess.run(["xz", "-dc", site.upstream.path(index)]).checked().stdout
            for stanza in text.components(separatedBy: "\n\n") {
                let lines = stanza.split(separator: "\n")
                let directory = lines.first { $0.hasPrefix("Directory: ") }?.dropFirst("Directory: ".count)
                for line in lines {
                    let words = line.split(separator: " ")
                    if line.hasPrefix("Filename: ") { result.insert(String(words[1])) }
                    if let directory, line.hasPrefix(" "), words.count == 3, words[0].count >= 32 {
                        result.insert("\(directory)/\(words[2])")
                    }
                }
            }
        }
        return result
    }

    @Test(
        "every path that InRelease and its indices name is equal; beyond them there is by-hash only, then what is retained"
    )
    func equal() throws {
        let site = try rich()
        try site.sync()
        func compare(retained: Set<String>) throws {
            var known: Set<String> = []
            var empty: Set<String> = []
            for suite in site.upstream.suites {
                let listed = try named(site, suite)
                known.formUnion(try packages(site, listed.keys))
                known.formUnion(listed.keys.filter { Files.exists(site.upstream.path($0)) })
                // What InRelease says is empty need not be there.
                empty.formUnion(listed.filter { $0.value == VerbatimTests.digestOfNothing }.keys)
                known.formUnion(["InRelease", "Release", "Release.gpg"].map(suite.path))
            }
            for path in known {
                #expect(try site.published(path) == Files.read(site.upstream.path(path)), "\(path)")
            }
            #expect(known.contains { $0.hasSuffix(".dsc") } && known.contains { $0.contains("dep11") })
            let further = Set(try site.paths()).subtracting(known).subtracting(retained).subtracting(empty)
            for path in further {
                #expect(path.contains("/by-hash/"), "\(path)")
                let bytes = try site.published(path)
                let copy = site.upstream.path(path)
                // What is empty is not fetched.
                if bytes.isEmpty, !Files.exists(copy) { continue }
                #expect(Files.exists(copy), "\(path): \(String(decoding: bytes, as: UTF8.self))")
                if Files.exists(copy) { #expect(try bytes == Files.read(copy), "\(path)") }
            }
            #expect(further.contains { $0.contains("/by-hash/SHA512/") })
        }
        try compare(retained: [])
        let before = try site.paths()
        try site.upstream.remove("alpha", suite: "stable/updates")
        try site.add("gamma")
        try site.sync()
        let kept = Set(before.filter { $0.hasSuffix(".deb") })
        #expect(kept.isSubset(of: try site.paths()))
        try compare(retained: kept)
        let byHash = before.filter { $0.contains("/by-hash/") }
        #expect(Set(byHash).isSubset(of: try site.paths()))
    }

    @Test(
        "apt reads it with Signed-By from nginx that has a copy of public/ alone, and nginx has nothing to complain of")
    func apt() throws {
        let site = try rich()
        try site.sync()
        #expect(try site.chantal("snapshot", "create", "debian", "first").status == 0)
        try Subprocess.run(["cp", "-a", "\(site.store)/public", site.home.path("alone")]).checked()
        let nginx = try NginxServer(root: site.home.path("alone"))
        let keyring = site.upstream.keyring
        let components = ["main", "contrib"]
        for name in ["debian", "debian@first", "debian@1"] {
            let url = "\(nginx.url)/\(name)"
            let client = try AptClient(
                sources: [
                    AptClient.line(url, components: components, keyring: keyring),
                    AptClient.line(url, suite: "stable/updates", keyring: keyring),
                    AptClient.line(url, components: components, keyring: keyring, isSource: true),
                ], foreign: ["i386"],
                options: [
                    "Acquire::IndexTargets::deb::Contents-deb { MetaKey \"$(COMPONENT)/Contents-$(ARCHITECTURE)\"; "
                        + "ShortDescription \"Contents\"; Description \"$(RELEASE) Contents\"; };"
                ])
            try client.update().checked()
            try client.installDownloadOnly("alpha", "extra").checked()
            let files = try client.packageFiles()
            #expect(files == ["alpha_1.0-2_amd64.deb", "common_1.0-1_all.deb", "extra_1.0-1_amd64.deb"])
            try client.source("alpha").checked()
            #expect(try Files.names(client.downloads).contains("alpha_1.0-1.dsc"))
            let text = try client.run("apt-cache", "show", "alpha=1.0-1").checked().stdout
            #expect(text.contains("It has a long text,"), "Translation-en is read")
            let lists = try Files.names(client.lists)
            #expect(
                lists.contains { $0.contains("Contents-amd64") } && lists.contains { $0.contains("Translation-en") })
            // All of it is up to date.
            #expect(try client.update().checked().stdout.contains("Hit:"))
        }
        #expect(try nginx.errorLog == "")
    }

    @Test("a flat repository is mirrored and read", arguments: ["./", "sub/"])
    func flat(name: String) throws {
        let site = try MirrorSite([DebianSuite(name)], ["sources: true"]) { upstream in
            try upstream.add(DebianPackage("alpha"))
            try upstream.add(DebianSource("alpha"))
        }
        try site.sync()
        let nginx = try NginxServer(root: "\(site.store)/public")
        let lines = [false, true].map {
            AptClient.line("\(nginx.url)/debian", suite: name, keyring: site.upstream.keyring, isSource: $0)
        }
        let client = try AptClient(sources: lines)
        try client.update().checked()
        try client.installDownloadOnly("alpha").checked()
        try client.source("alpha").checked()
        #expect(try client.packageFiles() == ["alpha_1.0-1_amd64.deb"])
        #expect(try Files.names(client.downloads).contains("alpha_1.0-1.dsc"))
        #expect(try nginx.errorLog == "")
    }

    @Test("all but pointers are hard links to blobs, and two equal snapshots take the room of one")
    func links() throws {
        let site = try rich()
        try site.sync()
        func used() throws -> Int {
            Int(try Subprocess.run(["du", "-sk", site.store]).checked().stdout.split(separator: "\t")[0]) ?? 0
        }
        let tree = ["du", "-skL", "\(site.store)/public/debian"]
        let one = try Subprocess.run(tree).checked().stdout.split(separator: "\t")[0]
        let before = try used()
        for name in ["one", "two"] { #expect(try site.chantal("snapshot", "create", "debian", name).status == 0) }
        let both = try Subprocess.run(
            ["du", "-skcL", "\(site.store)/public/debian@one", "\(site.store)/public/debian@two"]
        ).checked().stdout.split(separator: "\n").last?.split(separator: "\t")[0]
        #expect(both == one)
        #expect(try used() <= before + 24, "two records, no tree")

        let single = try Subprocess.run(
            ["find", "-L", "public/debian", "-type", "f", "-size", "+0", "-links", "1"], directory: site.store
        ).checked().stdout.split(separator: "\n")
        let pointers = Set(["InRelease", "Release", "Release.gpg"])
        #expect(!single.isEmpty)
        for path in single { #expect(pointers.contains(String(path.split(separator: "/").last ?? "")), "\(path)") }
        let digests = try Files.walk("\(site.store)/blobs").map { ($0, "\(site.store)/blobs/\($0)") }
        for (path, file) in digests {
            let digest = try Subprocess.run(["sha256sum", file]).checked().stdout.prefix(64)
            #expect(path.hasSuffix("/\(digest)"))
            #expect(try Files.status(file).st_mode & 0o7777 == 0o444)
        }
    }

    @Test("no change: one request a suite, and nothing is written; also with --full nothing is committed")
    func unchanged() throws {
        let site = try rich()
        try site.sync()
        let before = try site.listing()
        site.server.clearRequests()
        let answer = try site.sync("unchanged")
        #expect(
            site.server.requests.map(\.path).sorted() == ["/dists/stable/InRelease", "/dists/stable/updates/InRelease"])
        #expect(site.server.requests.allSatisfy { $0.status == 304 })
        #expect(answer.repository["requests"] as? Int == 2)
        #expect(try site.listing() == before)
        let full = try site.json("sync", "--full")
        #expect(full.repository["status"] as? String == "unchanged", "\(full)")
        #expect(try site.listing() == before)
        let dry = try site.json("sync", "--dry-run", "--full")
        #expect(dry.status == 0 && dry.json["dry_run"] as? Bool == true)
        #expect(try site.listing() == before)
    }

    @Test("a moved store goes on as if nothing had been")
    func moved() throws {
        let site = try MirrorSite()
        try site.sync()
        let other = site.home.path("elsewhere")
        try Subprocess.run(["mv", site.store, other]).checked()
        try Subprocess.run(["sed", "-i", "s,^store: .*,store: \(other),", site.home.path("chantal.yaml")]).checked()
        let answer = try site.json("sync")
        #expect(answer.repository["status"] as? String == "unchanged", "\(answer)")
        #expect(try site.chantal("verify").status == 0)
        #expect(Files.exists("\(other)/public/debian/dists/stable/InRelease"))
    }
}
