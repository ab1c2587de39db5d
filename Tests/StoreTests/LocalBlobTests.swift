import Basics
import FileSystem
import Foundation
import Hashing
import Store
import Synchronization
import Testing

@Suite struct LocalBlobTests {
    let scratch: Scratch
    let store: StoreDirectory
    let hello = Array("hello\n".utf8)

    init() throws {
        scratch = try Scratch()
        store = try scratch.open()
    }

    private func ingest(_ bytes: [UInt8]) throws -> Digest {
        let session = try store.blobs.beginSession(name: "test")
        let digest = try session.put(bytes).digest
        try session.promote()
        try session.end()
        return digest
    }

    private func blobPath(_ digest: Digest) -> String {
        "\(scratch.path)/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
    }

    private func status(_ path: String) throws -> FileStatus {
        try #require(try Directory(path: "/").status(path))
    }

    @Test("blobs are 0444 and directories 0755 whatever the umask, and the mtime is now")
    func modes() throws {
        let old = umask(0o077)
        defer { umask(old) }
        let digest = try ingest(hello)
        let file = try status(blobPath(digest))
        #expect(file.mode == 0o444 && file.links == 1)
        #expect(abs(file.modified - Clock.now()) < 60)
        #expect(try status("\(scratch.path)/blobs/sha256/\(digest.hex.prefix(2))").mode == 0o755)
        let other = try Scratch()
        for folder in ["", "/public", "/blobs", "/blobs/sha256", "/tmp"] {
            #expect(try status(other.path + folder).mode == 0o755)
        }
        #expect(try status(other.path + "/format").mode == 0o644)
    }

