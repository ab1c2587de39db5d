import Foundation
import TestSupport
import Testing

/// A mirror whose store loses files by hand.
private final class LossyMirror {
    let mirror: Mirror
    var home: TestSupport.TemporaryDirectory { mirror.home }
    /// Lines of the repository's section, if it is not the usual one.
    init(_ section: String = "") throws {
        mirror = try Mirror()
        if !section.isEmpty { try configure(section) }
        #expect(mirror.run("sync").status == 0)
    }

    func configure(_ section: String) throws {
        let text =
            "store: store\nrepositories:\n  demo:\n    {type: apt, upstream: 'file://\(mirror.upstream.root)', suites: [stable], keyring: \(mirror.upstream.keyring), \(section)}\n"
        _ = try home.write(text, to: "chantal.yaml")
    }

    func advance(_ version: String) throws {
        try mirror.add("gamma", version)
        #expect(mirror.run("sync").status == 0)
    }

    /// A line of a record.
    func field(_ key: String, of record: String) throws -> String {
        let line = try home.text("store/\(record)").split(separator: "\n").first { $0.hasPrefix(key + " ") }
        return String(try #require(line).dropFirst(key.count + 1))
    }

    func manifest(of generation: Int) throws -> String {
        try field("manifest", of: "repositories/demo/generations/\(generation)")
    }

    /// The file of a manifest or text, of whichever form.
    func path(ofManifest digest: String) throws -> String {
        let folder = home.path("store/manifests/sha256/\(digest.prefix(2))")
        let name = try Files.names(folder).first { $0.hasPrefix(digest) }
        return "\(folder)/\(try #require(name))"
    }

    /// Takes a manifest away; what it returns puts it back.
    @discardableResult
    func lose(manifest digest: String) throws -> () throws -> Void {
        let path = try path(ofManifest: digest)
        let bytes = try Files.read(path)
        try Files.remove(path)
        return { try Files.write(bytes, to: path, mode: 0o444) }
    }

    func damage(manifest digest: String) throws {
        let path = try path(ofManifest: digest)
        #expect(chmod(path, 0o644) == 0)
        try Files.flipByte(path, at: 25)
    }

    var blobs: [String] { get throws { try Files.walk(home.path("store/blobs")).sorted() } }

    func emptyBlobs() throws {
        try Files.remove(home.path("store/blobs/sha256"))
        try Files.makeDirectory(home.path("store/blobs/sha256"))
    }

    func kinds(_ words: String...) -> [String] {
        let run = Run(["--config", home.path("chantal.yaml"), "--json"] + words)
        return (run.json["defects"] as? [[String: Any]] ?? []).compactMap { $0["kind"] as? String }
    }

    /// How a sync ended.
    func sync(_ words: String...) -> (status: String, generation: Int) {
        let run = Run(["--config", home.path("chantal.yaml"), "--json", "sync"] + words)
        let report = (run.json["repositories"] as? [[String: Any]])?.first ?? [:]
        return (report["status"] as? String ?? run.prose, report["generation"] as? Int ?? 0)
    }
}

@Suite("What was lost from a store")
struct LossTests {
    // MARK: gc

    private func gcRefuses(_ lossy: LossyMirror, naming digest: String, _ owner: String) throws {
        let before = try lossy.blobs
        for words in [["gc", "--grace", "0s"], ["gc", "--grace", "0s", "--dry-run"]] {
            let run = Run(["--config", lossy.home.path("chantal.yaml")] + words)
            #expect(run.status == 1)
            #expect(run.prose.contains(digest) && run.prose.contains(owner), "\(run.prose)")
            #expect(run.prose.contains("nothing is removed") && run.prose.contains("backup"))
        }
        #expect(try lossy.blobs == before)
    }

    @Test("gc removes nothing while a manifest is missing that a generation, a snapshot or a name still needs")
    func garbage() throws {
        let lossy = try LossyMirror()
        #expect(lossy.mirror.run("snapshot", "create", "demo", "keep").status == 0)
        try lossy.advance("3.0")
        let first = try lossy.manifest(of: 1)
        let latest = try lossy.manifest(of: 2)
        for (digest, owner) in [(first, "generation 1 of 'demo'"), (latest, "generation 2 of 'demo'")] {
            let restore = try lossy.lose(manifest: digest)
            try gcRefuses(lossy, naming: digest, owner)
            try restore()
        }
        // What a name served a moment ago is kept for its clients, whoever else needs it.
        let restore = try lossy.lose(manifest: first)
        let record = try lossy.home.read("store/repositories/demo/generations/1")
        try Files.remove(lossy.home.path("store/repositories/demo/generations/1"))
        try gcRefuses(lossy, naming: first, "the snapshot 'demo@keep'")
        try Files.remove(lossy.home.path("store/repositories/demo/snapshots/keep"))
        try gcRefuses(lossy, naming: first, "the publication 'demo'")
        try Files.write(record, to: lossy.home.path("store/repositories/demo/generations/1"))
        try restore()
        // The text of the tree that is served, with files of the state before.
        let tree = try lossy.field("tree", of: "publications/demo")
        #expect(tree != latest)
        let restoreTree = try lossy.lose(manifest: tree)
        try gcRefuses(lossy, naming: tree, "the publication 'demo'")
        try restoreTree()
        #expect(lossy.mirror.run("gc", "--grace", "0s").status == 0)
        #expect(lossy.kinds("verify").isEmpty)
    }

