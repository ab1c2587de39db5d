import Basics
import Testing

@testable import Catalog

/// A spool in memory.
final class MemorySpool: RowSpool {
    private var bytes: [UInt8] = []
    private(set) var writes = 0

    func write(_ more: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: more)
        writes += 1
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) {
        buffer.copyBytes(from: bytes[Int(offset)..<(Int(offset) + buffer.count)])
    }
}

extension PackageCatalog {
    /// Indexes a generation whose rows were gathered before.
    @discardableResult
    func indexDraft(_ repository: String, _ number: Int, _ rows: [PackageRow]) throws -> IndexSummary {
        let draft = try draftGeneration(of: repository) { MemorySpool() }
        for row in rows { try draft.add(row) }
        let indexer = try beginGeneration(
            repository: repository, type: "apt", number: number, manifest: Sample.digest("\(repository)@\(number)"))
        #expect(try indexer.add(draft))
        return try indexer.finish()
    }
}

extension CatalogConformance {
    static let draftClaims = [
        CatalogConformance("rows gathered before there is a generation are indexed as those given one by one") { open in
            let catalog = try open()
            let (a, b, c) = (Sample.row("a"), Sample.row("b"), Sample.row("c"))
            #expect(try catalog.indexDraft("r", 1, [a, b, a]) == IndexSummary(packages: 2, added: 2, removed: 0))
            #expect(try catalog.indexDraft("r", 2, [c, b]) == IndexSummary(packages: 2, added: 1, removed: 1))
            #expect(try catalog.packages("r", 1) == [a, b])
            #expect(try catalog.packages("r", 2) == [b, c])
            #expect(try catalog.search(words: ["c"], limit: nil).map(\.name) == ["c"])
            #expect(try catalog.search(words: ["a"], limit: nil).filter { $0.name == "a" }.isEmpty)
            #expect(try catalog.defects().isEmpty)
        },
        CatalogConformance("more rows than memory is for come back from the file, whatever is in them") { open in
            let catalog = try open()
            var rows = (0..<30_000).map { Sample.row("p\($0)", summary: String(repeating: "é", count: $0 % 40)) }
            rows.append(Sample.row("large", summary: String(repeating: "long ", count: 1_000_000)))
            let spool = MemorySpool()
            let draft = try catalog.draftGeneration(of: "r") { spool }
            for row in rows { try draft.add(row) }
            #expect(spool.writes > 1)
            let indexer = try catalog.beginGeneration(
                repository: "r", type: "apt", number: 1, manifest: Sample.digest(1))
            #expect(try indexer.add(draft))
            #expect(try indexer.finish().packages == rows.count)
            #expect(try catalog.packages("r", 1) == rows.sorted())
            // What is known already waits nowhere.
            let again = try catalog.draftGeneration(of: "r") { throw ChantalError(.bug, "a file is made for nothing") }
            for row in rows { try again.add(row) }
            let second = try catalog.beginGeneration(
                repository: "r", type: "apt", number: 2, manifest: Sample.digest(2))
            #expect(try second.add(again))
            #expect(try second.finish() == IndexSummary(packages: rows.count, added: 0, removed: 0))
        },
        CatalogConformance("a draft that was overtaken, given up or used adds nothing") { open in
            let catalog = try open()
            try catalog.index("r", 1, [Sample.row("a")])
            func draft() throws -> any GenerationDraft {
                let draft = try catalog.draftGeneration(of: "r") { MemorySpool() }
                try draft.add(Sample.row("drafted"))
                return draft
            }
            func begin(_ number: Int) throws -> any GenerationIndexer {
                try catalog.beginGeneration(
                    repository: "r", type: "apt", number: number, manifest: Sample.digest(number))
            }
            let overtaken = try draft()
            try catalog.index("r", 3, [Sample.row("b")])
            #expect(try begin(4).add(overtaken) == false)
            // Not the latest.
            #expect(try begin(2).add(draft()) == false)
            let dropped = try draft()
            dropped.giveUp()
            try dropped.add(Sample.row("late"))
            #expect(!dropped.isComplete)
            #expect(try begin(4).add(dropped) == false)
            let used = try draft()
            let first = try begin(4)
            #expect(try first.add(used))
            _ = try first.finish()
            let indexer = try begin(5)
            #expect(try indexer.add(used) == false)
            try indexer.add(Sample.row("c"))
            _ = try indexer.finish()
            #expect(try catalog.packages("r", 4).map(\.name) == ["drafted"])
            #expect(try catalog.packages("r", 5).map(\.name) == ["c"])
        },
        CatalogConformance("packages are kept by their names, from the generation before alone") { open in
            let catalog = try open()
            let rows = [Sample.row("same", "1"), Sample.row("Same", "2"), Sample.row("other")]
            try catalog.index("r", 1, [Sample.row("same", "0")] + rows)
            try catalog.index("r", 2, rows)
            let indexer = try catalog.beginGeneration(
                repository: "r", type: "apt", number: 3, manifest: Sample.digest(3))
            #expect(indexer.previous == 2)
            try indexer.keep(name: "same")
            try indexer.keep(name: "never")
            try indexer.add(Sample.row("new"))
            #expect(try indexer.finish() == IndexSummary(packages: 3, added: 1, removed: 1))
            #expect(try catalog.packages("r", 3) == [Sample.row("new"), rows[0], rows[1]].sorted())
        },
    ]

