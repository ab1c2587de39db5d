import Foundation
import TestSupport
import Testing

/// A mirror whose packages are lost or damaged by hand, in the store and upstream.
private final class WornMirror {
    let mirror: Mirror

    init() throws {
        mirror = try Mirror()
        #expect(mirror.run("sync").status == 0)
    }

    func path(_ name: String) -> String { mirror.home.path("store/\(name)") }

    /// Where a package lies below the root of the repository.
    func package(_ name: String) throws -> String {
        let found = try Files.walk(mirror.upstream.root).first { $0.contains("/\(name)_") && $0.hasSuffix(".deb") }
        return try #require(found)
    }

    func blob(_ name: String) throws -> String {
        let sum = try Subprocess.run(["sha256sum", mirror.upstream.path(package(name))]).checked().stdout.prefix(64)
        return path("blobs/sha256/\(sum.prefix(2))/\(sum)")
    }

    /// Takes a package's blob away, and what trees have of it.
    func lose(_ name: String, withLinks: Bool = true) throws {
        try Files.remove(blob(name))
        guard withLinks else { return }
        try Subprocess.run(["find", path("public"), "-name", "\(name)_*.deb", "-delete"]).checked()
    }

    func truncate(_ name: String) throws {
        let blob = try blob(name)
        #expect(chmod(blob, 0o644) == 0 && Foundation.truncate(blob, 5) == 0 && chmod(blob, 0o444) == 0)
    }

    func flip(_ name: String) throws { try Files.flipByte(blob(name), at: 20) }

    /// Lets upstream lack a file for a while.
    func withoutUpstream(_ name: String, _ body: () throws -> Void) throws {
        let file = mirror.upstream.path(try package(name))
        let aside = mirror.home.path("aside.deb")
        #expect(rename(file, aside) == 0)
        try body()
        #expect(rename(aside, file) == 0)
    }

    /// The size of what is served as a package, nil if nothing is.
    func served(_ package: String, under name: String = "demo") -> Int? {
        let file = path("public/\(name)/\(package)")
        return Files.exists(file) ? (try? Files.status(file)).map { Int($0.st_size) } : nil
    }

    func size(_ package: String) throws -> Int { Int(try Files.status(mirror.upstream.path(package)).st_size) }

    /// The kinds of the defects, with a mark where one was repaired.
    func defects(_ words: String...) -> Set<String> {
        let found = mirror.list("defects", ["verify"] + words)
        return Set(found.map { "\($0["kind"] ?? "")\($0["repaired"] as? Bool == true ? " repaired" : "")" })
    }

    func sync(_ words: String...) -> (status: String, generation: Int) {
        let report = mirror.list("repositories", ["sync"] + words).first ?? [:]
        return (report["status"] as? String ?? "", report["generation"] as? Int ?? 0)
    }
}

