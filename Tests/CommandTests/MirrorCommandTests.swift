import Basics
import Foundation
import TestSupport
import Testing

@Suite("Commands on a mirror")
struct MirrorCommandTests {
    @Test("init makes a store once, and keeps a configuration that is there")
    func initialize() throws {
        let home = try TestSupport.TemporaryDirectory("init")
        let first = Run("init", home.path("new/place"), "--json")
        #expect(first.status == 0)
        #expect(first.json["config_written"] as? Bool == true)
        #expect(first.json["store"] as? String == home.path("new/place/store"))
        #expect(try home.text("new/place/store/format") == "chantal-store 1\n")
        #expect(Run("--config", home.path("new/place/chantal.yaml"), "config", "check").status == 0)
        #expect(Run("init", home.path("new/place")).status == 1)

        _ = try home.write("store: elsewhere\n", to: "own.yaml")
        let second = Run("--config", home.path("own.yaml"), "init")
        #expect(second.status == 0)
        #expect(try home.text("own.yaml") == "store: elsewhere\n")
        #expect(home.exists("elsewhere/format"))
        #expect(Run("--config", home.path("own.yaml"), "init", home.path).status == 2)
    }

    @Test("a store that is not there is an error that names the mount point, not a new store")
    func unmounted() throws {
        let home = try TestSupport.TemporaryDirectory("init")
        _ = try home.write("store: store\n", to: "chantal.yaml")
        let run = Run("--config", home.path("chantal.yaml"), "status")
        #expect(run.status == 1)
        #expect(run.prose.contains("mounted at"))
        #expect(!home.exists("store"))
    }

    @Test("sync commits, then finds nothing new; a dry run leaves no trace")
    func sync() throws {
        let mirror = try Mirror()
        let dry = mirror.list("repositories", "sync", "--dry-run")
        #expect(dry.first?["fetched_files"] as? Int ?? 0 >= 2)
        #expect(mirror.list("repositories", "status").first?["state"] as? String == "never")
        #expect(!mirror.home.exists("store/public/demo"))

        let first = try #require(mirror.list("repositories", "sync").first)
        #expect(first["status"] as? String == "changed")
        #expect(first["generation"] as? Int == 1)
        #expect(first["packages"] as? Int == 2)
        #expect((first["manifest"] as? String)?.count == 64)
        #expect(first["errors"] as? [String] == [])
        #expect(mirror.home.exists("store/public/demo/dists/stable/InRelease"))

        let second = try #require(mirror.list("repositories", "sync", "--snapshot", "s-{date}").first)
        #expect(second["status"] as? String == "unchanged")
        #expect(second["requests"] as? Int == 1)
        let names = mirror.list("snapshots", "snapshot", "list").compactMap { $0["name"] as? String }
        #expect(names.count == 1 && names[0].hasPrefix("s-20"))
        let quiet = mirror.run("sync", "-q")
        #expect((quiet.status, quiet.data, quiet.prose) == (0, "", ""))
    }

    @Test("one repository that fails is exit 1, the others are synced, and status says why")
    func partial() throws {
        let mirror = try Mirror()
        try mirror.configure(
            ["demo"], more: "  gone: {type: apt, upstream: 'file:///nonexistent', suites: [stable], verify: false}\n")
        let run = mirror.run("sync")
        #expect(run.status == 1)
        #expect(run.prose.contains("demo: changed, generation 1: 2 packages"))
        #expect(run.prose.contains("error: gone: "))
        let rows = mirror.list("repositories", "status")
        #expect(rows.map { $0["state"] as? String } == ["changed", "failed"])
        #expect((rows[1]["errors"] as? [[String: Any]])?.first?["message"] is String)
        #expect(mirror.run("status").data.contains("gone: upstream has neither"))
        #expect(mirror.run("sync", "nope").status == 2)
    }