    @Test("gc refuses before retention forgets a generation, and goes on once the lost state is given up")
    func garbageAndRetention() throws {
        let lossy = try LossyMirror("retention: {generations: 5}")
        try lossy.advance("3.0")
        try lossy.advance("3.1")
        try lossy.configure("retention: {generations: 2}")
        try lossy.lose(manifest: lossy.manifest(of: 3))
        try gcRefuses(lossy, naming: lossy.manifest(of: 3), "generation 3")
        #expect(lossy.home.exists("store/repositories/demo/generations/1"))
        #expect(lossy.sync() == ("changed", 4))
        #expect(lossy.mirror.run("gc", "--grace", "0s").status == 0)
        #expect(lossy.kinds("verify").isEmpty)
    }

    // MARK: The generation in force

    @Test("a sync notices that the manifest of the generation in force is gone, and writes it again")
    func missingManifest() throws {
        let lossy = try LossyMirror()
        try lossy.lose(manifest: lossy.manifest(of: 1))
        #expect(lossy.sync("--dry-run").status == "changed")
        #expect(lossy.sync() == ("changed", 2))
        #expect(try lossy.manifest(of: 2) == lossy.manifest(of: 1))
        #expect(lossy.kinds("verify").isEmpty)
        #expect(lossy.sync() == ("unchanged", 2))
    }

    @Test("sync --full puts a good manifest in the place of a damaged one")
    func damagedManifest() throws {
        let lossy = try LossyMirror()
        try lossy.damage(manifest: lossy.manifest(of: 1))
        let run = lossy.mirror.run("verify")
        #expect(run.data.components(separatedBy: "the manifest").count == 2, "\(run.data)")
        #expect(lossy.mirror.run("gc", "--grace", "0s").status == 1)
        #expect(lossy.sync("--full") == ("changed", 2))
        #expect(lossy.kinds("verify").isEmpty)
        #expect(lossy.sync("--full") == ("unchanged", 2))
    }

    @Test("sync --full brings back lost metadata, and all blobs where all are gone")
    func missingBlobs() throws {
        let lossy = try LossyMirror()
        let sum = try Subprocess.run(["sha256sum", lossy.home.path("store/public/demo/dists/stable/InRelease")])
            .checked().stdout
        try Files.remove(lossy.home.path("store/blobs/sha256/\(sum.prefix(2))/\(sum.prefix(64))"))
        #expect(lossy.kinds("verify") == ["blob_missing"])
        // From the tree, which has it still.
        #expect(lossy.sync("--full") == ("unchanged", 1))
        #expect(lossy.kinds("verify").isEmpty)
        try lossy.emptyBlobs()
        #expect(lossy.kinds("verify", "--quick").contains("blob_missing"))
        #expect(lossy.sync("--full") == ("unchanged", 1))
        #expect(lossy.kinds("verify").isEmpty)
        try lossy.emptyBlobs()
        try Files.remove(lossy.home.path("store/public/.trees"))
        #expect(lossy.sync("--full") == ("changed", 2))
        #expect(lossy.kinds("verify").isEmpty)
    }

    @Test("a filtered repository gets a new generation where the manifest or the blobs of the last are gone")
    func filtered() throws {
        let lossy = try LossyMirror("sign: false, filter: {include: [alpha]}")
        try lossy.lose(manifest: lossy.manifest(of: 1))
        // Its Release has another date, so the manifest that is lost stays lost.
        try Subprocess.run(["sleep", "1"]).checked()
        #expect(lossy.sync() == ("changed", 2))
        #expect(Set(lossy.kinds("verify", "demo@1")) == ["manifest_missing"])
        #expect(lossy.kinds("verify", "demo@2").isEmpty)
        try lossy.emptyBlobs()
        #expect(lossy.sync("--full") == ("unchanged", 2))
        #expect(lossy.kinds("verify", "demo@2").isEmpty)
        try lossy.damage(manifest: lossy.manifest(of: 2))
        #expect(lossy.sync("--full") == ("changed", 3))
        #expect(lossy.kinds("verify", "demo@3").isEmpty)
    }

