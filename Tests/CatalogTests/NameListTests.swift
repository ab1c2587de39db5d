import Basics
import SQLite
import Testing

@testable import Catalog

@Suite("The list of names")
struct NameListTests {
    private func filled(_ directory: TemporaryDirectory) throws -> SQLiteCatalog {
        let catalog = try SQLiteCatalog(path: directory.catalog)
        // Not in the order of their names.
        let rows = (0..<4000).map { Sample.row("p\($0 &* 1777 % 4000)", summary: "a common word") }
        try catalog.index("r", 1, rows)
        return catalog
    }

    private func count(_ catalog: SQLiteCatalog, _ words: [String], limit: Int) throws -> (found: Int, lookedUp: Int) {
        try catalog.read { database in
            let scopes = try StoredRepository.all(database).compactMap { SearchScope($0.name, $0.repository, []) }
            let search = PackageSearch(database: database, query: try SearchQuery(words), scopes: scopes)
            var found = 0
            let lookedUp = try search.run(limit: limit) { _ in found += 1 }
            return (found, lookedUp)
        }
    }

    @Test("a search looks up as many packages as it gives, however many match")
    func lookedUp() throws {
        let directory = try TemporaryDirectory()
        let catalog = try filled(directory)
        try catalog.index("s", 1, (0..<3000).map { Sample.row("q\($0)", summary: "common, too") })
        for words in [["common"], ["p"], ["comm", "wor"], ["common", "p1"]] {
            for limit in [1, 20, 500] {
                let (found, lookedUp) = try count(catalog, words, limit: limit)
                #expect(found == limit)
                // One more in each repository and rank tells which name comes next.
                #expect(lookedUp <= limit + 4, "\(words)")
            }
        }
    }

    @Test("names come back in order with their rows, in lower case, whatever is in them")
    func round() throws {
        let names = ["", "a", "A", "a+b", "a\u{0}c", "Aé", String(repeating: "x", count: 5000), "xé", "z"]
        let rows: [Int64] = [5, 1, 1 << 39, 0, 7, 6, 2, 3, 4]
        var writer = NameListWriter()
        for (name, row) in zip(names, rows) { Array(name.utf8).withUnsafeBytes { writer.add($0, row: row) } }
        writer.bytes.withUnsafeBytes { bytes in
            var reader = NameListReader(bytes)
            for (name, row) in zip(names, rows) {
                let found = reader.next()
                #expect(found == row)
                let given = Array(reader.name)
                #expect(given == name.utf8.map(\.asciiLowercased))
            }
            let (none, isAtEnd) = (reader.next(), reader.isAtEnd)
            #expect(none == nil && isAtEnd)
        }
        for length in 1..<writer.bytes.count {
            writer.bytes[..<length].withUnsafeBytes { bytes in
                var reader = NameListReader(bytes)
                var count = 0
                while reader.next() != nil { count += 1 }
                #expect(count < names.count)
            }
        }
    }

    @Test("a list that lacks packages, or is not there, hides nothing")
    func lacking() throws {
        let directory = try TemporaryDirectory()
        let catalog = try filled(directory)
        let all = try catalog.search(words: ["common"], limit: nil)
        #expect(all.count == 4000)
        var writer = NameListWriter()
        Array("p1".utf8).withUnsafeBytes { writer.add($0, row: 3) }
        for list in [writer.bytes, []] {
            try catalog.write { try $0.run("UPDATE name_list SET names = ?", list) }
            #expect(try catalog.search(words: ["common"], limit: nil) == all)
        }
        try catalog.write { try $0.execute("DELETE FROM name_list") }
        #expect(try catalog.search(words: ["common"], limit: 30) == Array(all.prefix(30)))
    }

    @Test("a damaged list is told as such")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        let catalog = try filled(directory)
        for bytes in [[0xff], [5, 1, 0x61, 0], [0, 0x7f, 0x61, 0], Array(repeating: 0x80, count: 40)] as [[UInt8]] {
            try catalog.write { try $0.run("UPDATE name_list SET names = ?", bytes) }
            #expect(throws: ChantalError(.needsRebuild, "")) { try catalog.search(words: ["common"], limit: 5) }
        }
    }

    @Test("a catalog of the version before gets its lists and keeps all it has")
    func upgraded() throws {
        let directory = try TemporaryDirectory()
        let all: [SearchHit]
        do {
            let catalog = try filled(directory)
            all = try catalog.search(words: ["common"], limit: nil)
            _ = try catalog.beginAttempt(repository: "r", pid: 1, startedAt: Timestamp(seconds: 5))
            try catalog.write { try $0.execute("DROP TABLE name_list; PRAGMA user_version = 2") }
        }
        #expect(throws: ChantalError(.needsRebuild, "")) { _ = try SQLiteCatalog(readingFrom: directory.catalog) }
        let catalog = try SQLiteCatalog(path: directory.catalog)
        #expect(try catalog.search(words: ["common"], limit: nil) == all)
        #expect(try catalog.attempts(of: "r", limit: 9) { _ in true }.count == 1)
        #expect(Array(try catalog.indexedGenerations(of: "r").keys) == [1])
        #expect(try count(catalog, ["common"], limit: 20).lookedUp <= 22)
        #expect(try SQLiteCatalog(readingFrom: directory.catalog).search(words: ["common"], limit: 3).count == 3)
        #expect(try catalog.defects().isEmpty)
    }
}
