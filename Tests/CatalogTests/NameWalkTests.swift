import Basics
import SQLite
import TestSupport
import Testing

@testable import Catalog

@Suite("Walking names")
struct NameWalkTests {
    private func hits(
        _ catalog: SQLiteCatalog, _ words: [String], limit: Int?, walkBudget: Int?, states: Set<RepositoryState> = []
    ) throws -> (hits: [SearchHit], lookedUp: Int) {
        try catalog.read { database in
            let scopes = try StoredRepository.all(database).compactMap { SearchScope($0.name, $0.repository, states) }
            let search = PackageSearch(
                database: database, query: try SearchQuery(words), scopes: scopes, walkBudget: walkBudget)
            var hits: [SearchHit] = []
            let lookedUp = try search.run(limit: limit ?? .max) { hits.append(SearchHit($0)) }
            return (hits, lookedUp)
        }
    }

    private func filled(_ directory: TemporaryDirectory) throws -> SQLiteCatalog {
        let catalog = try SQLiteCatalog(path: directory.catalog)
        var random = SeededGenerator(seed: 5)
        let parts = [
            "lib", "library", "tool", "Li", "été", "calibre", "x", "dev", "c++", "libré", "a.library", "bÉlib",
        ]
        for repository in ["one", "two"] {
            for number in 1...3 {
                let rows = (0..<300).map { place in
                    func text(_ separator: String) -> String {
                        (0...Int.random(in: 0..<3, using: &random)).compactMap { _ in
                            parts.randomElement(using: &random)
                        }.joined(separator: separator)
                    }
                    var row = Sample.row("\(text("-"))\(place &* 389 % 300)", "\(number)", summary: text(" "))
                    if place % 5 == 0 { row.provides = text(" ") }
                    return row
                }
                try catalog.index(repository, number, rows)
            }
        }
        return catalog
    }

    @Test("a walk finds what the index finds, in its order, wherever it gives up")
    func same() throws {
        let directory = try TemporaryDirectory()
        let catalog = try filled(directory)
        let states = Set([RepositoryState(repository: "two", generation: 2)])
        for words in [
            ["library"], ["libr"], ["li", "dev"], ["l"], ["x"], ["lib", "tool"], ["ete"], ["libre"], ["LIBRARY", "x"],
            ["lib"], ["c", "dev"], ["calib", "c++"], ["été"], ["zzz"],
        ] {
            for limit in [1, 17, 300, nil] as [Int?] {
                let indexed = try hits(catalog, words, limit: limit, walkBudget: nil, states: states).hits
                for budget in [0, 40, 500, 1 << 40] {
                    let walked = try hits(catalog, words, limit: limit, walkBudget: budget, states: states).hits
                    #expect(walked == indexed, "\(words) \(budget)")
                }
            }
        }
        #expect(try hits(catalog, ["ete"], limit: nil, walkBudget: 1 << 40).hits.count > 50)
    }

    @Test("where a word is in very many texts, few rows are looked at, and the index is not asked")
    func frequent() throws {
        let directory = try TemporaryDirectory()
        let catalog = try SQLiteCatalog(path: directory.catalog)
        let rows = (0..<40_000).map { Sample.row("p\($0)", summary: $0 % 5 == 0 ? "a common word" : "rare\($0)") }
        try catalog.index("r", 1, rows)
        let all = try hits(catalog, ["common"], limit: nil, walkBudget: nil).hits
        #expect(all.count == 8000)
        let walked = try hits(catalog, ["common"], limit: 300, walkBudget: nil)
        #expect(walked.hits == Array(all.prefix(300)))
        #expect((300...3000).contains(walked.lookedUp))
        // What is found without the index is found when it is empty.
        try catalog.write { try $0.execute("INSERT INTO word(word) VALUES('delete-all')") }
        #expect(try hits(catalog, ["common"], limit: 300, walkBudget: nil).hits == walked.hits)
        #expect(try hits(catalog, ["rare7"], limit: 300, walkBudget: nil).hits.isEmpty)
    }

    @Test("a walk that finds less than was estimated asks the index for the rest")
    func late() throws {
        let directory = try TemporaryDirectory()
        let catalog = try filled(directory)
        let (all, _) = try hits(catalog, ["dev"], limit: nil, walkBudget: nil)
        let walked = try hits(catalog, ["dev"], limit: nil, walkBudget: 10)
        #expect(walked.hits == all)
        let toTheEnd = try hits(catalog, ["dev"], limit: nil, walkBudget: 1 << 40)
        #expect(walked.lookedUp < toTheEnd.lookedUp)
    }

