import Basics
import Testing

@testable import Catalog

extension CatalogConformance {
    static let largeSearchClaims = [
        CatalogConformance("a frequent beginning is looked for as any other word, whatever stands beside it") { open in
            let catalog = try open()
            var rows = (0..<1500).flatMap { number in
                [
                    Sample.row("libtool\(number)-perl", summary: "common"),
                    Sample.row("other\(number)", summary: "perl library"),
                    Sample.row("tool\(number)-perl", summary: "no calibre"),
                ]
            }
            rows.append(Sample.row("a-perl-lib"))
            var provider = Sample.row("zz", summary: "perl")
            provider.provides = "other-thing libzz"
            rows.append(provider)
            try catalog.index("debian", 1, rows)
            let names = rows.filter { $0.name.contains("lib") }.map(\.name).sorted()
            let texts = rows.filter { $0.name.hasPrefix("other") }.map(\.name).sorted() + ["zz"]
            for words in [["lib", "perl"], ["perl", "li"], ["PERL lib"]] {
                #expect(try catalog.search(words: words, limit: nil).map(\.name) == names + texts)
                for limit in [1, 40, 1502] {
                    #expect(
                        try catalog.search(words: words, limit: limit).map(\.name)
                            == Array((names + texts).prefix(limit)))
                }
            }
            #expect(try catalog.search(words: ["lib", "calibre"], limit: nil).isEmpty)
            #expect(try catalog.search(words: ["lib", "/usr/bin/x"], limit: nil).isEmpty)
        },
        CatalogConformance("where much is found in several generations, each state has its own") { open in
            let catalog = try open()
            func rows(_ version: String) -> [PackageRow] {
                (0..<3000).map { Sample.row("p\($0)", $0 % 10 == 0 ? version : "0", summary: "a common word") }
            }
            for number in 1...3 { try catalog.index("debian", number, rows("\(number)")) }
            let latest = try catalog.search(words: ["common"], limit: nil)
            #expect(latest.count == 3000)
            #expect(latest.filter { $0.version == "3" }.count == 300)
            let states = Set([1, 2].map { RepositoryState(repository: "debian", generation: $0) })
            func all(_ limit: Int?) throws -> [SearchHit] {
                try catalog.search(words: ["common"], type: nil, repository: "debian", states: states, limit: limit)
            }
            #expect(try all(nil).count == 3600)
            #expect(try all(1000) == Array(all(nil).prefix(1000)))
            try catalog.removeGeneration(3, of: "debian")
            #expect(try all(nil).count == 3300)
            try catalog.removeRepository("debian")
            try catalog.index("other", 1, rows("7").map { Sample.row("q" + $0.name, summary: $0.summary) })
            #expect(try catalog.search(words: ["common"], limit: 1).map(\.name) == ["qp0"])
        },
    ]
}
