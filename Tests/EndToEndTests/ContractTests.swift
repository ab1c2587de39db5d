import Foundation
import TestSupport
import Testing

/// What scripts rely on: keys, exit statuses, where errors point, and what is never shown.
@Suite("The contract, from outside")
struct ContractTests {
    private func expect(
        _ object: [String: Any], has keys: String, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let missing = Set(keys.split(separator: " ").map(String.init)).subtracting(object.keys)
        #expect(missing.isEmpty, "\(what) lacks \(missing.sorted()): \(object)", sourceLocation: sourceLocation)
    }

    @Test("every result has the documented keys, `format`, RFC 3339 times and lower-case digests")
    func shapes() throws {
        let site = try MirrorSite()
        func row(_ key: String, _ keys: String, _ words: String...) throws -> [String: Any] {
            let line = [try Project.chantal(), "--config", site.home.path("chantal.yaml")] + words + ["--json"]
            let answer = Answer(result: try Subprocess.run(line))
            #expect(answer.status == 0, "\(answer)")
            #expect(answer.json["format"] as? Int == 1, "\(answer)")
            guard !key.isEmpty else {
                expect(answer.json, has: keys, "\(words)")
                return answer.json
            }
            let rows = try #require(answer.json[key] as? [[String: Any]], "\(answer)")
            let first = try #require(rows.first, "\(answer)")
            expect(first, has: keys, "\(words)")
            return first
        }
        let syncKeys =
            "repository status generation manifest packages files bytes fetched_files fetched_bytes requests seconds errors"
        let dry = try row("repositories", syncKeys, "sync", "--dry-run")
        #expect(dry["fetched_files"] as? Int ?? 0 >= 2 && dry["fetched_bytes"] as? Int ?? 0 > 1000)
        #expect(try Files.names("\(site.store)/blobs").isEmpty || Files.walk("\(site.store)/blobs").isEmpty)
        let synced = try row("repositories", syncKeys, "sync", "--snapshot", "first")
        let digest = try #require(synced["manifest"] as? String)
        #expect(digest.wholeMatch(of: #/[0-9a-f]{64}/#) != nil)
        try site.upstream.remove("beta")
        try site.upstream.add(DebianPackage("alpha", content: Array("repacked".utf8)), fast: true)
        try site.upstream.add(DebianPackage("gamma"), fast: true)
        try site.upstream.publish()
        _ = try row("repositories", syncKeys, "sync")

        let status = try row(
            "repositories",
            "repository type state generation manifest last_attempt_at last_success_at expires_at packages files bytes verified "
                + "incomplete errors", "status")
        #expect((status["last_success_at"] as? String)?.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/#) != nil)
        #expect(status["verified"] as? Bool == true)
        let published = try row("publications", "name follows state manifest", "status")
        #expect(published["follows"] as? String == "debian" && published["state"] as? String == "debian@2")
        _ = try row("publications", "name follows state manifest", "publish", "--list")
        let snapshotKeys = "repository name generation manifest created_at packages files bytes"
        _ = try row("snapshots", snapshotKeys, "snapshot", "list")
        let made = try row("snapshots", snapshotKeys, "snapshot", "create", "debian@1", "second")
        #expect(made["manifest"] as? String == digest)
        let shown = try row("", "snapshot upstream verified", "snapshot", "show", "debian@second")
        expect(shown["snapshot"] as? [String: Any] ?? [:], has: snapshotKeys, "snapshot show")

        let difference = try row("", "added removed changed", "diff", "debian@first", "debian")
        let added = try #require((difference["added"] as? [[String: Any]])?.first)
        expect(added, has: "name version architecture", "added")
        let changed = try #require((difference["changed"] as? [[String: Any]])?.first, "\(difference)")
        expect(changed, has: "name architecture from to digest_from digest_to", "changed")
        #expect((difference["removed"] as? [[String: Any]])?.map { $0["name"] as? String } == ["beta"])

        let found = try row(
            "packages", "repository type name version architecture summary digest", "search", "alpha")
        #expect((found["digest"] as? String)?.count == 64)
        _ = try row("packages", "name version architecture", "list", "debian")
        _ = try row("packages", "name version", "show", "alpha")
        _ = try row("", "blobs bytes logical_bytes repositories", "stats")
        _ = try row(
            "repositories", "repository generations snapshots packages files bytes own_bytes", "stats")
        let verified = try row("", "checked bytes defects", "verify")
        #expect(verified["checked"] as? Int ?? 0 > 0)
        _ = try row("", "removed_blobs removed_bytes kept_blobs kept_bytes dry_run", "gc", "--dry-run")
        _ = try row("", "removed_blobs removed_bytes kept_blobs kept_bytes dry_run", "gc", "--grace", "0")
        _ = try row("repositories", "repository type", "repository", "list")
        for words in [["config", "check"], ["config", "show"], ["doctor"], ["--version"], ["help", "sync"]] {
            let line = [try Project.chantal(), "--config", site.home.path("chantal.yaml")] + words + ["--json"]
            let answer = Answer(result: try Subprocess.run(line))
            #expect(answer.status == 0 && answer.json["format"] as? Int == 1, "\(answer)")
        }
    }