@Suite("Damage, and what is served meanwhile")
struct RepairTests {
    @Test(
        "a tree that only pinned names and snapshots lead to is made again, by a repair and by a sync",
        arguments: [["verify", "--repair"], ["sync"]])
    func pinnedTree(words: [String]) throws {
        let worn = try WornMirror()
        let package = try worn.package("alpha")
        #expect(worn.mirror.run("snapshot", "create", "demo", "kept").status == 0)
        #expect(worn.mirror.run("publish", "demo@kept", "--as", "prod").status == 0)
        try worn.mirror.add("later", "1.0")
        #expect(worn.sync().status == "changed")
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: worn.path("public/prod"))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: worn.path("public/demo")) != target)
        try FileManager.default.removeItem(atPath: worn.path("public/\(target)"))
        #expect(worn.served(package, under: "prod") == nil)
        _ = Run(["--config", worn.mirror.home.path("chantal.yaml")] + words)
        for name in ["prod", "demo@kept", "demo@1", "demo"] {
            #expect(try worn.served(package, under: name) == worn.size(package), "\(name)")
        }
        #expect(worn.defects().isEmpty)
    }

    @Test("bytes that a tree still has are taken from there, whatever upstream has become")
    func recoveredBySync() throws {
        let worn = try WornMirror()
        let package = try worn.package("alpha")
        try worn.lose("alpha", withLinks: false)
        try worn.withoutUpstream("alpha") {
            #expect(worn.sync("--full").status != "failed")
        }
        #expect(try Files.exists(worn.blob("alpha")) && worn.served(package) == worn.size(package))
        #expect(worn.defects().isEmpty)
    }

    @Test(
        "a repair that cannot get a file back leaves all else served, and the next good sync brings it back everywhere")
    func leftServed() throws {
        let worn = try WornMirror()
        let (alpha, beta) = (try worn.package("alpha"), try worn.package("beta"))
        let size = try worn.size(beta)
        try worn.lose("alpha")
        try worn.withoutUpstream("alpha") {
            for _ in 0..<2 {
                #expect(worn.mirror.run("verify", "--repair").status == 3)
                for name in ["demo", "demo@1"] {
                    #expect(worn.served(beta, under: name) == size)
                    #expect(worn.served("dists/stable/InRelease", under: name) != nil)
                }
            }
            #expect(worn.sync().status == "failed")
            #expect(worn.served(beta) != nil)
        }
        #expect(worn.sync() == ("changed", 2))
        for name in ["demo", "demo@1", "demo@2"] { #expect(try worn.served(alpha, under: name) == worn.size(alpha)) }
        #expect(worn.defects().isEmpty)
        #expect(worn.sync() == ("unchanged", 2))
    }

    @Test("a file that is kept for clients alone and is lost stops nothing: neither syncs nor gc nor snapshots")
    func lostCourtesy() throws {
        let worn = try WornMirror()
        let upstream = worn.mirror.upstream
        let (alpha, blob) = (try worn.package("alpha"), try worn.blob("alpha"))
        try upstream.remove("alpha")
        try worn.mirror.add("gamma", "3.0")
        #expect(worn.sync() == ("changed", 2))
        #expect(worn.served(alpha) != nil)
        try Files.remove(blob)
        try Subprocess.run(["find", worn.path("public"), "-name", "alpha_*.deb", "-delete"]).checked()
        try worn.mirror.add("delta", "4.0")
        let run = worn.mirror.run("sync")
        #expect(run.status == 0 && run.prose.contains(alpha), "\(run.prose)")
        #expect(try worn.served(worn.package("delta"), under: "demo@3") != nil)
        #expect(try worn.served(worn.package("delta")) != nil)
        #expect(worn.served(alpha) == nil)
        #expect(worn.sync() == ("unchanged", 3))
        #expect(worn.sync("--full") == ("unchanged", 3))
        for words in [
            ["gc", "--grace", "0s"], ["snapshot", "create", "demo", "now"], ["publish", "demo@3", "--as", "x"],
        ] {
            let run = Run(["--config", worn.mirror.home.path("chantal.yaml")] + words)
            #expect(run.status == 0, "\(words) \(run.prose)")
        }
        #expect(worn.mirror.run("repository", "rename", "demo", "other").status == 0)
    }

    @Test("a tree that is gone is made again without the files of earlier states that are lost")
    func lostTree() throws {
        let worn = try WornMirror()
        let (alpha, blob) = (try worn.package("alpha"), try worn.blob("alpha"))
        try worn.mirror.upstream.remove("alpha")
        try worn.mirror.add("gamma", "3.0")
        #expect(worn.sync() == ("changed", 2))
        try Files.remove(blob)
        try Files.remove(worn.path("public"))
        try Files.makeDirectory(worn.path("public"))
        #expect(worn.mirror.run("gc").status == 0)
        #expect(worn.sync() == ("unchanged", 2))
        #expect(try worn.served(worn.package("gamma")) != nil)
        #expect(worn.served(alpha) == nil)
        // The first generation is the one that cannot be had, and is said to be so.
        #expect(worn.defects("demo").isEmpty)
        #expect(worn.mirror.run("gc").prose.contains("demo@1"))
    }

    @Test("a file of the generation in force whose tree is gone too is asked for by a plain sync")
    func lostOwn() throws {
        let worn = try WornMirror()
        let alpha = try worn.package("alpha")
        try worn.lose("alpha")
        try Files.remove(worn.path("public"))
        try Files.makeDirectory(worn.path("public"))
        #expect(worn.mirror.run("doctor").data.contains("nothing is served under 'demo'"))
        #expect(worn.mirror.list("publications", "status")[0]["served"] as? Bool == false)
        #expect(worn.mirror.run("status").data.contains("nothing is served"))
        #expect(worn.mirror.run("gc").status == 0)
        #expect(worn.sync() == ("changed", 2))
        #expect(try worn.served(alpha) == worn.size(alpha))
        #expect(worn.mirror.list("publications", "status")[0]["served"] as? Bool == true)
        #expect(!worn.mirror.run("doctor").data.contains("nothing is served"))
        #expect(worn.mirror.run("verify", "--repair").status == 0)
        #expect(worn.defects().isEmpty)
    }

    @Test("a blob whose name alone is lost is linked back from a tree by what needs it")
    func nameLost() throws {
        let worn = try WornMirror()
        let (alpha, blob) = (try worn.package("alpha"), try worn.blob("alpha"))
        try worn.mirror.upstream.remove("alpha")
        try Files.remove(blob)
        try worn.mirror.add("gamma", "3.0")
        #expect(worn.sync() == ("changed", 2))
        #expect(worn.served(alpha) != nil && Files.exists(blob))
        #expect(worn.defects().isEmpty)
    }

    @Test("sync --full makes the trees of a damaged generation anew, under all their names", arguments: [true, false])
    func fullSync(truncated: Bool) throws {
        let worn = try WornMirror()
        let alpha = try worn.package("alpha")
        if truncated { try worn.truncate("alpha") } else { try worn.lose("alpha") }
        #expect(worn.sync("--full") == ("changed", 2))
        for name in ["demo", "demo@1", "demo@2"] { #expect(try worn.served(alpha, under: name) == worn.size(alpha)) }
        #expect(worn.defects().isEmpty)
    }

    @Test(
        "a bad blob that upstream cannot replace is put aside and served no longer, until a plain sync brings it back",
        arguments: [true, false])
    func putAside(truncated: Bool) throws {
        let worn = try WornMirror()
        let (alpha, beta) = (try worn.package("alpha"), try worn.package("beta"))
        let size = try worn.size(beta)
        if truncated { try worn.truncate("alpha") } else { try worn.flip("alpha") }
        try worn.withoutUpstream("alpha") {
            let defects = worn.defects("--repair")
            #expect(defects.contains(truncated ? "blob_size" : "blob_damaged"))
            #expect(!defects.contains("tree_differs repaired"))
            for name in ["demo", "demo@1"] {
                #expect(worn.served(alpha, under: name) == nil)
                #expect(worn.served(beta, under: name) == size)
            }
            #expect(worn.defects("--repair") == ["blob_missing", "tree_differs"])
        }
        #expect(worn.sync() == ("changed", 2))
        for name in ["demo", "demo@1", "demo@2"] { #expect(try worn.served(alpha, under: name) == worn.size(alpha)) }
        #expect(worn.defects().isEmpty)
    }

    @Test("blobs and directories that others cannot read are found, and opened again")
    func modes() throws {
        let worn = try WornMirror()
        let tree = worn.path("public/" + (try Files.linkTarget(worn.path("public/demo"))))
        let closed = [try worn.blob("alpha"), tree, tree + "/dists"]
        #expect(chmod(closed[0], 0o600) == 0 && chmod(closed[1], 0o700) == 0 && chmod(closed[2], 0o700) == 0)
        #expect(worn.defects() == ["mode_differs"])
        #expect(worn.mirror.list("defects", "verify").count == 3)
        #expect(worn.defects("--repair") == ["mode_differs repaired"])
        #expect(worn.defects().isEmpty)
        #expect(try Files.status(closed[0]).st_mode & 0o7777 == 0o444)
        #expect(try Files.status(closed[1]).st_mode & 0o7777 == 0o755)
    }

    @Test("a hosted repository that has lost a file commits nothing that lacks it, and goes on without the package")
    func hosted() throws {
        let worn = try WornMirror()
        try worn.mirror.configure(["demo"], more: "  ours: {type: apt, sign: false}\n")
        for name in ["one", "two"] {
            let file = worn.mirror.home.path("\(name)_1_all.deb")
            try DebianPackage(name, "1").build(to: file)
            if name == "one" { #expect(worn.mirror.run("add", "ours", file).status == 0) }
        }
        let sum = try Subprocess.run(["sha256sum", worn.mirror.home.path("one_1_all.deb")]).checked().stdout.prefix(64)
        try Files.remove(worn.path("blobs/sha256/\(sum.prefix(2))/\(sum)"))
        try Subprocess.run(["find", worn.path("public"), "-name", "one_*.deb", "-delete"]).checked()
        let refused = worn.mirror.list("repositories", "add", "ours", worn.mirror.home.path("two_1_all.deb"))
        #expect(refused.first?["status"] as? String == "failed" && refused.first?["generation"] as? Int == 1)
        #expect(worn.mirror.run("remove", "ours", "one").status == 0)
        let added = worn.mirror.list("repositories", "add", "ours", worn.mirror.home.path("two_1_all.deb"))
        #expect(added.first?["status"] as? String == "changed" && added.first?["generation"] as? Int == 3)
        #expect(worn.defects("ours").isEmpty)
    }

    @Test("a publication whose link leads nowhere, or to something else, is a defect, and led back")
    func foreignLinks() throws {
        let worn = try WornMirror()
        let link = worn.path("public/demo")
        let tree = try Files.linkTarget(link)
        try Files.makeDirectory(worn.path("public/.trees/\(String(repeating: "0", count: 64))"))
        for target in [".trees/nowhere", ".trees/\(String(repeating: "0", count: 64))"] {
            try Files.remove(link)
            #expect(symlink(target, link) == 0)
            #expect(worn.defects() == ["link_differs"])
            #expect(worn.defects("--repair") == ["link_differs repaired"])
            #expect(try Files.linkTarget(link) == tree)
        }
        #expect(worn.defects().isEmpty)
    }

    @Test("a lost file that only clients of an earlier state may want is no damage once it is given up")
    func givenUpCourtesy() throws {
        let worn = try WornMirror()
        try worn.mirror.configure(["demo"], more: "retention: {generations: 1}\n")
        let blob = try worn.blob("alpha")
        try worn.mirror.upstream.remove("alpha")
        try worn.mirror.add("gamma", "3.0")
        #expect(worn.sync() == ("changed", 2))
        try Files.remove(blob)
        try Subprocess.run(["find", worn.path("public"), "-name", "alpha_*.deb", "-delete"]).checked()
        #expect(worn.defects() == ["blob_missing", "tree_differs"])
        #expect(worn.mirror.run("verify", "--repair").status == 0)
        #expect(worn.defects().isEmpty)
        #expect(worn.mirror.run("gc", "--grace", "0s").status == 0)
    }

    @Test("a state whose record is damaged is a defect, by whatever name it is asked for")
    func damagedRecords() throws {
        let worn = try WornMirror()
        #expect(worn.mirror.run("snapshot", "create", "demo", "one").status == 0)
        try Files.flipByte(worn.path("repositories/demo/snapshots/one"), at: 30)
        #expect(worn.mirror.run("verify", "demo@one").status == 3)
        try Files.flipByte(worn.path("repositories/demo/generations/1"), at: 30)
        #expect(worn.defects("demo@1") == ["record_damaged"])
        try Files.remove(worn.path("repositories/demo/snapshots/one"))
        try Files.remove(worn.path("repositories/demo/generations/1"))
        #expect(worn.defects() == ["record_damaged"])
    }

    @Test("a rule that keeps nothing is refused")
    func keepsNothing() throws {
        let worn = try WornMirror()
        #expect(worn.mirror.run("snapshot", "create", "demo", "one").status == 0)
        #expect(worn.mirror.run("snapshot", "prune", "--keep-last", "0").status == 2)
        #expect(worn.mirror.run("snapshot", "prune", "--keep-last", "0", "--keep-daily", "1").status == 0)
        #expect(worn.mirror.list("snapshots", "snapshot", "list").count == 1)
    }
}
