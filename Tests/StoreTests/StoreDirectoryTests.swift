import Basics
import FileSystem
import Foundation
import Hashing
import Store
import Testing

@Suite struct StoreDirectoryTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(scratch.path)/\(name)"))
    }

    @Test("only create makes a store: a directory without format is an error that names the mount point")
    func unmounted() throws {
        for path in ["/proc/self", "/proc/none"] {
            do {
                _ = try StoreDirectory.open(at: path)
                Issue.record("opened")
            } catch let error as ChantalError {
                #expect(error.code == .store)
                #expect(error.hint?.contains("mounted at '/proc'") == true)
            }
        }
        try FileManager.default.removeItem(atPath: "\(scratch.path)/format")
        #expect(throws: ChantalError(.store, "")) { try StoreDirectory.open(at: scratch.path) }
    }

    @Test("a newer format and a damaged one are refused")
    func formats() throws {
        for text in ["chantal-store 2\n", "chantal-store 99999\n", "chantal-store 0\n", "chantal-store 1", "", "x\n"] {
            try write("format", text)
            #expect(throws: ChantalError(.store, "")) { try StoreDirectory.open(at: scratch.path) }
        }
        try write("format", "chantal-store 1\n")
        _ = try StoreDirectory.open(at: scratch.path)
    }

    @Test("nothing is created over a store or over other files, but over an empty new disk")
    func creation() throws {
        #expect(throws: ChantalError(.exists, "")) { try StoreDirectory.create(at: scratch.path) }
        try FileManager.default.removeItem(atPath: "\(scratch.path)/format")
        try write("blobs/sha256/x", "")
        #expect(throws: ChantalError(.exists, "")) { try StoreDirectory.create(at: scratch.path) }
        try FileManager.default.removeItem(atPath: "\(scratch.path)/blobs/sha256/x")
        try FileManager.default.createDirectory(
            atPath: "\(scratch.path)/lost+found", withIntermediateDirectories: false)
        try StoreDirectory.create(at: scratch.path)
        let other = try Scratch()
        try FileManager.default.removeItem(atPath: "\(other.path)/format")
        try Data().write(to: URL(fileURLWithPath: "\(other.path)/notes.txt"))
        #expect(throws: ChantalError(.exists, "")) { try StoreDirectory.create(at: other.path) }
    }

    @Test("a store that was moved works: nothing holds an absolute path")
    func moved() throws {
        let session = try scratch.open().blobs.beginSession(name: "x")
        let digest = try session.put([1, 2]).digest
        try session.promote()
        try session.end()
        let inner = try Scratch()
        let new = "\(inner.path)/public/moved"
        try FileManager.default.moveItem(atPath: scratch.path, toPath: new)
        let store = try StoreDirectory.open(at: new)
        #expect(try store.blobs.readAll(digest, limit: 2) == [1, 2])
        #expect(store.catalogPath == "\(new)/catalog.sqlite")
    }

    @Test("a store of another user is refused, naming both")
    func owner() throws {
        let store = try scratch.open()
        try store.requireOwner()
        guard geteuid() == 0 else {
            // Only root can give a file away: take one that is root's.
            return
        }
        #expect(chown("\(scratch.path)/format", 12345, 12345) == 0)
        do {
            try store.requireOwner()
            Issue.record("not refused")
        } catch let error as ChantalError {
            #expect(error.code == .permission)
            #expect(error.message.contains("12345") && error.message.contains("root (0)"))
        }
    }

    @Test("a second lock of a repository is refused, naming the repository and the process")
    func syncLock() throws {
        let store = try scratch.open()
        let lock = try store.locks.sync("debian")
        do {
            _ = try store.locks.sync("debian")
            Issue.record("locked twice")
        } catch let error as ChantalError {
            #expect(error.code == .locked)
            #expect(error.message.contains("debian") && error.message.contains("process \(getpid())"))
        }
        _ = try store.locks.sync("other")
        withExtendedLifetime(lock) {}
    }

    @Test("a record with a flipped bit, a cut end or another's name cannot be used")
    func damagedRecords() throws {
        let store = try scratch.open()
        let manifest = try RecordStoreConformance.manifest(2)
        try store.records.put(manifest)
        try store.records.commit(RecordStoreConformance.generation(1, manifest.id), to: "debian")
        let path = "\(scratch.path)/repositories/debian/generations/1"
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for index in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[index] ^= 1
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            #expect(throws: ChantalError(.store, "")) { _ = try store.records.generation(1, of: "debian") }
        }
        try Data(bytes[..<(bytes.count / 2)]).write(to: URL(fileURLWithPath: path))
        #expect(throws: ChantalError(.store, "")) { _ = try store.records.latestGeneration(of: "debian") }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try FileManager.default.moveItem(atPath: path, toPath: path.replacingOccurrences(of: "/1", with: "/2"))
        #expect(throws: ChantalError(.store, "")) { _ = try store.records.generation(2, of: "debian") }
    }

    @Test("a damaged manifest is told from a good one")
    func damagedManifest() throws {
        let store = try scratch.open()
        for count in [0, 3000] {
            let manifest = try RecordStoreConformance.manifest(count)
            try store.records.put(manifest)
            let name = try #require(scratch.files("manifests").first { $0.contains(manifest.id.hex) })
            #expect(name.hasSuffix(".zst") == (count == 3000))
            let url = URL(fileURLWithPath: "\(scratch.path)/manifests/\(name)")
            var bytes = [UInt8](try Data(contentsOf: url))
            bytes[bytes.count / 2] ^= 4
            try Data(bytes).write(to: url)
            #expect(throws: ChantalError(.store, "")) { _ = try store.records.manifest(manifest.id) }
            #expect(throws: ChantalError(.store, "")) { try store.records.forEachLine(of: manifest.id) { _ in } }
        }
    }
}
