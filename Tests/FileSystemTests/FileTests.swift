import Basics
import Foundation
import Testing

@testable import FileSystem

@Suite struct FileTests {
    let scratch: Scratch
    var directory: Directory { scratch.directory }

    init() throws { scratch = try Scratch() }

    @Test("readAll takes exactly up to its limit")
    func limits() throws {
        try scratch.write("a", "12345")
        #expect(try directory.readAll("a", limit: 5).count == 5)
        #expect(throws: ChantalError(.tooLarge, "")) { _ = try directory.readAll("a", limit: 4) }
        #expect(try !File.readAll("/proc/self/status", limit: 1 << 20).isEmpty)
        #expect(throws: ChantalError(.tooLarge, "")) { _ = try File.readAll("/proc/self/status", limit: 10) }
    }

    @Test("an atomic write replaces or refuses, and leaves no temporary file")
    func atomic() throws {
        try File.writeAtomically(directory, "a", Array("one".utf8), mode: 0o600)
        try File.writeAtomically(directory, "a", Array("two".utf8))
        #expect(try scratch.text("a") == "two")
        #expect(try directory.status("a")?.mode == 0o644)
        #expect(throws: ChantalError(.exists, "")) {
            try File.writeAtomically(directory, "a", Array("three".utf8), collision: .fail)
        }
        #expect(try scratch.text("a") == "two")
        #expect(try directory.names() == ["a"])
    }

    @Test("an atomic write that fails at any system call leaves the old content, one that ends leaves the new")
    func atomicUnderFaults() throws {
        let old = Array("old".utf8)
        let new = [UInt8](repeating: 7, count: 100_000)
        for number in [ENOSPC, EIO, EROFS] {
            for after in 0..<40 {
                try File.writeAtomically(directory, "a", old)
                let (result, calls) = FaultPoints.with(.init(after: after, number: number, permanent: false)) {
                    try File.writeAtomically(directory, "a", new)
                }
                let content = try directory.readAll("a", limit: 1 << 20)
                switch result {
                case .success: #expect(content == new)
                case .failure(let error):
                    // The fault may lie behind the rename: then the name is there but not yet known to be durable.
                    #expect(content == old || content == new)
                    #expect((error as? ChantalError)?.systemNumber == number)
                }
                #expect(try directory.names() == ["a"])
                if calls < after { return }
            }
        }
    }

    @Test("a full disk says so")
    func full() throws {
        let error = ChantalError.system(ENOSPC, "write", path: "/x")
        #expect(error.code == .noSpace && error.hint != nil)
        #expect(ChantalError.system(EROFS, "write", path: "/x").code == .permission)
        let device = try Directory(path: "/dev").openOrCreate("full")
        #expect(throws: ChantalError(.noSpace, "")) { try Array("x".utf8).withUnsafeBytes { try device.write($0) } }
    }

    @Test("a lock excludes, is shared when asked, and ends with its object")
    func locks() throws {
        var lock = try FileLock.tryExclusive(directory, "lock")
        #expect(lock != nil)
        #expect(try FileLock.tryExclusive(directory, "lock") == nil)
        try lock?.note("12\n")
        #expect(try scratch.text("lock") == "12\n")
        lock = nil
        let first = try FileLock.shared(directory, "lock")
        let second = try FileLock.shared(directory, "lock")
        #expect(try FileLock.tryExclusive(directory, "lock") == nil)
        withExtendedLifetime((first, second)) {}
    }

    @Test("a lock ends with its owner, although a child forked meanwhile still has a copy of the descriptor")
    func lockBeyondItsOwner() throws {
        // What a child has between fork and exec.
        func copyOfLocked() throws -> [Int32] {
            let file = try directory.openOrCreate("owned")
            let folder = try directory.makeDirectories("folder")
            let lock = try #require(try FileLock.tryExclusive(directory, "lock"))
            #expect(try file.tryLock() && folder.tryLock())
            #expect(try !directory.openOrCreate("owned").tryLock() && !directory.directory("folder").tryLock())
            defer { withExtendedLifetime((folder, lock)) {} }
            return [fcntl(file.number, F_DUPFD_CLOEXEC, 3), fcntl(folder.number, F_DUPFD_CLOEXEC, 3)]
        }
        let copies = try copyOfLocked()
        defer { for copy in copies { close(copy) } }
        #expect(try directory.openOrCreate("owned").tryLock())
        #expect(try directory.directory("folder").tryLock())
        let file = try directory.openOrCreate("closed")
        #expect(try file.tryLock())
        let copy = fcntl(file.number, F_DUPFD_CLOEXEC, 3)
        defer { close(copy) }
        try file.close()
        #expect(try directory.openOrCreate("closed").tryLock())
    }

    @Test("unique names are unique")
    func unique() {
        #expect(Set((0..<1000).map { _ in File.uniqueName("x") }).count == 1000)
    }

    @Test("clocks go forward")
    func clocks() {
        #expect(Clock.now().seconds > 1_700_000_000)
        let start = Clock.monotonic()
        #expect(Clock.monotonic() >= start)
        #expect(Machine.bootIdentifier()?.count == 32)
    }
}
