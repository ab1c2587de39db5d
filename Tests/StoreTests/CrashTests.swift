import Basics
import FileSystem
import Foundation
import Hashing
import Store
import Testing

/// The whole life of a store, cut off at every system call.
@Suite struct CrashTests {
    private static let contents: [[UInt8]] = [
        Array("one".utf8), Array("two".utf8), [], [UInt8](repeating: 5, count: 70_000),
    ]
    private static let large = [UInt8](repeating: 8, count: 1_200_000)

    /// One sync as the engine does it; returns the generation's number.
    private static func sync(_ path: String, createFirst: Bool = false) throws {
        if createFirst { try StoreDirectory.create(at: path) }
        let store = try StoreDirectory.open(at: path)
        let lock = try store.locks.sync("debian")
        let session = try store.blobs.beginSession(name: "debian")
        let records = store.records
        var digests = contents.map { sha256(of: $0) } + [sha256(of: large)]
        for (content, size) in zip(contents, try session.rely(on: digests)) where size == nil {
            let writer = try session.writer(expected: [Checksum(sha256(of: content))], size: Int64(content.count))
            try content.withUnsafeBytes { try writer.write($0) }
            _ = try writer.finish()
        }
        if try session.rely(on: [digests[4]])[0] == nil {
            let writer = try session.writer(
                expected: [Checksum(digests[4])], size: Int64(large.count), resumable: digests[4].hex)
            try writer.remember(validator: "etag")
            let rest = large[Int(writer.resumedBytes)...]
            let middle = rest.startIndex + rest.count / 2
            try Array(rest[..<middle]).withUnsafeBytes { try writer.write($0) }
            try Array(rest[middle...]).withUnsafeBytes { try writer.write($0) }
            _ = try writer.finish()
        }
        let number = (try records.generations(of: "debian").last ?? 0) + 1
        digests.append(try session.put(Array("Release \(number)".utf8)).digest)
        let manifest = try Manifest(
            digests.enumerated().map { index, digest in
                ManifestEntry(
                    path: try RepositoryPath("f\(index)"), digest: digest,
                    size: try #require(try session.rely(on: [digest])[0]),
                    role: .package)
            })
        try session.promote()
        try session.protect([manifest.id])
        try records.put(manifest)
        try records.commit(RecordStoreConformance.generation(number, manifest.id), to: "debian")
        try records.createSnapshot(
            SnapshotRecord(name: "s\(number)", generation: number, manifest: manifest.id, createdAt: Clock.now()),
            of: "debian")
        try records.putPublication(
            PublicationRecord(
                name: "debian", source: .follows("debian"), manifest: manifest.id, tree: manifest.id.hex, history: []))
        try session.end()
        withExtendedLifetime(lock) {}
    }

    /// What holds at every moment, and that the next sync needs no repair.
    private static func inspect(_ path: String, _ comment: Comment) throws {
        let store = try StoreDirectory.open(at: path)
        var blobs: [Digest: Int64] = [:]
        try store.blobs.forEachBlob { blobs[$0] = $1 }
        for (digest, size) in blobs { #expect(try store.blobs.check(digest) == .good(size: size), comment) }
        var named: [Digest] = try store.records.publications().map(\.manifest)
        for repository in try store.records.repositories() {
            named += try store.records.snapshots(of: repository).map(\.manifest)
            for number in try store.records.generations(of: repository) {
                named.append(try store.records.generation(number, of: repository).manifest)
            }
        }
        for digest in named {
            for entry in try store.records.manifest(digest).entries {
                #expect(blobs[entry.digest] == entry.size, comment)
            }
        }
    }

    private static func isClean(_ scratch: Scratch) throws -> [String] {
        let store = try scratch.open()
        _ = try store.blobs.removeUnlessRelied([]) { [] }
        _ = try store.cleanTemporary(olderThan: 0)
        return scratch.files("tmp") + scratch.files("locks/rely")
    }

    @Test("a sync killed at any system call leaves a good store, and the next sync ends well")
    func killed() throws {
        var after = 0
        while true {
            let scratch = try Scratch()
            try CrashTests.sync(scratch.path)
            // Things to fetch again, and a new Release each time.
            let store = try scratch.open()
            for digest in [sha256(of: CrashTests.contents[0]), sha256(of: CrashTests.large)] where after % 2 == 0 {
                _ = try store.records.deleteGeneration(1, of: "debian")
                _ = try store.records.deleteSnapshot("s1", of: "debian")
                _ = try store.records.deletePublication("debian")
                try store.blobs.remove(digest)
            }
            let (result, calls) = FaultPoints.with(.init(after: after, number: EIO, permanent: true)) {
                try CrashTests.sync(scratch.path)
            }
            try CrashTests.inspect(scratch.path, "killed after \(after) calls")
            do { try CrashTests.sync(scratch.path) } catch {
                Issue.record(error, "the sync after the one killed after \(after) calls")
            }
            try CrashTests.inspect(scratch.path, "repeated after \(after) calls")
            #expect(try CrashTests.isClean(scratch) == [], "after \(after) calls")
            if calls <= after {
                if case .failure(let error) = result { Issue.record(error) }
                break
            }
            after += 1
        }
        #expect(after > 100)
    }

    @Test(
        "a disk that is full, broken or read-only for one call ends the sync with that error, or not at all",
        arguments: [
            ENOSPC, EIO, EROFS, EDQUOT,
        ])
    func failing(_ number: Int32) throws {
        var after = Int(number) % 5  // each number at other calls
        while true {
            let scratch = try Scratch()
            let (result, calls) = FaultPoints.with(.init(after: after, number: number, permanent: false)) {
                try CrashTests.sync(scratch.path)
            }
            if case .failure(let error) = result {
                #expect((error as? ChantalError)?.systemNumber == number, "\(error)")
            }
            try CrashTests.inspect(scratch.path, "\(number) after \(after) calls")
            try CrashTests.sync(scratch.path)
            #expect(try CrashTests.isClean(scratch) == [], "after \(after) calls")
            if calls <= after { break }
            after += 5
        }
    }

    @Test("a creation killed at any system call can be done again")
    func creation() throws {
        var after = 0
        while true {
            let scratch = try Scratch()
            let path = "\(scratch.path)/tmp/new/store"
            let (result, calls) = FaultPoints.with(.init(after: after, number: EIO, permanent: true)) {
                try StoreDirectory.create(at: path)
            }
            if case .failure = result {
                // Killed after the last step: the store is there.
                if FileManager.default.fileExists(atPath: "\(path)/format") {
                    _ = try StoreDirectory.open(at: path)
                } else {
                    try StoreDirectory.create(at: path)
                }
            }
            if calls <= after { break }
            after += 1
        }
        #expect(after > 20)
    }

    @Test("a write error of the disk spoils what waits: it is fetched again")
    func syncFails() throws {
        let scratch = try Scratch()
        let store = try scratch.open()
        let session = try store.blobs.beginSession(name: "debian")
        _ = try session.put([1, 2, 3])
        // The first call of a promotion is syncfs.
        let (result, _) = FaultPoints.with(.init(after: 0, number: EIO, permanent: false)) { try session.promote() }
        #expect(throws: ChantalError(.io, "")) { try result.get() }
        #expect(throws: ChantalError(.io, "")) { try session.promote() }
        #expect(throws: ChantalError(.io, "")) { _ = try session.writer(expected: [], size: nil) }
        try session.end()
        #expect(scratch.files("tmp") == [])
        #expect(try store.blobs.beginSession(name: "x").rely(on: [sha256(of: [1, 2, 3])]) == [nil])
    }
}
