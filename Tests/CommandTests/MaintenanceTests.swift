import Basics
import Foundation
import TestSupport
import Testing

@Suite("verify and gc")
struct MaintenanceTests {
    /// A mirror with two generations, of which upstream has the second.
    private func mirror() throws -> Mirror {
        let mirror = try Mirror()
        #expect(mirror.run("sync").status == 0)
        try mirror.add("gamma", "3.0")
        #expect(mirror.run("sync").status == 0)
        return mirror
    }

    /// The blob that a published path is a link to.
    private func blob(_ mirror: Mirror, of path: String) throws -> (path: String, digest: String) {
        let line = try Subprocess.run(["sha256sum", mirror.home.path("store/public/demo/\(path)")]).checked().stdout
        let digest = String(line.prefix(64))
        return (mirror.home.path("store/blobs/sha256/\(digest.prefix(2))/\(digest)"), digest)
    }

    private func packagePath(_ mirror: Mirror, _ name: String) throws -> String {
        let root = mirror.home.path("store/public/demo/")
        let found = try Subprocess.run(["find", "-L", root + "pool", "-name", "\(name)_*.deb"]).checked().stdout
        return String(found.split(separator: "\n")[0].dropFirst(root.count))
    }

    private func kinds(_ mirror: Mirror, _ words: String...) -> [String] {
        let run = Run(["--config", mirror.home.path("chantal.yaml"), "--json"] + words)
        let defects = run.json["defects"] as? [[String: Any]] ?? []
        #expect(run.status == (defects.contains { $0["repaired"] as? Bool != true } ? 3 : 0))
        return defects.compactMap { $0["kind"] as? String }
    }

    @Test("a flipped bit that keeps the mtime is found, and fetched again into blobs and trees")
    func flippedBit() throws {
        let mirror = try mirror()
        let path = try packagePath(mirror, "gamma")
        let blob = try blob(mirror, of: path)
        try Files.flipByte(blob.path, at: 20)
        #expect(kinds(mirror, "verify", "--quick").isEmpty)
        #expect(kinds(mirror, "verify") == ["blob_damaged"])
        #expect(kinds(mirror, "verify", "demo@1").isEmpty)
        #expect(kinds(mirror, "verify", "demo").count == 1)
        #expect(kinds(mirror, "verify", "--repair") == ["blob_damaged"])
        #expect(kinds(mirror, "verify").isEmpty)
        #expect(try self.blob(mirror, of: path).digest == blob.digest)
    }

    @Test("truncated and missing blobs are found without reading any, and fetched again")
    func truncatedAndMissing() throws {
        let mirror = try mirror()
        let gamma = try blob(mirror, of: packagePath(mirror, "gamma"))
        let alpha = try blob(mirror, of: packagePath(mirror, "alpha"))
        try FileManager.default.removeItem(atPath: gamma.path)
        #expect(truncate(alpha.path, 10) == 0)
        #expect(Set(kinds(mirror, "verify", "--quick")).isSuperset(of: ["blob_size", "blob_missing"]))
        _ = kinds(mirror, "verify", "--repair")
        #expect(kinds(mirror, "verify").isEmpty)
    }

    @Test("what upstream no longer has is said to be beyond repair")
    func beyondRepair() throws {
        let mirror = try mirror()
        let blob = try blob(mirror, of: packagePath(mirror, "gamma"))
        try mirror.upstream.corrupt(packagePath(mirror, "gamma"), at: 30)
        try Files.flipByte(blob.path, at: 20)
        let run = mirror.run("verify", "--repair")
        #expect(run.status == 3)
        #expect(run.data.contains("upstream does not have these bytes"))
    }

