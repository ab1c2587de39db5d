import Foundation
import TestSupport
import Testing

@Suite("Rollback and rebuilding, from outside")
struct RollbackTests {
    private func versions(_ site: MirrorSite, _ name: String = "debian") throws -> String {
        let mirror = try LoopbackServer(root: "\(site.store)/public")
        let client = try AptClient(sources: [AptClient.line("\(mirror.url)/\(name)", keyring: site.upstream.keyring)])
        try client.update().checked()
        return try client.run("apt-cache", "show", "alpha").checked().stdout
            .split(separator: "\n").filter { $0.hasPrefix("Version: ") }.sorted().joined(separator: ", ")
    }

    @Test("pin, sync, follow again: clients see what is said, and the user is warned that apt keeps what is newer")
    func rollback() throws {
        let site = try MirrorSite()
        try site.upstream.setDate(secondsFromNow: -3600)
        try site.sync()
        #expect(try site.chantal("snapshot", "create", "debian", "old").status == 0)
        try site.upstream.change { $0.date = nil }
        try site.upstream.remove("alpha")
        try site.add("alpha", "2.0-1")
        try site.sync()
        #expect(try versions(site) == "Version: 2.0-1")
        #expect(try versions(site, "debian@old") == "Version: 1.0-1")

        let pin = try site.chantal("publish", "debian@old")
        #expect(pin.status == 0)
        #expect(
            pin.prose.contains("warning: ") && pin.prose.contains("apt") && pin.prose.contains("debian@old"), "\(pin)")
        let again = try site.json("publish", "debian@old")
        #expect((again.json["publication"] as? [String: Any])?["state"] as? String == "debian@old")
        #expect(try versions(site) == "Version: 1.0-1")

        try site.upstream.remove("alpha")
        try site.add("alpha", "3.0-1")
        let synced = try site.sync()
        #expect(synced.repository["generation"] as? Int == 3)
        #expect(try versions(site) == "Version: 1.0-1", "sync moves only those that follow")
        #expect(try versions(site, "debian@3") == "Version: 3.0-1")
        let row = try site.json("status").list("publications").first { $0["name"] as? String == "debian" }
        #expect(row?["state"] as? String == "debian@old")
        #expect(row?["follows"] is NSNull)
        let pinned = try site.chantal("snapshot", "delete", "debian@old")
        #expect(
            pinned.status == 1 && pinned.prose.contains("chantal publish debian lets"), "it is published: \(pinned)")
        #expect(!pinned.prose.contains("unpublish"), "a repository's own name stays: \(pinned)")

        let follow = try site.chantal("publish", "debian")
        #expect(follow.status == 0 && !follow.prose.contains("warning: "), "\(follow)")
        #expect(try versions(site) == "Version: 3.0-1")
        #expect(try site.chantal("publish", "debian@old", "--as", "prod/debian").status == 0)
        #expect(try versions(site, "prod/debian") == "Version: 1.0-1")
        #expect(try site.chantal("snapshot", "delete", "debian@old").prose.contains("chantal unpublish prod/debian"))
        #expect(try site.chantal("unpublish", "prod/debian").status == 0)
        #expect(!Files.exists("\(site.store)/public/prod/debian"))
        #expect(try site.chantal("snapshot", "delete", "debian@old").status == 0)
        #expect(try site.chantal("verify").status == 0)
    }

    @Test("without catalog.sqlite everything comes back equal", arguments: [[], ["doctor", "--rebuild"]])
    func catalog(command: [String]) throws {
        let site = try MirrorSite()
        try site.sync()
        #expect(try site.chantal("snapshot", "create", "debian", "old").status == 0)
        try site.add("gamma", "7")
        try site.sync()
        #expect(try site.chantal("publish", "debian@old", "--as", "prod/debian").status == 0)
        #expect(try site.chantal("publish", "debian@1").status == 0)
        let questions = [
            ["snapshot", "list"], ["snapshot", "show", "debian@old"], ["publish", "--list"], ["repository", "list"],
            ["search", "package", "tests"], ["search", "gam"], ["list", "debian"], ["list", "debian@old"],
            ["show", "gamma"], ["diff", "debian@old", "debian"], ["stats"],
        ]
        func answers() throws -> [String] {
            try questions.map { words in
                let line = [try Project.chantal(), "--config", site.home.path("chantal.yaml"), "--json"] + words
                let result = try Subprocess.run(line)
                #expect(result.status == 0, "\(result.report)")
                return result.stdout
            }
        }
        let before = try answers()
        #expect(before[4].contains("alpha") && before[5].contains("gamma"))
        for ending in ["", "-wal", "-shm"] { try Files.remove("\(site.store)/catalog.sqlite\(ending)") }
        if !command.isEmpty {
            let line = [try Project.chantal(), "--config", site.home.path("chantal.yaml")] + command
            try Subprocess.run(line).checked()
        }
        #expect(try answers() == before)
        try site.sync("unchanged")
        #expect(try site.json("status").repository["state"] as? String == "unchanged")
    }

    @Test("a catalog that is garbage is told, and made again")
    func garbage() throws {
        let site = try MirrorSite()
        try site.sync()
        for ending in ["-wal", "-shm"] { try Files.remove("\(site.store)/catalog.sqlite\(ending)") }
        try Files.write("this is no database, and was never one\n", to: "\(site.store)/catalog.sqlite")
        let told = try site.chantal("search", "alpha")
        #expect(told.status == 0 || told.prose.contains("doctor --rebuild"), "\(told)")
        #expect(try site.chantal("doctor", "--rebuild").status == 0)
        #expect(try site.chantal("search", "alpha").data.contains("alpha"))
    }

    @Test("public/ is a cache: deleted, it comes back whole")
    func publicDirectory() throws {
        let site = try MirrorSite()
        try site.sync()
        #expect(try site.chantal("snapshot", "create", "debian", "old").status == 0)
        try site.add("gamma")
        try site.sync()
        #expect(try site.chantal("publish", "debian@old", "--as", "prod/debian").status == 0)
        func served() throws -> [String] {
            try Subprocess.run(
                ["find", "-L", ".", "-type", "f", "-not", "-path", "./.trees/*", "-exec", "sha256sum", "{}", "+"],
                directory: "\(site.store)/public"
            ).checked().stdout.split(separator: "\n").map(String.init).sorted()
        }
        let before = try served()
        try Files.remove("\(site.store)/public")
        let repaired = try site.chantal("verify", "--repair")
        #expect(repaired.status == 0, "\(repaired)")
        #expect(try served() == before)
        #expect(try site.chantal("verify").status == 0)
        try site.sync("unchanged")
    }
}