    @Test("damage is found with 3, named, and repaired")
    func damage() throws {
        let site = try MirrorSite()
        try site.sync()
        let blob = try Subprocess.run(["sha256sum", site.upstream.path("pool/main/a/alpha/alpha_1.0-1_amd64.deb")])
        let digest = String(try blob.checked().stdout.prefix(64))
        try Files.flipByte("\(site.store)/blobs/sha256/\(digest.prefix(2))/\(digest)", at: 100)
        #expect(try site.chantal("verify", "--quick").status == 0, "the size is right")
        let answer = try site.json("verify")
        #expect(answer.status == 3, "\(answer)")
        let defect = try #require(answer.list("defects").first, "\(answer)")
        expect(defect, has: "kind digest path repository", "defects")
        #expect(defect["digest"] as? String == digest)
        #expect(try site.chantal("verify").status == 3)
        let repaired = try site.chantal("verify", "--repair")
        #expect(repaired.status == 0, "\(repaired)")
        #expect(try site.chantal("verify").status == 0)
        let path = "pool/main/a/alpha/alpha_1.0-1_amd64.deb"
        #expect(try site.published(path) == Files.read(site.upstream.path(path)))
    }

    @Test("wrong usage and wrong configuration are 2, with the place, and a near name where there is one")
    func wrong() throws {
        let site = try MirrorSite()
        let file = site.home.path("chantal.yaml")
        func check(_ text: String, _ says: String...) throws {
            try Files.write(text, to: file)
            for words in [["config", "check"], ["sync"], ["status"]] {
                let line = [try Project.chantal(), "--config", file] + words
                let plain = Answer(result: try Subprocess.run(line))
                #expect(plain.status == 2, "\(plain)")
                for part in says { #expect(plain.description.contains(part), "\(plain)") }
                let json = Answer(result: try Subprocess.run(line + ["--json"]))
                #expect(json.status == 2 && json.json["format"] as? Int == 1, "\(json)")
                for part in says { #expect(json.data.replacing("\\/", with: "/").contains(part), "\(json)") }
                if words != ["config", "check"] {
                    expect(json.json["error"] as? [String: Any] ?? [:], has: "code message hint", "\(words)")
                }
            }
        }
        let head = "store: store\nrepositories:\n  debian:\n    type: apt\n"
        try check(
            "\(head)    upstream: http://127.0.0.1:1\n    suites: [stable]\n    keyrings: x\n", "\(file):7:5: ",
            "keyring")
        try check("\(head)    type: apt\n", "\(file):5:5: ")
        try check("store: store\nnetwork: {retries: many}\n", "\(file):2:20: ")
        try check("store: store\nrepositories: [\n", "\(file):3:1: ")
        try check("\(head)    upstream: http://127.0.0.1:1\n    suites: [stable]\n", "\(file):3:", "keyring")
        try check("store: ${NO_SUCH_VARIABLE}\n", "\(file):1:8: ", "NO_SUCH_VARIABLE")
        try check("store: store\nrepositories:\n  Debian: {type: apt}\n", "\(file):3:3: ")
        try check("store: store\nrepositories:\n  debian: {type: atp}\n", "\(file):3:18: ", "apt")

        try site.configure()
        for words in [["snyc"], ["sync", "--fulll"], ["publish"], ["diff", "debian"], ["gc", "--grace", "soon"], []] {
            let line = [try Project.chantal(), "--config", file] + words
            let answer = Answer(result: try Subprocess.run(line))
            #expect(answer.status == 2, "\(answer)")
            #expect(answer.data == "", "\(answer)")
        }
        let near = try site.json("snyc")
        let error = near.json["error"] as? [String: Any] ?? [:]
        #expect("\(error)".contains("sync"), "\(near)")
        #expect(try site.chantal("status", environment: ["CHANTAL_CONFIG": "/nonexistent"]).status == 0)
    }

    @Test("a store that is not mounted, is newer, or is somebody else's is refused, and nothing is written")
    func stores() throws {
        let site = try MirrorSite()
        try site.sync()
        try Files.write("chantal-store 2\n", to: "\(site.store)/format")
        for words in ["sync", "status", "gc"] {
            let newer = try site.json(words)
            #expect(newer.status == 1, "\(newer)")
            #expect(newer.data.contains("chantal-store 2") || newer.data.contains("newer"), "\(newer)")
        }
        try Files.write("chantal-store 1\n", to: "\(site.store)/format")
        try site.sync("unchanged")

        if geteuid() == 0 {
            try Subprocess.run(["chown", "-R", "nobody", site.store]).checked()
            for words in [
                ["sync"], ["gc"], ["publish", "debian"], ["snapshot", "create", "debian", "x"],
                ["unpublish", "debian"],
                ["repository", "delete", "debian"], ["doctor", "--rebuild"], ["verify", "--repair"],
                ["snapshot", "prune", "--keep-last", "1"], ["repository", "rename", "debian", "x"],
            ] {
                let line = [try Project.chantal(), "--config", site.home.path("chantal.yaml"), "--json"] + words
                let answer = Answer(result: try Subprocess.run(line))
                #expect(answer.status == 1 && answer.data.contains("nobody"), "\(answer)")
            }
            #expect(try site.chantal("status").status == 0)
            let strangers = try Subprocess.run(
                ["find", site.store, "!", "-user", "nobody"], directory: site.store
            ).checked().stdout
            #expect(strangers == "", "root left files in another user's store")
        }
        try Subprocess.run(["rm", "-rf", site.store]).checked()
        try Files.makeDirectory(site.store)
        let empty = try site.chantal("sync")
        #expect(empty.status == 1 && empty.prose.contains("mounted"), "\(empty)")
        #expect(try Files.names(site.store).isEmpty)
    }

    @Test("`--json` stands before the command or behind it; errors that end a command are JSON on standard output too")
    func placement() throws {
        let site = try MirrorSite()
        try site.sync()
        let before = try site.json("snapshot", "list")
        let behind = try site.chantal("snapshot", "list", "--json")
        #expect(before.data == behind.data && before.json["format"] as? Int == 1)
        for answer in [try site.json("list", "debain"), try site.chantal("list", "debain", "--json")] {
            #expect(answer.status == 1, "\(answer)")
            let error = try #require(answer.json["error"] as? [String: Any], "\(answer)")
            expect(error, has: "code message hint", "error")
            #expect(error["code"] as? String == "not_found")
        }
        let unknown = try site.chantal("sync", "debain")
        #expect(unknown.status == 2 && unknown.prose.contains("debian"), "\(unknown)")
        let named = try site.json("sync", "--snapshot", "n-{date}", "--full")
        #expect(named.status == 0)
        let names = try site.json("snapshot", "list").list("snapshots").compactMap { $0["name"] as? String }
        #expect(names.count == 1 && names[0].wholeMatch(of: #/n-\d{4}-\d\d-\d\d/#) != nil, "\(names)")
        #expect(try site.chantal("sync", "--snapshot", "12").status != 0)
    }

    @Test("no output, record or error shows a password, a token, a header or the user part of a URL")
    func secrets() throws {
        let site = try MirrorSite()
        let secrets = ["us3r-part", "p4ss-part", "t0ken-value", "h3ader-value", "pr0xy-user", "pr0xy-pass"]
        let address = "127.0.0.1:\(site.server.port)"
        try site.setUpstream("\"http://us3r-part:p4ss-part@\(address)/\"")
        site.section.append("headers: {X-Access: h3ader-value}")
        site.top = ["network: {retries: 0, timeout: 5s}"]
        try site.configure(
            more: "  other: {type: apt, upstream: 'http://\(address)/none', suites: [stable], verify: false, "
                + "token: t0ken-value, network: {proxy: 'http://pr0xy-user:pr0xy-pass@127.0.0.1:1'}}\n")
        var outputs: [Answer] = []
        func run(_ words: String...) throws {
            for more in [[], ["--json"], ["-v"]] {
                let line = [try Project.chantal(), "--config", site.home.path("chantal.yaml")] + words + more
                outputs.append(Answer(result: try Subprocess.run(line)))
            }
        }
        try run("sync")
        #expect(outputs[0].status == 1, "\(outputs[0])")
        #expect(site.server.requests.contains { $0["Authorization"] != nil && $0["X-Access"] == "h3ader-value" })
        try site.upstream.corrupt("dists/stable/InRelease", at: 150)
        site.server.fault("*.xz", .status(500))
        try run("sync", "--full")
        site.server.clearFaults()
        site.server.fault("*", .status(401))
        try run("sync", "--full")
        try run("status")
        try run("config", "check")
        try run("config", "show")
        try run("doctor")
        try run("snapshot", "create", "debian", "x")
        try run("snapshot", "show", "debian@x")
        try run("repository", "list")
        for answer in outputs {
            for secret in secrets { #expect(!answer.description.contains(secret), "\(secret): \(answer)") }
        }
        for secret in secrets {
            let found = try Subprocess.run(["grep", "-rlaF", secret, site.store]).stdout
            #expect(found == "", "\(secret) lies in the store")
        }
    }
}
