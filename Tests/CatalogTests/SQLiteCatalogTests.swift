import Basics
import Foundation
import SQLite
import TestSupport
import Testing

@testable import Catalog

@Suite("A catalog in SQLite")
struct SQLiteCatalogTests {
    @Test("conforms", arguments: CatalogConformance.claims)
    func conforms(_ claim: CatalogConformance) throws {
        let directory = try TemporaryDirectory()
        try claim.check { try SQLiteCatalog(path: directory.catalog) }
    }

    @Test("a catalog made anew from the generations that are left answers the same")
    func rebuilt() throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: 11)
        let lived = try SQLiteCatalog(path: directory.catalog)
        var states: [Int: [PackageRow]] = [:]
        for number in 1...8 {
            let rows = (0..<300).filter { _ in Int.random(in: 0..<4, using: &random) > 0 }
                .map {
                    Sample.row("tool\($0)", "\(Int.random(in: 0..<2, using: &random))", summary: "word\($0 % 7) common")
                }
            states[number] = rows
            try lived.index("r", number, rows)
        }
        for number in [2, 5, 6] {
            states[number] = nil
            try lived.removeGeneration(number, of: "r")
        }
        let fresh = try SQLiteCatalog(path: directory.path + "/fresh.sqlite")
        for (number, rows) in states.sorted(by: { $0.key < $1.key }) { try fresh.index("r", number, rows) }
        for number in states.keys { #expect(try lived.packages("r", number) == fresh.packages("r", number)) }
        let kept = Set([1, 4].map { RepositoryState(repository: "r", generation: $0) })
        for words in [["tool1"], ["common"], ["word3", "tool"]] {
            for limit in [nil, 5, 40] as [Int?] {
                let answer = try fresh.search(words: words, type: nil, repository: nil, states: kept, limit: limit)
                #expect(
                    try lived.search(words: words, type: nil, repository: nil, states: kept, limit: limit) == answer)
                #expect(!answer.isEmpty)
            }
        }
        #expect(
            try lived.history(ofPackage: "tool4", repository: "r") == fresh.history(ofPackage: "tool4", repository: "r")
        )
    }

    @Test("indexing batch by batch, killed between any two transactions, leaves the generation before")
    func cutOff() throws {
        let directory = try TemporaryDirectory()
        try SQLiteCatalog(path: directory.catalog).index("r", 1, [Sample.row("a"), Sample.row("b")])
        do {
            // All of finish() but its last transaction.
            let catalog = try SQLiteCatalog(path: directory.catalog)
            let indexer = try catalog.beginGeneration(
                repository: "r", type: "apt", number: 2, manifest: Sample.digest(2))
            try indexer.add(Sample.row("b"))
            try indexer.add(Sample.row("c"))
            try catalog.write {
                try $0.execute("CREATE TRIGGER cut BEFORE INSERT ON generation BEGIN SELECT RAISE(FAIL, 'cut'); END")
            }
            #expect(throws: ChantalError.self) { _ = try indexer.finish() }
            try catalog.write { try $0.execute("DROP TRIGGER cut") }
        }
        let catalog = try SQLiteCatalog(path: directory.catalog)
        #expect(try catalog.packages("r", 1).map(\.name) == ["a", "b"])
        #expect(try catalog.search(words: ["c"], limit: nil).isEmpty)
        #expect(try catalog.search(words: ["a"], limit: nil).map(\.name).first == "a")
        try catalog.index("r", 3, [Sample.row("a"), Sample.row("d")])
        #expect(try catalog.packages("r", 3).map(\.name) == ["a", "d"])
        #expect(try catalog.packages("r", 1).map(\.name) == ["a", "b"])
        #expect(try catalog.defects().isEmpty)
    }

    @Test("a removal that was cut off is ended by the next indexing")
    func cutRemoval() throws {
        let directory = try TemporaryDirectory()
        let catalog = try SQLiteCatalog(path: directory.catalog)
        try catalog.index("gone", 1, [Sample.row("a")])
        try catalog.index("r", 1, [Sample.row("b")])
        try catalog.write { database in
            try database.execute("DELETE FROM generation; UPDATE repository SET dirty = 1")
            try database.execute("UPDATE repository SET name = NULL WHERE name = 'gone'")
        }
        #expect(try catalog.search(words: ["a"], limit: nil).isEmpty)
        try catalog.index("r", 2, [Sample.row("c")])
        try catalog.read { database in
            var left = 0
            try database.query("SELECT count(*) FROM package") { left = $0.int(0) }
            #expect(left == 1)
            try database.query("SELECT count(*) FROM repository WHERE dirty <> 0 OR name IS NULL") { left = $0.int(0) }
            #expect(left == 0)
        }
        #expect(try catalog.defects().isEmpty)
    }

    @Test("word lists that do not fit the packages are a defect, as is a package out of place")
    func defects() throws {
        let directory = try TemporaryDirectory()
        let catalog = try SQLiteCatalog(path: directory.catalog)
        try catalog.index("r", 1, [Sample.row("a"), Sample.row("b")])
        #expect(try catalog.defects().isEmpty)
        try catalog.write { try $0.run("UPDATE package SET summary = 'forged' WHERE name = 'a'") }
        #expect(try catalog.defects().count == 1)
        try catalog.write { try $0.run("UPDATE package SET until = first WHERE name = 'b'") }
        #expect(try catalog.defects().count == 2)
    }

    @Test("several connections write and read at once")
    func together() throws {
        let directory = try TemporaryDirectory()
        let path = directory.catalog
        let failures = FailureList()
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            failures.catching {
                let catalog = try SQLiteCatalog(path: path)
                for number in 1...5 {
                    if worker == 3 {
                        for hit in try catalog.search(words: ["package"], limit: 20) where hit.summary.isEmpty {
                            throw ChantalError(.bug, "half a hit")
                        }
                    } else {
                        try catalog.index("r\(worker)", number, (0..<800).map { Sample.row("package\($0 + number)") })
                        if number > 2 { try catalog.removeGeneration(number - 2, of: "r\(worker)") }
                    }
                }
            }
        }
        #expect(failures.texts.isEmpty)
        let catalog = try SQLiteCatalog(path: path)
        for worker in 0..<3 { #expect(try catalog.packages("r\(worker)", 5).count == 800) }
        #expect(try catalog.defects().isEmpty)
    }

    @Test("threads share one catalog")
    func threads() throws {
        let directory = try TemporaryDirectory()
        let catalog = try SQLiteCatalog(path: directory.catalog)
        let failures = FailureList()
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            failures.catching {
                for number in 1...3 {
                    try catalog.index("r\(worker)", number, (0..<300).map { Sample.row("p\($0 * number)") })
                }
                // A closure may ask the catalog.
                try catalog.forEachPackage(of: RepositoryState(repository: "r\(worker)", generation: 3)) { row in
                    if row.name == "p3" { _ = try catalog.history(ofPackage: row.name, repository: nil) }
                }
            }
        }
        #expect(failures.texts.isEmpty)
        for worker in 0..<4 { #expect(try catalog.packages("r\(worker)", 3).count == 300) }
    }
}

/// What went wrong on other threads.
final class FailureList: @unchecked Sendable {
    private let lock = NSLock()
    private var failures: [String] = []

    var texts: [String] { lock.withLock { failures } }

    func catching(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            lock.withLock { failures.append("\(error)") }
        }
    }
}