    static let lookupClaims = [
        CatalogConformance("packages are found by many names, by source and by homepage, in the latest generations") {
            open in
            let catalog = try open()
            func row(_ name: String, source: String = "", homepage: String = "", version: String = "1") -> PackageRow {
                var row = Sample.row(name, version)
                row.source = source
                row.homepage = homepage
                return row
            }
            let (own, child) = (row("curl", homepage: "https://curl.example"), row("libcurl4", source: "curl"))
            try catalog.index("debian", 1, [own, row("curl", version: "0"), row("gone", source: "curl")])
            try catalog.index("debian", 2, [own, child, row("wget")])
            try catalog.index("rocky", 1, [own, row("CURL-devel", source: "curl")], type: "rpm")
            #expect(
                try catalog.packages(named: ["Curl", "wget", "none", "gone", "wget"]).map {
                    "\($0.repository) \($0.type) \($0.package.name)"
                } == ["debian apt curl", "debian apt wget", "rocky rpm curl"])
            #expect(
                try catalog.packages(bySources: ["a\"b", "curl"], orHomepages: []).map {
                    "\($0.repository) \($0.package.name)"
                } == ["debian curl", "debian libcurl4", "rocky curl", "rocky CURL-devel"])
            #expect(try catalog.packages(bySources: ["CURL"], orHomepages: []).count == 4)
            let found = try catalog.packages(bySources: [], orHomepages: ["", "https://curl.example"])
            #expect(found.map(\.package) == [own, own])
            #expect(try catalog.packages(bySources: [], orHomepages: [""]).isEmpty)
            #expect(try catalog.packages(named: []).isEmpty)
        },
        CatalogConformance("what packages provide is searched, and paths by their beginnings") { open in
            let catalog = try open()
            func row(_ name: String, provides: String = "", files: [String] = []) -> PackageRow {
                var row = Sample.row(name, summary: "nothing of note")
                row.provides = provides
                row.files = files.joined(separator: "\n")
                return row
            }
            try catalog.index(
                "r", 1,
                [
                    row("exim4", provides: "mail-transport-agent default-mta", files: ["/usr/sbin/exim4"]),
                    row(
                        "postfix", provides: "mail-transport-agent",
                        files: ["/etc/postfix/main.cf", "/usr/sbin/postfix"]),
                    row("tool", files: ["/opt/usr/sbin/postfix", "/usr/bin/[", "/usr/bin/Tool-X"]),
                ])
            func found(_ words: String...) throws -> [String] {
                try catalog.search(words: words, limit: nil).map(\.name)
            }
            let asked = ["Default-MTA", "mail-transport-agent", "transport", "mail", "exim4", "a b", "-", "\""]
            try catalog.index("s", 1, [row("old", provides: "default-mta"), row("new", provides: "x default-mta y")])
            try catalog.index("s", 2, [row("new", provides: "x default-mta y")])
            #expect(
                try catalog.packages(providing: asked).mapValues { $0.map { "\($0.repository) \($0.package.name)" } }
                    .filter { !$0.value.isEmpty } == [
                        "Default-MTA": ["r exim4", "s new"], "mail-transport-agent": ["r exim4", "r postfix"],
                    ])
            try catalog.removeRepository("s")
            #expect(try found("mail-transport") == ["exim4", "postfix"])
            #expect(try found("mail", "default") == ["exim4"])
            #expect(try found("/usr/sbin/postfix") == ["postfix"])
            #expect(try found("/usr/sbin/post") == ["postfix"])
            #expect(try found("/usr/sbin/") == ["exim4", "postfix"])
            #expect(try found("/USR/bin/tool") == ["tool"])
            #expect(try found("/etc/postfix") == ["postfix"])
            #expect(try found("/sbin/postfix").isEmpty)
            #expect(try found("/usr/sbin/", "transport") == ["exim4", "postfix"])
            #expect(try found("/usr/bin/[", "tool") == ["tool"])
            // A word that is no path does not mean files.
            #expect(try found("sbin").isEmpty)
            #expect(try found("/").isEmpty)
            #expect(try catalog.search(words: ["/usr/"], limit: 1).map(\.name) == ["exim4"])
        },
    ]
}