    @Test("blobs whose names are lost are linked back from the trees, without upstream")
    func fromTrees() throws {
        let lossy = try LossyMirror()
        try lossy.advance("3.0")
        let before = try lossy.blobs
        let package = try #require(
            try Files.walk(lossy.home.path("store/public/demo/pool")).first { $0.contains("gamma") })
        let inode = try Files.status(lossy.home.path("store/public/demo/pool/\(package)")).st_ino
        try lossy.emptyBlobs()
        try Files.remove(lossy.mirror.upstream.root)
        #expect(lossy.mirror.run("verify", "--repair").status == 0)
        #expect(lossy.kinds("verify").isEmpty)
        #expect(try lossy.blobs == before)
        #expect(try Files.status(lossy.home.path("store/public/demo/pool/\(package)")).st_ino == inode)
        #expect(try Files.status(lossy.home.path("store/public/demo/pool/\(package)")).st_nlink > 1)
        #expect(try Files.names(lossy.home.path("store/tmp")).allSatisfy { !$0.contains("mended") })
    }

    @Test("a bad blob is not taken for a good one because a tree links to it")
    func badTree() throws {
        let lossy = try LossyMirror()
        let package = try #require(
            try Files.walk(lossy.home.path("store/public/demo/pool")).first { $0.contains("alpha") })
        let sum = try Subprocess.run(["sha256sum", lossy.home.path("store/public/demo/pool/\(package)")])
            .checked().stdout
        let blob = lossy.home.path("store/blobs/sha256/\(sum.prefix(2))/\(sum.prefix(64))")
        #expect(chmod(blob, 0o644) == 0)
        try Files.flipByte(blob, at: 20)
        // Gone as a blob, and bad in the tree.
        try Files.remove(blob)
        #expect(lossy.mirror.run("verify", "--repair").status == 0)
        #expect(lossy.kinds("verify").isEmpty)
    }

    // MARK: Records

    @Test("where a generation whose manifest is gone is removed, a sync serves the good one before it")
    func givenUp() throws {
        let lossy = try LossyMirror()
        try lossy.advance("3.0")
        let upstream = lossy.mirror.upstream.root
        try lossy.lose(manifest: lossy.manifest(of: 2))
        let lost = try lossy.manifest(of: 2)
        try Files.remove(lossy.home.path("store/repositories/demo/generations/2"))
        // Upstream cannot be asked: what is served is decided before.
        #expect(rename(upstream, upstream + ".away") == 0)
        let run = lossy.mirror.run("sync")
        #expect(run.status == 1)
        #expect(run.prose.contains(lost) && run.prose.contains("missing or damaged"), "\(run.prose)")
        #expect(try lossy.field("manifest", of: "publications/demo") == lossy.manifest(of: 1))
        #expect(try !lossy.home.text("store/publications/demo").contains(lost))
        #expect(rename(upstream + ".away", upstream) == 0)
        // Whoever knows the state that was given up as number 2 finds no other under it.
        #expect(lossy.sync() == ("changed", 3))
        #expect(lossy.kinds("verify").isEmpty)
        #expect(lossy.mirror.run("gc", "--grace", "0s").status == 0)
    }

    @Test("a name that serves a state whose manifest is gone can be given another")
    func published() throws {
        let lossy = try LossyMirror()
        try lossy.advance("3.0")
        try lossy.lose(manifest: lossy.manifest(of: 2))
        #expect(lossy.mirror.run("publish", "demo@1").status == 0)
        #expect(try lossy.field("manifest", of: "publications/demo") == lossy.manifest(of: 1))
    }

    @Test("a snapshot whose generation is gone is a defect, is listed with the others, and can be deleted")
    func danglingSnapshot() throws {
        let lossy = try LossyMirror()
        #expect(lossy.mirror.run("snapshot", "create", "demo", "old").status == 0)
        try lossy.advance("3.0")
        #expect(lossy.mirror.run("snapshot", "create", "demo", "new").status == 0)
        try Files.remove(lossy.home.path("store/repositories/demo/generations/1"))
        #expect(lossy.kinds("verify") == ["record_damaged"])
        #expect(lossy.mirror.run("verify").data.contains("'demo@old' names generation 1"))
        let rows = lossy.mirror.list("snapshots", "snapshot", "list")
        #expect(rows.compactMap { $0["name"] as? String } == ["new", "old"])
        #expect(rows[0]["packages"] is Int && rows[1]["packages"] is NSNull)
        #expect(lossy.mirror.run("snapshot", "list").status == 0)
        let show = lossy.mirror.run("snapshot", "show", "demo@old")
        #expect(show.status == 1 && show.prose.contains("snapshot delete demo@old"))
        try Files.remove(lossy.home.path("store/public/demo@old"))
        try lossy.advance("3.1")
        #expect(lossy.mirror.run("gc", "--grace", "0s").status == 0)
        #expect(lossy.mirror.run("snapshot", "delete", "demo@old").status == 0)
        #expect(lossy.mirror.run("snapshot", "delete", "demo@old").status != 0)
        #expect(lossy.kinds("verify").isEmpty)
    }

    @Test("a snapshot is not taken for one of another content that has its generation's number")
    func renumberedGeneration() throws {
        let lossy = try LossyMirror()
        #expect(lossy.mirror.run("snapshot", "create", "demo", "old").status == 0)
        try Files.remove(lossy.home.path("store/repositories/demo/generations/1"))
        // With the history nobody knows that there was one.
        for suffix in ["", "-wal", "-shm"] {
            let file = lossy.home.path("store/catalog.sqlite\(suffix)")
            if Files.exists(file) { try Files.remove(file) }
        }
        try lossy.advance("3.0")
        #expect(lossy.sync() == ("unchanged", 1))
        #expect(lossy.kinds("verify") == ["record_damaged"])
        #expect(lossy.mirror.run("publish", "demo@old", "--as", "names/old").status == 1)
    }

    // MARK: Texts

    @Test("a manifest, and the text of a tree, are written again from the tree, whatever else is there")
    func texts() throws {
        let lossy = try LossyMirror()
        let first = try lossy.manifest(of: 1)
        // Its tree is its own, and nothing but the catalog says what its files are for.
        try lossy.lose(manifest: first)
        #expect(Set(lossy.kinds("verify")) == ["manifest_missing"])
        #expect(lossy.mirror.run("verify", "--repair").status == 0)
        #expect(lossy.kinds("verify").isEmpty)
        try lossy.damage(manifest: first)
        #expect(lossy.mirror.run("verify", "--repair").status == 0)
        #expect(lossy.kinds("verify").isEmpty)
        try lossy.advance("3.0")
        // The tree of the second holds files of the first beside its own.
        let second = try lossy.manifest(of: 2)
        let tree = try lossy.field("tree", of: "publications/demo")
        #expect(tree != second)
        for lost in [[second], [tree], [first], [first, tree]] {
            for digest in lost { try lossy.lose(manifest: digest) }
            #expect(lossy.mirror.run("verify", "--repair").status == 0, "\(lost)")
            #expect(lossy.kinds("verify").isEmpty, "\(lost)")
        }
        #expect(lossy.mirror.run("gc", "--grace", "0s").status == 0)
        #expect(lossy.kinds("verify").isEmpty)
    }

    @Test("a lost manifest whose tree was written into is not made up")
    func textsOfChangedTrees() throws {
        let lossy = try LossyMirror()
        try lossy.home.write("more", to: "store/public/demo/pool/extra")
        try lossy.lose(manifest: lossy.manifest(of: 1))
        let run = lossy.mirror.run("verify", "--repair")
        #expect(run.status == 3 && run.data.contains("sync --full"), "\(run.data)")
        #expect(lossy.sync() == ("changed", 2))
    }

    // MARK: Space, words

    @Test("what lies there of an unfinished file is not asked for again when space is counted")
    func remainingSpace() throws {
        let mirror = try Mirror()
        let noise = try #require(FileHandle(forReadingAtPath: "/dev/urandom")).readData(ofLength: 3 << 20)
        let content = [UInt8](noise)
        _ = try mirror.upstream.add(DebianPackage("large", "1.0", content: content))
        try mirror.upstream.publish()
        try mirror.configure(["demo"], more: "min_free: 9000000TB\n")
        let whole = mirror.run("sync").prose
        #expect(whole.contains("needs 3.1 MB"), "\(whole)")
        let name = try #require(try Files.walk(mirror.upstream.root).first { $0.contains("large_1.0") })
        let package = try Files.read("\(mirror.upstream.root)/\(name)")
        let sum = try Subprocess.run(["sha256sum", "\(mirror.upstream.root)/\(name)"]).checked().stdout
        try Files.makeDirectory(mirror.home.path("store/tmp/partial"))
        try Files.write(
            Array(package.prefix(2 << 20)), to: mirror.home.path("store/tmp/partial/\(sum.prefix(64))"))
        let rest = mirror.run("sync").prose
        #expect(rest.contains("needs 1.0 MB") || rest.contains("needs 1.1 MB"), "\(rest)")
        try mirror.configure(["demo"])
        #expect(mirror.run("sync").status == 0)
    }

    @Test("doctor has no hint where upstream has changed and nothing is to be fetched")
    func doctor() throws {
        let lossy = try LossyMirror("sign: false, filter: {include: [alpha]}")
        try lossy.configure("sign: false, filter: {include: [alpha], sections: [utils]}")
        let run = lossy.mirror.run("doctor")
        let line = run.data.split(separator: "\n").first { $0.contains("upstream of demo") } ?? ""
        #expect(line.contains("no files to be fetched") && !run.data.contains("chantal sync demo"), "\(run.data)")
    }
}
