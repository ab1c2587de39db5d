import Basics
import Foundation
import Glibc
import SQLite
import Testing

@testable import Catalog

@Suite("A catalog's file")
struct CatalogFileTests {
    private func filled(_ directory: TemporaryDirectory) throws {
        try SQLiteCatalog(path: directory.catalog).index(
            "r", 1, (0..<2000).map { Sample.row("package\($0)", summary: "thing number \($0)") })
    }

    private func overwrite(_ path: String, at offset: UInt64, _ bytes: [UInt8]) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    /// Uses everything there is.
    private func use(_ path: String) throws {
        let catalog = try SQLiteCatalog(path: path)
        try catalog.index("r", 2, (0..<2000).map { Sample.row("package\($0)", "2") })
        _ = try catalog.packages("r", 1)
        _ = try catalog.search(words: ["thing"], limit: nil)
        let defects = try catalog.defects()
        if !defects.isEmpty { throw ChantalError(.needsRebuild, defects.joined()) }
    }

    @Test(
        "damage is told as such, and the file can be emptied in place",
        arguments: ["garbage", "header", "pages", "cut"])
    func damaged(_ kind: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.catalog
        try filled(directory)
        let noise = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
        switch kind {
        case "garbage": try Data(noise + noise).write(to: URL(fileURLWithPath: path))
        case "header": try overwrite(path, at: 0, Array("no database".utf8))
        case "pages": for page in 2..<40 as Range<UInt64> { try overwrite(path, at: page * 4096, noise) }
        default: #expect(truncate(path, 40_960) == 0)
        }
        #expect(throws: ChantalError(.needsRebuild, "")) { try use(path) }
        try SQLiteCatalog.erase(at: path)
        #expect(try SQLiteCatalog(path: path).repositories().isEmpty)
        try filled(directory)
        try use(path)
    }

    @Test("another version, or another program's database, asks to be made anew")
    func otherVersion() throws {
        let directory = try TemporaryDirectory()
        try filled(directory)
        try Connection(path: directory.catalog, mode: .readWrite).execute("PRAGMA user_version = 999")
        #expect(throws: ChantalError(.needsRebuild, "")) { _ = try SQLiteCatalog(path: directory.catalog) }
        #expect(throws: ChantalError(.needsRebuild, "")) { _ = try SQLiteCatalog(readingFrom: directory.catalog) }
        let foreign = directory.path + "/foreign.sqlite"
        try Connection(path: foreign, mode: .readWrite).execute("CREATE TABLE t(x)")
        #expect(throws: ChantalError(.needsRebuild, "")) { _ = try SQLiteCatalog(path: foreign) }
        try SQLiteCatalog.erase(at: directory.catalog)
        #expect(try SQLiteCatalog(path: directory.catalog).repositories().isEmpty)
    }

    @Test("reading makes no file")
    func noFile() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: ChantalError(.notFound, "")) { _ = try SQLiteCatalog(readingFrom: directory.catalog) }
        #expect(!FileManager.default.fileExists(atPath: directory.catalog))
        #expect(throws: ChantalError(.notFound, "")) {
            _ = try SQLiteCatalog(path: directory.path + "/no/catalog.sqlite")
        }
    }

    @Test(
        "another user searches without leave to write",
        arguments: ["log files there", "log files gone", "while it is open"])
    func otherUser(_ situation: String) throws {
        let directory = try TemporaryDirectory()
        try filled(directory)
        let writer = situation == "while it is open" ? try SQLiteCatalog(path: directory.catalog) : nil
        try writer?.index("r", 2, [Sample.row("fresh")])
        if situation == "log files gone" {
            for end in ["-wal", "-shm"] { try FileManager.default.removeItem(atPath: directory.catalog + end) }
        }
        try asOtherUser(directory) {
            let catalog = try SQLiteCatalog(readingFrom: directory.catalog)
            let word = writer == nil ? "package17" : "fresh"
            #expect(try catalog.search(words: [word], limit: 1).map(\.name) == [word])
            #expect(throws: ChantalError(.permission, "")) { try catalog.setValue("x", for: "k") }
            #expect(try catalog.defects().isEmpty)
            #expect(throws: ChantalError(.permission, "")) {
                try SQLiteCatalog(path: directory.catalog).setValue("x", for: "k")
            }
        }
    }

    /// Runs the body as one who may read the directory's files but write nothing.
    private func asOtherUser(_ directory: TemporaryDirectory, _ body: () throws -> Void) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).map {
            directory.path + "/" + $0
        }
        for file in files { #expect(chmod(file, 0o444) == 0) }
        #expect(chmod(directory.path, 0o555) == 0)
        defer {
            chmod(directory.path, 0o755)
            for file in files { chmod(file, 0o644) }
        }
        // Root may write all the same; setfsuid(2) changes only this thread.
        if geteuid() != 0 { return try body() }
        // Glibc's module does not show it.
        typealias SetUser = @convention(c) (UInt32) -> Int32
        let setfsuid = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetUser.self)
        _ = setfsuid(65_534)
        defer { _ = setfsuid(0) }
        try body()
    }

    @Test("a long log is written over at the end, a short one waits")
    func log() throws {
        let directory = try TemporaryDirectory()
        func size() throws -> Int {
            try #require(FileManager.default.attributesOfItem(atPath: directory.catalog + "-wal")[.size] as? Int)
        }
        try filled(directory)
        #expect(try size() == 0)
        for number in 0..<300 {
            try SQLiteCatalog(path: directory.catalog).setValue("\(number)", for: "k")
            #expect(try size() < 600 << 10)
        }
        #expect(try SQLiteCatalog(path: directory.catalog).value(for: "k") == "299")
    }

    @Test("a path with signs that mean something in a URI opens without leave to write")
    func oddPath() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a?b%20c#d é.sqlite"
        try SQLiteCatalog(path: path).index("r", 1, [Sample.row("p")])
        let connection = try Connection(path: path, mode: .immutable)
        var count = 0
        try connection.query("SELECT count(*) FROM package") { count = $0.int(0) }
        #expect(count == 1)
    }
}