    @Test("a tree that lost, gained or changed a file is found and made anew")
    func trees() throws {
        let mirror = try mirror()
        let path = try packagePath(mirror, "alpha")
        let tree = mirror.home.path("store/public/demo")
        let damages: [(String) throws -> Void] = [
            { try FileManager.default.removeItem(atPath: "\($0)/\(path)") },
            { try Data("more".utf8).write(to: URL(fileURLWithPath: "\($0)/pool/extra")) },
            { try FileManager.default.removeItem(atPath: "\($0)/dists/stable/InRelease") },
        ]
        for damage in damages {
            try damage(tree)
            #expect(Set(kinds(mirror, "verify")) == ["tree_differs"])
            #expect(Set(kinds(mirror, "verify", "--repair")) == ["tree_differs"])
            #expect(kinds(mirror, "verify").isEmpty)
        }
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: tree)
        try FileManager.default.removeItem(atPath: mirror.home.path("store/public/\(target)"))
        #expect(Set(kinds(mirror, "verify")) == ["tree_missing"])
        #expect(Set(kinds(mirror, "verify", "--repair")) == ["tree_missing"])
        #expect(kinds(mirror, "verify").isEmpty)
    }

    @Test("a manifest that is gone and a record with a flipped byte are found")
    func records() throws {
        let mirror = try mirror()
        let manifest = mirror.list("repositories", "status")[0]["manifest"] as? String ?? ""
        let folder = mirror.home.path("store/manifests/sha256/\(manifest.prefix(2))")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix(manifest) {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
        #expect(kinds(mirror, "verify").contains("manifest_missing"))
        #expect(kinds(mirror, "verify", "--repair").contains("manifest_missing"))
        try Files.flipByte(mirror.home.path("store/repositories/demo/generations/1"), at: 30)
        #expect(kinds(mirror, "verify").contains("record_damaged"))
    }

    @Test("gc removes what nothing needs, keeps what clients may still ask for, and says beforehand what it would do")
    func garbage() throws {
        let mirror = try Mirror()
        try mirror.configure(["demo"], more: "retention: {generations: 1}\n")
        #expect(mirror.run("sync").status == 0)
        #expect(mirror.run("snapshot", "create", "demo", "keep").status == 0)
        for version in ["3.0", "3.1", "3.2", "3.3"] {
            try mirror.add("gamma", version)
            #expect(mirror.run("sync").status == 0)
        }
        let stray = mirror.home.path("store/blobs/sha256/ab/ab\(String(repeating: "0", count: 62))")
        try FileManager.default.createDirectory(
            atPath: mirror.home.path("store/blobs/sha256/ab"), withIntermediateDirectories: true)
        try Data("stray".utf8).write(to: URL(fileURLWithPath: stray))

        #expect(mirror.json("gc")["removed_blobs"] as? Int == 0)
        let planned = mirror.json("gc", "--dry-run", "--grace", "0s")
        #expect(planned["dry_run"] as? Bool == true)
        #expect(FileManager.default.fileExists(atPath: stray))
        let done = mirror.json("gc", "--grace", "0s")
        #expect(done["removed_blobs"] as? Int == planned["removed_blobs"] as? Int)
        #expect(done["removed_bytes"] as? Int == planned["removed_bytes"] as? Int)
        #expect(done["kept_blobs"] as? Int == planned["kept_blobs"] as? Int)
        #expect(!FileManager.default.fileExists(atPath: stray))
        #expect(kinds(mirror, "verify").isEmpty)
        // The last three states before the present one stay reachable under the name, whatever their age.
        #expect(try packagePath(mirror, "gamma").contains("gamma"))
        #expect(mirror.home.exists("store/public/demo@keep/dists/stable/InRelease"))
        #expect(mirror.json("gc", "--grace", "0s")["removed_blobs"] as? Int == 0)
    }

    @Test("a catalog that says something else than the manifests is found and made anew")
    func catalog() throws {
        let mirror = try mirror()
        let change = "UPDATE package SET version = '9.9' WHERE rowid IN (SELECT min(rowid) FROM package)"
        try Subprocess.run([
            "python3", "-c", "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nc.execute(sys.argv[2])\nc.commit()",
            mirror.home.path("store/catalog.sqlite"), change,
        ]).checked()
        #expect(kinds(mirror, "verify").contains("catalog_differs"))
        _ = kinds(mirror, "verify", "--repair")
        #expect(kinds(mirror, "verify").isEmpty)
    }

    @Test("from records and manifests alone, all that upstream still has comes back")
    func restored() throws {
        let mirror = try Mirror()
        #expect(mirror.run("sync").status == 0)
        let before = mirror.list("publications", "publish", "--list")[0]["manifest"] as? String
        for name in ["public", "blobs/sha256"] {
            let path = mirror.home.path("store/\(name)")
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try FileManager.default.removeItem(atPath: mirror.home.path("store/catalog.sqlite"))
        #expect(Set(kinds(mirror, "verify")).isSuperset(of: ["blob_missing", "tree_missing", "catalog_differs"]))
        #expect(mirror.run("verify", "--repair").status == 0)
        #expect(kinds(mirror, "verify").isEmpty)
        #expect(mirror.list("publications", "publish", "--list")[0]["manifest"] as? String == before)
        #expect(mirror.home.exists("store/public/demo@1/dists/stable/InRelease"))
    }

    @Test("a sync that would leave less than min_free stops before it fetches")
    func leastFreeSpace() throws {
        let mirror = try Mirror()
        try mirror.configure(["demo"], more: "min_free: 9000000TB\n")
        let run = mirror.run("sync")
        #expect(run.status == 1)
        #expect(run.prose.contains("of which min_free keeps"))
        #expect(!mirror.home.exists("store/public/demo"))
    }
}
