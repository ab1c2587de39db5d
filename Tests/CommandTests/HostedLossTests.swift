import Foundation
import TestSupport
import Testing

/// A store with a mirror and a hosted repository that holds two packages, and loses files by hand.
private final class Host {
    let mirror: Mirror
    var home: TestSupport.TemporaryDirectory { mirror.home }

    init() throws {
        mirror = try Mirror()
        try mirror.configure(["demo"], more: "  ours: {type: apt, sign: false}\n")
        for name in ["one", "two", "three"] { try DebianPackage(name, "1").build(to: file(name)) }
        #expect(mirror.run("add", "ours", file("one"), file("two")).status == 0)
    }

    func file(_ name: String) -> String { home.path("\(name)_1_all.deb") }

    func add(_ names: String...) -> Run {
        Run(["--config", home.path("chantal.yaml"), "add", "ours"] + names.map(file))
    }

    /// Takes a blob away, by the file that has its bytes, and what trees have of it.
    func lose(_ file: String, servedAs pattern: String) throws {
        let sum = try Subprocess.run(["sha256sum", file]).checked().stdout.prefix(64)
        try Files.remove(home.path("store/blobs/sha256/\(sum.prefix(2))/\(sum)"))
        try Subprocess.run(
            ["find", home.path("store/public"), "(", "-name", pattern, "-o", "-name", String(sum), ")", "-delete"]
        ).checked()
    }

    func lose(_ name: String) throws { try lose(file(name), servedAs: "\(name)_*.deb") }

    func defects(_ words: String...) -> [[String: Any]] { mirror.list("defects", ["verify"] + words) }

    var served: [String] {
        get throws {
            try Files.names(home.path("store/public/ours/pool/main")).sorted()
        }
    }
}

@Suite("What a hosted repository has lost")
struct HostedLossTests {
    @Test("comes back by adding the file again, one after the other, and until then nothing ends well")
    func again() throws {
        let host = try Host()
        for name in ["one", "two"] { try host.lose(name) }
        for run in [host.mirror.run("sync", "ours"), host.mirror.run("sync", "--dry-run", "ours"), host.add("three")] {
            #expect(run.status == 1, "\(run.prose)")
            #expect(run.prose.contains("chantal add ours") && run.prose.contains("one_1_"), "\(run.prose)")
        }
        let one = host.add("one")
        #expect(one.status == 1 && one.prose.contains("1 came back"), "\(one.prose)")
        #expect(one.prose.contains("two_1_"), "\(one.prose)")
        #expect(host.add("two").status == 0)
        #expect(host.defects().isEmpty)
        #expect(try host.served == ["o", "t"])
        #expect(host.mirror.list("repositories", "sync", "ours").first?["generation"] as? Int == 1)
    }

    @Test("comes back together with what is added for the first time")
    func together() throws {
        let host = try Host()
        try host.lose("one")
        #expect(host.add("three", "one").status == 0)
        #expect(host.defects().isEmpty)
    }

    @Test("is replaced where a blob of another length lies in its place")
    func truncated() throws {
        let host = try Host()
        let sum = try Subprocess.run(["sha256sum", host.file("one")]).checked().stdout.prefix(64)
        let blob = host.home.path("store/blobs/sha256/\(sum.prefix(2))/\(sum)")
        #expect(chmod(blob, 0o644) == 0 && truncate(blob, 5) == 0 && chmod(blob, 0o444) == 0)
        #expect(host.mirror.run("sync", "ours").status == 1)
        #expect(host.add("one").status == 0)
        #expect(host.defects().isEmpty)
    }

    @Test("is taken from a tree that still has it")
    func fromTree() throws {
        let host = try Host()
        let sum = try Subprocess.run(["sha256sum", host.file("one")]).checked().stdout.prefix(64)
        try Files.remove(host.home.path("store/blobs/sha256/\(sum.prefix(2))/\(sum)"))
        #expect(host.add("three").status == 0)
        #expect(host.defects().isEmpty)
    }

    @Test("is made anew if it is metadata that the rest tells")
    func metadata() throws {
        let host = try Host()
        try host.lose(host.home.path("store/public/ours/dists/stable/Release"), servedAs: "Release")
        #expect(!host.defects().isEmpty)
        #expect(host.mirror.run("sync", "ours").status == 0)
        #expect(host.defects("ours").isEmpty)
        #expect(Files.exists(host.home.path("store/public/ours/dists/stable/Release")))
    }

    @Test("is no unchanged repository, if it is the manifest")
    func manifest() throws {
        let host = try Host()
        let manifests = host.home.path("store/manifests/sha256")
        try Subprocess.run(["find", manifests, "-type", "f", "-delete"]).checked()
        let run = host.mirror.run("sync", "ours")
        #expect(run.status == 1 && run.prose.contains("has no manifest"), "\(run.prose)")
    }
}

@Suite("A store that has lost a directory")
struct LostDirectoryTests {
    @Test("says how it comes back, and a repair brings it", arguments: ["blobs", "manifests"])
    func repaired(_ folder: String) throws {
        let host = try Host()
        #expect(host.mirror.run("sync").status == 0)
        try Files.remove(host.home.path("store/\(folder)"))
        for words in [["sync"], ["verify"], ["status"]] {
            let run = Run(["--config", host.home.path("chantal.yaml")] + words)
            #expect(run.status == 1 && run.prose.contains("verify --repair"), "\(run.status) \(run.prose)")
        }
        #expect(!Files.exists(host.home.path("store/\(folder)")))
        let repaired = host.defects("--repair")
        #expect(!repaired.isEmpty && repaired.allSatisfy { $0["repaired"] as? Bool == true }, "\(repaired)")
        #expect(host.defects().isEmpty)
        #expect(host.mirror.run("sync").status == 0)
    }

    @Test("does not begin anew with its records gone", arguments: ["repositories", "publications"])
    func records(_ folder: String) throws {
        let host = try Host()
        try Files.remove(host.home.path("store/\(folder)"))
        for words in [["sync"], ["verify", "--repair"]] {
            let run = Run(["--config", host.home.path("chantal.yaml")] + words)
            #expect(run.status == 1 && run.prose.contains("'\(folder)'"), "\(run.status) \(run.prose)")
        }
        #expect(try host.served == ["o", "t"])
    }
}