    @Test("a list that lacks packages is not walked")
    func lacking() throws {
        let directory = try TemporaryDirectory()
        let catalog = try filled(directory)
        let all = try hits(catalog, ["library"], limit: nil, walkBudget: nil).hits
        var writer = NameListWriter()
        Array("tool1".utf8).withUnsafeBytes { writer.add($0, row: 3) }
        try catalog.write { try $0.run("UPDATE name_list SET names = ?", writer.bytes) }
        #expect(try hits(catalog, ["library"], limit: nil, walkBudget: 1 << 40).hits == all)
        try catalog.write { try $0.execute("DELETE FROM name_list") }
        #expect(try hits(catalog, ["library"], limit: nil, walkBudget: 1 << 40).hits == all)
        try catalog.write { try $0.run("INSERT INTO name_list SELECT id, x'0501' FROM repository") }
        #expect(throws: ChantalError(.needsRebuild, "")) {
            _ = try hits(catalog, ["library"], limit: nil, walkBudget: 1 << 40)
        }
    }

    @Test("numbers that no row can have, in a damaged list or index, end in an error or are passed over")
    func hostile() throws {
        let directory = try TemporaryDirectory()
        let catalog = try filled(directory)
        for row in [Int64.max >> 1, -1, 1 << CatalogSchema.sequenceBits] {
            var writer = NameListWriter()
            Array("a library".utf8).withUnsafeBytes { writer.add($0, row: row) }
            try catalog.write { try $0.run("UPDATE name_list SET names = ?", writer.bytes) }
            #expect(throws: ChantalError(.needsRebuild, "")) {
                _ = try hits(catalog, ["library"], limit: nil, walkBudget: 1 << 40)
            }
            _ = try hits(catalog, ["library"], limit: nil, walkBudget: nil)
        }
        let base = CatalogSchema.rows(of: 1).lowerBound
        for rows in [[base + 5, base + 3, base - 7], [base + 3, .max], [.min], [base + 3, base + 9, base + 5]] {
            let map = RowMap(rows[...], from: base)
            #expect(map.contains(3) == (rows.count > 1))
            #expect(!map.contains(-7) && !map.contains(.max) && !map.contains(4))
        }
        // The index knows of a row far beyond all others.
        let place = try TemporaryDirectory()
        let other = try filled(place)
        let all = try hits(other, ["dev"], limit: nil, walkBudget: nil).hits
        try other.write {
            try $0.run("INSERT INTO word(rowid, name) VALUES(?, 'dev')", CatalogSchema.rows(of: 2).upperBound - 1)
        }
        #expect(try hits(other, ["dev"], limit: nil, walkBudget: 10).hits == all)
        #expect(try hits(other, ["dev"], limit: nil, walkBudget: nil).hits == all)
    }

    @Test("a list tells of each name that holds a word, and of few others")
    func pairs() throws {
        var random = SeededGenerator(seed: 3)
        let names = (0..<3000).map { _ in
            String(
                (0..<Int.random(in: 0..<24, using: &random)).compactMap { _ in
                    "ablry-+_é9".randomElement(using: &random)
                })
        }.sorted()
        var writer = NameListWriter()
        for (row, name) in names.enumerated() {
            Array(name.utf8).withUnsafeBytes { writer.add($0, row: Int64(row)) }
        }
        writer.bytes.withUnsafeBytes { bytes in
            for word in ["lib", "ry", "y", "a_", "b+", "é", "9", "library"] {
                var reader = NameListReader(bytes, lookingFor: WordPair(Array(word.utf8)))
                while let row = reader.next() {
                    let mayHold = reader.mayHold
                    #expect(mayHold || !names[Int(row)].contains(word))
                    let isIn = reader.name.withMemoryRebound(to: UInt8.self) { name in
                        WordPair(Array(word.utf8)).mayBe(in: UnsafeRawBufferPointer(name))
                    }
                    #expect(isIn == mayHold)
                }
                let isAtEnd = reader.isAtEnd
                #expect(isAtEnd)
            }
        }
    }

    @Test("packages come in the order of the ids given, without those that are gone")
    func rows() throws {
        let directory = try TemporaryDirectory()
        let catalog = try SQLiteCatalog(path: directory.catalog)
        try catalog.index("r", 1, (0..<3000).map { Sample.row("p\($0)") })
        try catalog.write { try $0.execute("DELETE FROM package WHERE id % 7 = 0") }
        try catalog.read { database in
            var base: Int64 = 0
            try database.query("SELECT min(id) FROM package") { base = $0.int64(0) }
            let ascending = (0..<2000).map { base + $0 }
            var random = SeededGenerator(seed: 9)
            let mixed = ascending[..<50] + [base + 2990, base + 2] + ascending[60..<400].reversed() + ascending[300...]
            for ids in [ascending, ascending.reversed(), ascending.shuffled(using: &random), Array(mixed), []] {
                let rows = PackageRows(database, "package.id, package.name", ids: ids)
                var found: [Int64] = []
                while let row = try rows.next() { found.append(row.int64(0)) }
                #expect(found == ids.filter { $0 % 7 != 0 && $0 < base + 3000 })
            }
        }
    }
}