    @Test("states are named, compared, published, rolled back and deleted")
    func states() throws {
        let mirror = try Mirror()
        #expect(mirror.run("sync").status == 0)
        #expect(mirror.run("snapshot", "create", "demo", "old").data == "demo@old\n")
        try mirror.upstream.remove("beta")
        try mirror.add("beta", "2.1")
        try mirror.add("gamma", "1")
        #expect(mirror.run("sync").status == 0)

        let difference = mirror.json("diff", "demo@old", "demo")
        #expect((difference["added"] as? [[String: Any]])?.map { $0["name"] as? String } == ["gamma"])
        #expect((difference["removed"] as? [[String: Any]])?.count == 0)
        let changed = try #require((difference["changed"] as? [[String: Any]])?.first)
        #expect(changed["from"] as? String == "2.0")
        #expect(changed["to"] as? String == "2.1")
        #expect(mirror.run("diff", "demo", "demo@old").data.contains("- gamma 1 "))
        #expect(mirror.run("diff", "demo@old", "demo", "--files").data.contains("~ dists/stable/InRelease\n"))

        #expect(mirror.run("publish", "demo@old", "--as", "prod/demo").status == 0)
        #expect(mirror.run("publish", "demo@old").prose.contains("warning:"))
        let rows = mirror.list("publications", "publish", "--list")
        #expect(rows.map { $0["name"] as? String } == ["demo", "prod/demo"])
        #expect(rows.map { $0["state"] as? String } == ["demo@old", "demo@old"])
        #expect(mirror.run("snapshot", "delete", "demo@old").status == 1)
        #expect(mirror.run("publish", "demo").status == 0)
        #expect(mirror.list("publications", "status").first?["follows"] as? String == "demo")
        #expect(mirror.json("snapshot", "show", "demo@old")["publications"] as? [String] == ["prod/demo"])
        #expect(mirror.run("unpublish", "prod/demo").status == 0)
        #expect(mirror.run("snapshot", "delete", "demo@old").status == 0)
        #expect(mirror.list("snapshots", "snapshot", "list").isEmpty)
        #expect(mirror.run("snapshot", "show", "demo@2").status == 2)
        #expect(mirror.run("snapshot", "prune").status == 2)
    }

    @Test("packages are listed, shown and found, also after the catalog is gone")
    func packages() throws {
        let mirror = try Mirror()
        #expect(mirror.run("sync").status == 0)
        for _ in 0..<2 {
            #expect(mirror.list("packages", "list", "demo").map { $0["name"] as? String } == ["alpha", "beta"])
            let hits = mirror.list("packages", "search", "alph")
            #expect(hits.map { $0["repository"] as? String } == ["demo"])
            #expect(hits.map { $0["version"] as? String } == ["1.0"])
            let across = mirror.list("software", "search", "alpha", "--across")
            #expect(across.map { $0["part"] as? String } == ["program"] && across[0]["found"] is [[String: Any]])
            #expect(mirror.list("packages", "show", "beta").first?["last_generation"] as? Int == 1)
            for name in ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"]
            where mirror.home.exists("store/\(name)") {
                try FileManager.default.removeItem(atPath: mirror.home.path("store/\(name)"))
            }
        }
        #expect(mirror.run("show", "nothing").status == 1)
        #expect(mirror.run("show", "alpha", "--repo", "other").status == 1)
        #expect(mirror.run("search", "nothing").status == 0)
        #expect(mirror.run("search", "x", "--type", "rmp").status == 2)
        #expect(mirror.run("list", "demo@9").status == 1)
    }

    @Test("show describes the newest version of the latest state, or the one asked for")
    func described() throws {
        let mirror = try Mirror()
        #expect(mirror.run("sync").status == 0)
        try mirror.add("alpha", "2.0")
        #expect(mirror.run("sync").status == 0)
        func described(_ words: String...) -> [String: [String: Any]] {
            let rows = mirror.list("packages", ["show", "alpha"] + words)
            return Dictionary(
                uniqueKeysWithValues: rows.map { row in
                    (row["version"] as? String ?? "-", row["described"] as? [String: Any] ?? [:])
                })
        }
        let plain = described()
        #expect(plain.keys.sorted() == ["1.0", "2.0"] && plain["1.0"]?.isEmpty == true)
        #expect(plain["2.0"]?["source"] as? String == "alpha" && plain["2.0"]?["files"] is NSNull)
        #expect(described("--package-version", "1.0").keys.sorted() == ["1.0"])
        #expect(described("--files")["2.0"]?["files"] as? [String] == ["/usr/share/alpha/content"])
        let text = mirror.run("show", "alpha", "--repo", "demo", "--files").data
        #expect(text.contains("  source       alpha\n") && text.contains("  /usr/share/alpha/content\n"), "\(text)")
        #expect(text.contains("  It has a long text,\n"))
        #expect(mirror.run("show", "alpha", "--why").data.contains("demo: nothing asks for it"))
    }

