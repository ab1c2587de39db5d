import Basics
import FileSystem
import Store
import TestSupport
import Testing

@testable import Mirroring

@Suite("Large trees have their unchanged directories in common")
struct SharedDirectoryTests {
    private let states: PageStates
    /// Of two files each.
    private static let directories = 300

    init() throws { states = try PageStates(largeTree: 600) }

    private typealias Files = [(path: String, text: String, role: Role)]

    /// - Parameter changed: directories whose first file has another name and content.
    private func files(changed: Set<Int> = [], pointer: String = "first") -> Files {
        var files: Files = [("dists/Release", pointer, .pointer), ("dists/by-hash/abc", "index", .metadata)]
        for index in 0..<SharedDirectoryTests.directories {
            let version = changed.contains(index) ? 2 : 1
            files.append(("pool/p\(index)/a_\(version).deb", "a \(version)", .package))
            files.append(("pool/p\(index)/b_\(index).deb", "b", .package))
        }
        return files
    }

    private func root() throws -> Directory { try Directory(path: states.publicPath) }

    private func shared() throws -> [String] {
        let all = try root().directory(".shared")
        return try all.names().flatMap { group in try all.directory(group).names().map { "\(group)/\($0)" } }
    }

    private func isShared(_ path: String) throws -> Bool { try root().status(path)?.kind == .link }

    private func text(_ path: String) throws -> String {
        String(decoding: try root().readAll(path, limit: 100), as: UTF8.self)
    }

    private func verify(_ change: (inout VerificationOptions) -> Void = { _ in }) throws -> [Defect] {
        var options = VerificationOptions()
        change(&options)
        return try states.engine.verify([], options: options) { _, _ in }.defects.filter { !$0.isRepaired }
    }

    @Test("of a changed state only the changed directories are made, and every file of both is there")
    func difference() throws {
        try states.publish("big", files())
        let first = Set(try shared())
        #expect(first.count == SharedDirectoryTests.directories + 1)
        #expect(try isShared("big/pool/p7") && isShared("big/dists/by-hash"))
        #expect(try root().status("big/dists")?.kind == .directory, "a pointer is in it")
        try states.publish("big", files(changed: [7, 280], pointer: "second"))
        #expect(Set(try shared()).subtracting(first).count == 2)
        #expect(try text("big@1/pool/p7/a_1.deb") == "a 1" && root().status("big@1/pool/p7/a_2.deb") == nil)
        #expect(try text("big/pool/p7/a_2.deb") == "a 2" && text("big/pool/p7/b_7.deb") == "b")
        #expect(try text("big/pool/p7/a_1.deb") == "a 1", "retained")
        #expect(try text("big/dists/Release") == "second" && text("big@1/dists/Release") == "first")
        #expect(try root().readLink("big/pool/p9") == root().readLink("big@1/pool/p9"))
        #expect(try verify().isEmpty)
    }

    @Test("a small tree is made of directories of its own")
    func small() throws {
        try states.publish("small", Array(files().prefix(100)))
        #expect(try root().status("small/pool/p7")?.kind == .directory)
        #expect(try root().status(".shared") == nil)
    }

    @Test("a directory that a killed process had begun is made anew")
    func begun() throws {
        try states.publish("big", files())
        let name = try #require(
            try root().readLink("big/pool/p7")?.split(separator: "/").suffix(2).joined(separator: "/"))
        let shared = try root().directory(".shared")
        try shared.directory(name).unlink("a_1.deb")
        try shared.directory(name).setMode(0o700)
        try states.publish("twin", files(changed: [8]))
        #expect(try text("twin/pool/p7/a_1.deb") == "a 1" && text("big/pool/p7/a_1.deb") == "a 1")
        #expect(try shared.status(name)?.mode == 0o755)
        #expect(try verify().isEmpty)
    }

    @Test("gc removes directories that no tree has any more, and those only")
    func garbage() throws {
        try states.publish("big", files())
        try states.publish("twin", files(changed: [7]))
        let both = Set(try shared())
        _ = try states.engine.deleteRepository("big", dryRun: false)
        _ = try states.engine.collectGarbage(dryRun: false, grace: 0)
        #expect(both.subtracting(try shared()).count == 1)
        #expect(try text("twin/pool/p7/a_2.deb") == "a 2" && text("twin/pool/p8/a_1.deb") == "a 1")
        #expect(try verify().isEmpty)
        _ = try states.engine.deleteRepository("twin", dryRun: false)
        _ = try states.engine.collectGarbage(dryRun: false, grace: 0)
        #expect(try shared().isEmpty)
    }

    @Test("what was taken out of a shared directory, or put into it, is found and mended in all trees")
    func mended() throws {
        try states.publish("big", files())
        try states.publish("big", files(changed: [8]))
        let pool = try root().directory(".shared")
        let name = try #require(
            try root().readLink("big/pool/p7")?.split(separator: "/").suffix(2).joined(separator: "/"))
        try pool.directory(name).unlink("a_1.deb")
        try pool.directory(name).create("stray").close()
        #expect(Set(try verify().map(\.kind)) == [.treeDiffers])
        #expect(try verify { $0.repairs = true }.isEmpty)
        for tree in ["big", "big@1"] {
            #expect(try text("\(tree)/pool/p7/a_1.deb") == "a 1" && root().status("\(tree)/pool/p7/stray") == nil)
        }
        #expect(try verify().isEmpty)
        try pool.directory(name).setMode(0o700)
        #expect(Set(try verify().map(\.kind)) == [.treeDiffers])
        #expect(try verify { $0.repairs = true }.isEmpty)
        #expect(try text("big@1/pool/p7/a_1.deb") == "a 1" && verify().isEmpty)
        try root().removeTree(".shared")
        #expect(Set(try verify().map(\.kind)) == [.treeDiffers])
        #expect(try verify { $0.repairs = true }.isEmpty)
        #expect(try text("big@1/pool/p7/a_1.deb") == "a 1" && verify().isEmpty)
    }

    @Test("a blob that the disk no longer gives is damage like any other, and the verification goes on")
    func unreadable() throws {
        try states.publish("small", [("dists/Release", "first", .pointer), ("pool/a.deb", "a", .package)])
        var isFound = false
        var number = 0
        while !isFound {
            let plan = FaultPoints.Plan(after: number, number: 5, permanent: false)
            let run = FaultPoints.with(plan) { try verify { $0.repairs = false } }
            if case .success(let defects) = run.result {
                isFound = defects.contains {
                    $0.kind == .blobDamaged && $0.message.contains("cannot be read") && $0.path == "pool/a.deb"
                }
            }
            if run.calls <= number { break }
            number += 1
        }
        #expect(isFound)
        #expect(try verify().isEmpty)
    }

    @Test("a lost manifest is read from its tree, through the directories in common")
    func manifest() throws {
        let record = try states.publish("big", files())
        let engine = states.engine
        try engine.index(record, repository: "big", into: engine.openCatalog())
        let manifests = try Directory(path: states.publicPath + "/../manifests/sha256")
        try manifests.unlink("\(record.manifest.hex.prefix(2))/\(record.manifest.hex).zst")
        #expect(Set(try verify().map(\.kind)).contains(.manifestMissing))
        #expect(try verify { $0.repairs = true }.isEmpty)
        #expect(try states.engine.records.manifest(record.manifest).entries.count == record.files)
    }
}