    @Test("a blob is linked into a tree; where it cannot be, it is copied, and that is told")
    func links() throws {
        let digest = try ingest(hello)
        let tree = try store.makeTemporaryDirectory("tree")
        #expect(try store.blobs.link(digest, into: tree.directory, as: "a") == .linked)
        #expect(try tree.directory.status("a")?.links == 2)
        for (number, reason) in [
            (EMLINK, CopyReason.tooManyLinks), (EXDEV, .otherFilesystem), (EPERM, .notPermitted),
        ] {
            let name = "copy\(number)"
            let (result, _) = FaultPoints.with(.init(after: 0, number: number, permanent: false)) {
                try store.blobs.link(digest, into: tree.directory, as: name)
            }
            #expect(try result.get() == .copied(reason))
            #expect(try tree.directory.readAll(name, limit: 10) == hello)
            let copy = try #require(try tree.directory.status(name))
            #expect(copy.links == 1 && copy.mode == 0o444)
            #expect(copy.modified == (try tree.directory.status("a")?.modified))
        }
        #expect(throws: ChantalError(.exists, "")) {
            _ = try store.blobs.link(digest, into: tree.directory, as: "a")
        }
        #expect(throws: ChantalError(.missing, "")) {
            _ = try store.blobs.link(sha256(of: [9]), into: tree.directory, as: "b")
        }
        #expect(try store.blobs.link(ingest([]), into: tree.directory, as: "empty") == .copied(.empty))
        try store.blobs.copy(digest, into: tree.directory, as: "pointer", modified: Timestamp(seconds: 1_234_567_890))
        #expect(try tree.directory.status("pointer")?.modified.seconds == 1_234_567_890)
        #expect(try tree.directory.status("pointer")?.links == 1)
    }

    @Test("a blob of the right size is never replaced; one of another size is put aside")
    func existing() throws {
        let digest = try ingest(hello)
        let before = try status(blobPath(digest))
        _ = try FileManager.default.removeItem(atPath: blobPath(digest))
        try Data("hel".utf8).write(to: URL(fileURLWithPath: blobPath(digest)))
        #expect(try store.blobs.check(digest) == .damaged(actual: sha256(of: Array("hel".utf8)), size: 3))
        let session = try store.blobs.beginSession(name: "test")
        let writer = try session.writer(expected: [Checksum(digest)], size: 6)
        try hello.withUnsafeBytes { try writer.write($0) }
        _ = try writer.finish()
        try session.promote()
        try session.end()
        #expect(try store.blobs.check(digest) == .good(size: 6))
        #expect(scratch.files("tmp/quarantine").count == 1)
        let placed = try status(blobPath(digest))
        #expect(placed.inode != before.inode)
        let again = try store.blobs.beginSession(name: "test")
        let second = try again.writer(expected: [], size: 6)
        try hello.withUnsafeBytes { try second.write($0) }
        _ = try second.finish()
        try again.promote()
        #expect(try status(blobPath(digest)).inode == placed.inode)
    }

    @Test("a flipped bit is found though the mtime is kept, and a repair takes the name back")
    func flipped() throws {
        let digest = try ingest(hello)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: blobPath(digest))
        let time = try status(blobPath(digest)).modified
        try Data("hellO\n".utf8).write(to: URL(fileURLWithPath: blobPath(digest)), options: [])
        try Directory(path: "/").setModified(blobPath(digest), seconds: time.seconds)
        guard case .damaged(_, 6) = try store.blobs.check(digest) else {
            Issue.record("not found")
            return
        }
        try store.blobs.quarantine(digest)
        #expect(try store.blobs.check(digest) == .missing)
        #expect(try ingest(hello) == digest)
        #expect(try store.blobs.check(digest) == .good(size: 6))
    }

    /// Files that a session of a machine's earlier run, or of this one, left.
    private func leave(boot: String, _ files: [(name: String, bytes: [UInt8])]) throws {
        let folder = "\(scratch.path)/tmp/stage/\(boot).1.1.x"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
    }

    @Test("what was staged before a reboot is hashed again, drafts are dropped")
    func adoption() throws {
        let good = sha256(of: hello)
        let bad = sha256(of: [1])
        try leave(boot: "0123456789abcdef", [(good.hex, hello), (bad.hex, [0]), ("draft1", [1, 2])])
        // A machine that lost power may leave the right length with zeros in it.
        let session = try store.blobs.beginSession(name: "test")
        #expect(try session.rely(on: [good, bad]) == [6, nil])
        #expect(try store.blobs.size(of: good) == 6)
        try session.end()
        #expect(scratch.files("tmp") == [])
    }

    @Test("a dead session's files are what its list says; those without a line, and lines cut short, count for nothing")
    func adoptedNames() throws {
        let (whole, other, wrong, old) = (
            Array("whole".utf8), Array("other".utf8), Array("wrong".utf8), Array("old".utf8)
        )
        let digests = [whole, other, old].map { sha256(of: $0) }
        let lines =
            "draft1 \(digests[0])\ndraft7 \(digests[1])\ndraft2 \(digests[1])\ndraft9\nx\ndraft3 \(digests[1].hex.prefix(30))"
        try leave(
            boot: "0123456789abcdef",
            [
                ("draft1", whole), ("draft2", wrong), ("draft3", other), (digests[2].hex, old),
                ("names", Array(lines.utf8)),
            ])
        let session = try store.blobs.beginSession(name: "test")
        #expect(session.adopted.count == 2 && session.adopted.bytes == 8)
        #expect(try session.rely(on: digests) == [5, nil, 3])
        try session.end()
        #expect(scratch.files("tmp") == [])
    }

    @Test("what a killed session had verified is there for the next, in bytes and in digests")
    func killedSession() throws {
        let contents = (0..<50).map { Array("content \($0)".utf8) }
        var digests: [Digest] = []
        do {
            let session = try store.blobs.beginSession(name: "test")
            digests = try session.put(contents + [contents[3]]).map(\.digest)
            let writer = try session.writer(expected: [], size: nil)
            try hello.withUnsafeBytes { try writer.write($0) }
            digests.append(try writer.finish().digest)
            try session.discard([digests[1]])
            try session.end()
        }
        #expect(scratch.files("blobs") == [])
        let next = try store.blobs.beginSession(name: "test")
        #expect(next.adopted.count == 50)
        for digest in Set(digests) where digest != digests[1] {
            guard case .good = try store.blobs.check(digest) else {
                Issue.record("\(digest) is not there")
                continue
            }
        }
        #expect(try next.rely(on: [digests[1]]) == [nil])
    }

    @Test("a session in use is not taken for a leftover")
    func live() throws {
        let first = try store.blobs.beginSession(name: "a")
        let digest = try first.put(hello).digest
        let second = try store.blobs.beginSession(name: "b")
        #expect(try second.rely(on: [digest]) == [nil])
        #expect(try store.cleanTemporary(olderThan: 0) == [])
        #expect(try store.temporaryLeftovers() == [])
        try first.promote()
        #expect(try second.rely(on: [digest]) == [6])
    }

    @Test("leftovers are listed with kind and age, and removed when old; held ones stay")
    func leftovers() throws {
        let session = try store.blobs.beginSession(name: "test")
        let large = [UInt8](repeating: 1, count: 100)
        func partial(_ key: String) throws -> any BlobWriter {
            let writer = try session.writer(expected: [], size: 5_000_000, resumable: key)
            try writer.remember(validator: "x")
            try large.withUnsafeBytes { try writer.write($0) }
            return writer
        }
        try partial("old").abandon(keepPartial: true)
        let held = try partial("held")
        let tree = try store.makeTemporaryDirectory("tree")
        try FileManager.default.createDirectory(
            atPath: "\(scratch.path)/tmp/dead-tree/x", withIntermediateDirectories: true)
        try leave(boot: "0123", [(sha256(of: hello).hex, hello)])
        let kinds = try store.temporaryLeftovers().map { "\($0.kind) \($0.bytes)" }.sorted()
        #expect(kinds == ["draft 0", "partial 1", "partial 100", "session 6"])
        #expect(try store.cleanTemporary(olderThan: 3600) == [])
        #expect(try store.cleanTemporary(olderThan: 3600, now: Clock.now() + 7200, dryRun: true).count == 4)
        #expect(try store.cleanTemporary(olderThan: 3600, now: Clock.now() + 7200).count == 4)
        #expect(scratch.files("tmp").map { ($0 as NSString).lastPathComponent }.sorted() == ["held", "held.validator"])
        #expect(try tree.directory.names() == [])
        try held.abandon(keepPartial: false)
        withExtendedLifetime(tree) {}
    }

    @Test("what dead processes left half made goes when it is old; what is being made stays")
    func deadDrafts() throws {
        for name in ["discarded.1.1.a", "keyring.1.1.b"] { try store.temporary.makeDirectory(name) }
        try store.temporary.create(".write.1.1.c").close()
        let alive = try store.makeTemporaryDirectory("tree")
        try store.removeDeadDrafts(olderThan: 3600)
        #expect(try store.temporary.names().count == 4)
        try store.removeDeadDrafts(olderThan: 3600, now: Clock.now() + 7200)
        #expect(try store.temporary.names().allSatisfy { $0.hasPrefix("tree.") })
        #expect(try alive.directory.names() == [])
        withExtendedLifetime(alive) {}
    }

    @Test("a temporary directory moves to its place, or goes")
    func temporaryDirectories() throws {
        do {
            let tree = try store.makeTemporaryDirectory("tree")
            try tree.directory.create("f").close()
            #expect(try tree.move(to: store.publicDirectory, as: "t"))
            let other = try store.makeTemporaryDirectory("tree")
            #expect(try !other.move(to: store.publicDirectory, as: "t"))
        }
        #expect(scratch.files("public") == ["t/f"])
        #expect(try store.temporary.names().filter { $0.hasPrefix("tree") } == [])
    }

    @Test("while sweeps run without end, no session loses what it relies on")
    func race() throws {
        let contents = (0..<40).map { Array("content \($0)".utf8) }
        let digests = contents.map { sha256(of: $0) }
        let stop = Atomic<Bool>(false)
        let lost = Atomic<Int>(0)
        let swept = Atomic<Int>(0)
        let failures = Mutex<[String]>([])
        let path = scratch.path
        func run(_ body: @escaping @Sendable () throws -> Void) -> Thread {
            let thread = Thread {
                do { try body() } catch { failures.withLock { $0.append("\(error)") } }
                Thread.current.threadDictionary["done"] = true
            }
            thread.start()
            return thread
        }
        let sweeper = run {
            let store = try StoreDirectory.open(at: path)
            while !stop.load(ordering: .relaxed) {
                var all: [Digest] = []
                try store.blobs.forEachBlob { digest, _ in all.append(digest) }
                let result = try store.blobs.removeUnlessRelied(all) { [] }
                swept.add(result.removed, ordering: .relaxed)
            }
        }
        let syncs = (0..<2).map { offset in
            run {
                let store = try StoreDirectory.open(at: path, durability: .each)
                for round in 0..<60 {
                    let session = try store.blobs.beginSession(name: "race")
                    let mine = (0..<digests.count).filter { ($0 + round + offset) % 3 != 0 }
                    for (index, size) in zip(mine, try session.rely(on: mine.map { digests[$0] })) where size == nil {
                        _ = try session.put(contents[index])
                    }
                    try session.promote()
                    for index in mine where try store.blobs.size(of: digests[index]) == nil {
                        lost.add(1, ordering: .relaxed)
                    }
                    try session.end()
                }
            }
        }
        for thread in syncs { while !thread.isFinished { usleep(1000) } }
        stop.store(true, ordering: .relaxed)
        while !sweeper.isFinished { usleep(1000) }
        #expect(failures.withLock { $0 } == [])
        #expect(lost.load(ordering: .relaxed) == 0)
        #expect(swept.load(ordering: .relaxed) > 0)
    }
}