    @Test("a name that the states cannot get is told beside what was synced")
    func nameConflict() throws {
        let mirror = try Mirror()
        #expect(mirror.run("sync", "--snapshot", "keep").status == 0)
        try mirror.add("gamma", "1")
        let run = Run(["--config", mirror.home.path("chantal.yaml"), "--json", "sync", "--snapshot", "keep"])
        #expect(run.status == 1)
        let repositories = run.json["repositories"] as? [[String: Any]]
        #expect(
            repositories?.first?["status"] as? String == "changed" && repositories?.first?["generation"] as? Int == 2)
        let errors = run.json["errors"] as? [[String: Any]]
        #expect(errors?.map { $0["code"] as? String } == ["exists"], "\(run)")
    }

    @Test("links of snapshots that someone has deleted come back with a sync")
    func lostLinks() throws {
        let mirror = try Mirror()
        #expect(mirror.run("sync", "--snapshot", "first").status == 0)
        for name in ["demo@first", "demo@1"] {
            try FileManager.default.removeItem(atPath: mirror.home.path("store/public/\(name)"))
        }
        #expect(mirror.run("sync").status == 0)
        for name in ["demo@first", "demo@1"] {
            #expect(mirror.home.exists("store/public/\(name)/dists/stable/InRelease"))
        }
    }

    @Test("repositories are listed, renamed and deleted; what is gone from the configuration stays")
    func repositories() throws {
        let mirror = try Mirror()
        #expect(mirror.run("sync").status == 0)
        #expect(mirror.run("repository", "rename", "demo", "other").prose.contains("rename it there"))
        let rows = mirror.list("repositories", "status")
        #expect(rows.map { $0["repository"] as? String } == ["demo", "other"])
        #expect(rows.map { $0["state"] as? String } == ["never", "unconfigured"])
        #expect(mirror.home.exists("store/public/other/dists/stable/InRelease"))
        let plan = mirror.json("repository", "delete", "other", "--dry-run")
        #expect(plan["generations"] as? Int == 1)
        #expect(plan["dry_run"] as? Bool == true)
        #expect(mirror.run("repository", "delete", "other").status == 0)
        #expect(mirror.list("repositories", "repository", "list").map { $0["repository"] as? String } == ["demo"])
        #expect(!mirror.home.exists("store/public/other"))
    }

    @Test("stats count what is shared once")
    func stats() throws {
        let mirror = try Mirror()
        try mirror.configure(["demo", "same"])
        #expect(mirror.run("sync").status == 0)
        let stats = mirror.json("stats")
        let rows = try #require(stats["repositories"] as? [[String: Any]])
        #expect(rows.map { $0["own_bytes"] as? Int } == [0, 0])
        let bytes = try #require(stats["bytes"] as? Int)
        let logical = try #require(stats["logical_bytes"] as? Int)
        #expect(logical >= 2 * bytes)
    }

    @Test("config shows errors with their places, and no secrets")
    func config() throws {
        let mirror = try Mirror()
        #expect(mirror.run("config", "check").status == 0)
        try mirror.configure(
            ["demo"],
            more: "  mine: {type: apt, upstream: 'https://u:secret@host.example/', suites: [s], verify: false}\n")
        let shown = mirror.run("config", "show")
        #expect(shown.status == 0)
        #expect(!shown.data.contains("secret"))
        #expect(!"\(mirror.json("config", "show"))".contains("secret"))
        try mirror.configure(["demo"], more: "  bad: {typ: apt}\n  worse: {type: apt, upstream: 7, suits: [x]}\n")
        let wrong = mirror.run("config", "check")
        #expect(wrong.status == 2)
        #expect(wrong.prose.contains("chantal.yaml:4:"))
        #expect(wrong.prose.contains("chantal.yaml:5:"))
        #expect((mirror.json("config", "check")["errors"] as? [Any])?.count ?? 0 >= 2)
        #expect(mirror.run("status").status == 2)
        #expect(Run("--config", "/nonexistent.yaml", "status").status == 2)
        #expect(Run("config", "schema").json["$schema"] is String)
    }

    @Test("doctor finds what is wrong and says what to do")
    func doctor() throws {
        let mirror = try Mirror()
        let well = mirror.json("doctor")
        #expect((well["checks"] as? [[String: Any]])?.allSatisfy { $0["result"] as? String == "ok" } == true)
        try mirror.configure(
            ["demo"], more: "  gone: {type: apt, upstream: 'file:///nonexistent', suites: [stable], verify: false}\n")
        let ill = mirror.run("doctor", "--rebuild")
        #expect(ill.status == 1)
        #expect(ill.data.contains("problem  upstream of gone:"))
        #expect(ill.data.contains("ok       upstream of demo:"))
    }

    @Test("completion offers names of repositories and states")
    func completion() throws {
        let mirror = try Mirror()
        #expect(mirror.run("sync", "--snapshot", "first").status == 0)
        let config = "--config=\(mirror.home.path("chantal.yaml"))"
        #expect(Run("complete", "--", config, "sync", "d").data == "demo\n")
        #expect(Run("complete", "--", config, "list", "demo@").data == "demo@first\n")
        #expect(Run("complete", "--", "--config", "/nonexistent", "sync", "").data == "")
    }
}
