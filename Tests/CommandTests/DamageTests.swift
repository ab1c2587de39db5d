import Foundation
import TestSupport
import Testing

@Suite("One damaged file stops nothing else")
struct DamageTests {
    /// Two repositories with a generation each.
    private func mirror() throws -> Mirror {
        let mirror = try Mirror()
        try mirror.configure(["demo", "other"])
        #expect(mirror.run("sync").status == 0)
        return mirror
    }

    private func kinds(_ mirror: Mirror, _ words: String...) -> [String] {
        let run = Run(["--config", mirror.home.path("chantal.yaml"), "--json"] + words)
        return (run.json["defects"] as? [[String: Any]] ?? []).compactMap { $0["kind"] as? String }
    }

    private func damage(_ mirror: Mirror, _ record: String) throws {
        try Files.flipByte(mirror.home.path("store/\(record)"), at: 40)
    }

    /// Replaces a link under `public/`.
    private func point(_ mirror: Mirror, _ name: String, to target: String) throws {
        let path = mirror.home.path("store/public/\(name)")
        try Files.remove(path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    @Test("a lost index of an old generation costs a rebuilt catalog that generation alone")
    func lostIndex() throws {
        let mirror = try Mirror()
        #expect(mirror.run("sync").status == 0)
        let folder = mirror.home.path("store/public/demo@1/dists/stable/main/binary-amd64")
        var lost: [(blob: String, bytes: [UInt8])] = []
        for name in try Files.names(folder) where name.hasPrefix("Packages") {
            let sum = try Subprocess.run(["sha256sum", "\(folder)/\(name)"]).checked().stdout.prefix(64)
            let blob = mirror.home.path("store/blobs/sha256/\(sum.prefix(2))/\(sum)")
            lost.append((blob, try Files.read(blob)))
        }
        try mirror.add("gamma", "3.0")
        #expect(mirror.run("sync").status == 0)
        for (blob, _) in lost { try Files.remove(blob) }
        let doctor = mirror.run("doctor", "--rebuild")
        #expect(doctor.status == 1)
        #expect(doctor.data.contains("demo: the packages of generation 1") && doctor.data.contains("verify --repair"))
        for words in [["status"], ["list", "demo"], ["search", "gamma"]] {
            let run = Run(["--config", mirror.home.path("chantal.yaml")] + words)
            #expect(run.status == 0, "\(words): \(run.prose)")
            #expect(run.prose.contains("demo: the packages of generation 1 are not in the catalog"), "\(run.prose)")
            #expect(lost.contains { run.prose.contains($0.blob.suffix(64)) }, "\(run.prose)")
        }
        #expect(mirror.run("search", "gamma").data.contains("gamma"))
        #expect(mirror.run("sync").status == 0)
        #expect(Set(kinds(mirror, "verify")).isSuperset(of: ["blob_missing", "catalog_differs"]))
        for (blob, bytes) in lost { try Files.write(bytes, to: blob, mode: 0o444) }
        #expect(mirror.run("list", "demo@1").prose.isEmpty)
        #expect(kinds(mirror, "verify").isEmpty)
    }

    @Test("a damaged record of a publication is an error of its own: other repositories are synced and shown")
    func damagedPublication() throws {
        let mirror = try mirror()
        #expect(mirror.run("publish", "demo@1", "--as", "prod/demo").status == 0)
        try damage(mirror, "publications/prod/demo")
        try mirror.add("gamma", "3.0")
        let sync = mirror.json("sync")
        let reports = sync["repositories"] as? [[String: Any]] ?? []
        #expect(reports.compactMap { $0["status"] as? String } == ["changed", "changed"])
        #expect((sync["errors"] as? [Any])?.count == 1)
        for words in [["status"], ["publish", "--list"], ["sync"]] {
            let run = Run(["--config", mirror.home.path("chantal.yaml")] + words)
            #expect(run.status == 1 && run.prose.contains("publications/prod/demo"), "\(words): \(run.prose)")
        }
        #expect(mirror.run("publish", "--list").data.contains("follows other"))
        #expect(mirror.run("gc", "--grace", "0s").status == 1)
        #expect(kinds(mirror, "verify").contains("record_damaged"))
        // Whatever it pins is not given up.
        try mirror.configure(["demo", "other"], more: "retention: {generations: 1}\n")
        try mirror.add("gamma", "3.1")
        #expect(mirror.run("sync").status == 1)
        #expect(mirror.home.exists("store/repositories/demo/generations/1"))
    }

    @Test("a damaged record of a repository's own publication fails that repository alone")
    func damagedOwnPublication() throws {
        let mirror = try mirror()
        try damage(mirror, "publications/demo")
        try mirror.add("gamma", "3.0")
        let run = Run(["--config", mirror.home.path("chantal.yaml"), "--json", "sync"])
        #expect(run.status == 1)
        let reports = run.json["repositories"] as? [[String: Any]] ?? []
        #expect(reports.compactMap { $0["status"] as? String } == ["failed", "changed"])
    }

    @Test("a damaged record of a generation is shown as that of its repository")
    func damagedGeneration() throws {
        let mirror = try mirror()
        try damage(mirror, "repositories/demo/generations/1")
        let run = Run(["--config", mirror.home.path("chantal.yaml"), "--json", "status"])
        #expect(run.status == 1)
        let rows = run.json["repositories"] as? [[String: Any]] ?? []
        #expect(rows.compactMap { $0["state"] as? String } == ["damaged", "changed"], "\(run.data)")
        #expect((rows.first?["errors"] as? [[String: Any]])?.first?["code"] as? String == "store")
        #expect(mirror.run("status").data.contains("generations/1"))
        #expect(mirror.run("sync", "other").status == 0)
        #expect(mirror.run("gc", "--grace", "0s").status == 1)
    }

    @Test("a name of a state that leads to a tree of something else, or to none, is found and mended")
    func wrongLinks() throws {
        let mirror = try mirror()
        #expect(mirror.run("snapshot", "create", "demo", "keep").status == 0)
        try mirror.add("gamma", "3.0")
        #expect(mirror.run("sync", "demo").status == 0)
        let right = try Files.linkTarget(mirror.home.path("store/public/demo@1"))
        let wrong = try Files.linkTarget(mirror.home.path("store/public/demo@2"))
        #expect(right != wrong)
        for (name, target) in [("demo@1", wrong), ("demo@keep", wrong), ("demo@1", ".trees/nowhere")] {
            try point(mirror, name, to: target)
            #expect(kinds(mirror, "verify") == ["link_differs"], "\(name) \(target)")
            let run = mirror.run("verify", "--repair")
            #expect(run.status == 0, "\(run.data)")
            #expect(try Files.linkTarget(mirror.home.path("store/public/\(name)")) == right)
            #expect(kinds(mirror, "verify").isEmpty)
            try point(mirror, name, to: target)
            #expect(mirror.run("gc").status == 0)
            #expect(try Files.linkTarget(mirror.home.path("store/public/\(name)")) == right)
        }
        let latest = try Files.linkTarget(mirror.home.path("store/public/demo@2"))
        try point(mirror, "demo@2", to: right)
        #expect(mirror.run("sync", "demo").status == 0)
        #expect(try Files.linkTarget(mirror.home.path("store/public/demo@2")) == latest)
    }

    @Test("a repository whose own publication has lost its record stays served, and gets it again")
    func lostOwnPublication() throws {
        let mirror = try mirror()
        let record = mirror.home.path("store/publications/demo")
        try Files.remove(record)
        #expect(kinds(mirror, "verify") == ["record_damaged"])
        #expect(!Files.exists(record))
        #expect(mirror.run("verify", "--repair").status == 0)
        #expect(kinds(mirror, "verify").isEmpty)
        for words in [["gc"], ["sync", "demo"]] {
            try Files.remove(record)
            #expect(Run(["--config", mirror.home.path("chantal.yaml")] + words).status == 0)
            #expect(Files.exists(record) && mirror.home.exists("store/public/demo/dists/stable/InRelease"))
        }
    }

    @Test("a repository does not take the name that it has")
    func sameName() throws {
        let mirror = try mirror()
        #expect(mirror.run("repository", "rename", "demo", "demo").status == 2)
    }

    @Test("a dry run of an unchanged repository tells what it holds")
    func unchangedDryRun() throws {
        let mirror = try mirror()
        let row = mirror.list("repositories", "sync", "demo", "--dry-run")[0]
        #expect(row["status"] as? String == "unchanged")
        #expect(row["packages"] as? Int == 2 && (row["bytes"] as? Int ?? 0) > 0 && (row["files"] as? Int ?? 0) > 2)
    }

    @Test("a state that is named twice is one snapshot")
    func twice() throws {
        let mirror = try mirror()
        #expect(mirror.list("snapshots", "snapshot", "create", "demo@1", "demo", "s").count == 1)
    }

    @Test("pinning back warns as long as clients have seen a newer state under the name, whatever it serves now")
    func rollback() throws {
        let mirror = try mirror()
        for version in ["3.0", "3.1"] {
            sleep(1)
            try mirror.add("gamma", version)
            #expect(mirror.run("sync", "demo").status == 0)
        }
        for state in ["demo@1", "demo@2"] {
            #expect(mirror.run("publish", state).prose.contains("clients have seen"), "\(state)")
        }
        #expect(!mirror.run("publish", "demo").prose.contains("clients have seen"))
    }
}
