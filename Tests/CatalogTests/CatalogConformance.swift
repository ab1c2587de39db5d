import Basics
import Testing

@testable import Catalog

/// What every kind of catalog must do. A backend's tests give a factory and run each claim.
struct CatalogConformance: Sendable, CustomTestStringConvertible {
    /// Opens one and the same catalog, empty at first, as often as asked.
    typealias Factory = () throws -> any PackageCatalog

    var testDescription: String
    var check: @Sendable (Factory) throws -> Void

    init(_ claim: String, _ check: @escaping @Sendable (Factory) throws -> Void) {
        testDescription = claim
        self.check = check
    }

    static let claims =
        generationClaims + draftClaims + packageClaims + searchClaims + largeSearchClaims + lookupClaims + memoryClaims
}

extension CatalogConformance {
    static let generationClaims = [
        CatalogConformance("each generation holds what it was given, in order") { open in
            let catalog = try open()
            let a = Sample.row("alpha")
            let (b1, b2) = (Sample.row("beta", "1"), Sample.row("beta", "2"))
            let upper = Sample.row("Alpha-big")
            #expect(
                try catalog.index("debian", 1, [b1, a, a, upper]) == IndexSummary(packages: 3, added: 3, removed: 0))
            #expect(try catalog.index("debian", 2, [b2, a]) == IndexSummary(packages: 2, added: 1, removed: 2))
            #expect(try catalog.index("debian", 3, [b2, a]) == IndexSummary(packages: 2, added: 0, removed: 0))
            #expect(try catalog.packages("debian", 1) == [a, upper, b1])
            #expect(try catalog.packages("debian", 2) == [a, b2])
            #expect(try catalog.packages("debian", 3) == [a, b2])
            #expect(try catalog.packages("debian", 1) == catalog.packages("debian", 1).sorted())
            #expect(
                try catalog.indexedGenerations(of: "debian") == [
                    1: Sample.digest("debian@1"), 2: Sample.digest("debian@2"), 3: Sample.digest("debian@3"),
                ])
            #expect(try catalog.indexedGenerations(of: "other").isEmpty)
            #expect(try catalog.repositories().map(\.name) == ["debian"])
        },
        CatalogConformance("every field of a package comes back, whatever is in it") { open in
            let catalog = try open()
            var odd = Sample.row("odd\u{0}name", "1:2~rc'\"", architecture: "", group: "", summary: "Zürich — 漢字 \n %s")
            odd.digest = nil
            odd.alias = Checksum(.sha512, bytes: Array(repeating: 7, count: 64))
            odd.size = .max
            odd.path = ""
            odd.provides = "a b(c) \u{1}"
            odd.files = "/etc/x y\n/ü"
            odd.source = "src"
            odd.homepage = "https://example.test/?a=ü"
            let weak = Sample.row("weak", alias: Checksum(.md5, bytes: Array(repeating: 9, count: 16)))
            let large = Sample.row("large", summary: String(repeating: "long ", count: 100_000))
            try catalog.index("r", 1, [odd, weak, large])
            #expect(try catalog.packages("r", 1) == [odd, weak, large].sorted())
        },
        CatalogConformance("an unfinished generation shows nowhere, also after the catalog is opened again") { open in
            try open().index("r", 1, [Sample.row("kept")])
            do {
                let catalog = try open()
                let indexer = try catalog.beginGeneration(
                    repository: "r", type: "apt", number: 2, manifest: Sample.digest("x"))
                for number in 0..<30_000 { try indexer.add(Sample.row("half\(number)")) }
                #expect(try catalog.search(words: ["half"], limit: nil).isEmpty)
                #expect(throws: ChantalError(.notFound, "")) { try catalog.packages("r", 2) }
            }
            let catalog = try open()
            #expect(Array(try catalog.indexedGenerations(of: "r").keys) == [1])
            #expect(try catalog.packages("r", 1).map(\.name) == ["kept"])
            try catalog.index("r", 2, [Sample.row("half1"), Sample.row("new")])
            #expect(try catalog.packages("r", 2).map(\.name) == ["half1", "new"])
            #expect(try catalog.search(words: ["half"], limit: nil).map(\.name) == ["half1"])
            #expect(try catalog.defects().isEmpty)
        },
        CatalogConformance("who indexes a repository second takes over, and the first is told") { open in
            let catalog = try open()
            let first = try catalog.beginGeneration(repository: "r", type: "apt", number: 1, manifest: Sample.digest(1))
            try first.add(Sample.row("first"))
            let second = try open().beginGeneration(repository: "r", type: "apt", number: 1, manifest: Sample.digest(1))
            try second.add(Sample.row("second"))
            #expect(throws: ChantalError(.locked, "")) { _ = try first.finish() }
            #expect(throws: ChantalError.self) { _ = try first.finish() }
            _ = try second.finish()
            #expect(try catalog.packages("r", 1).map(\.name) == ["second"])
        },
        CatalogConformance("a generation that is indexed again is replaced") { open in
            let catalog = try open()
            for number in 1...3 { try catalog.index("r", number, [Sample.row("a"), Sample.row("p\(number)")]) }
            try catalog.index("r", 2, [Sample.row("b"), Sample.row("p1")], manifest: "other")
            #expect(try catalog.packages("r", 1).map(\.name) == ["a", "p1"])
            #expect(try catalog.packages("r", 2).map(\.name) == ["b", "p1"])
            #expect(try catalog.packages("r", 3).map(\.name) == ["a", "p3"])
            #expect(try catalog.indexedGenerations(of: "r")[2] == Sample.digest("other"))
        },
        CatalogConformance("a generation removed while its successor is indexed takes nothing along") { open in
            let catalog = try open()
            try catalog.index("r", 1, [Sample.row("stays"), Sample.row("goes")])
            let indexer = try catalog.beginGeneration(
                repository: "r", type: "apt", number: 2, manifest: Sample.digest(2))
            try indexer.add(Sample.row("stays"))
            try open().removeGeneration(1, of: "r")
            _ = try indexer.finish()
            #expect(try catalog.packages("r", 2).map(\.name) == ["stays"])
            #expect(try catalog.history(ofPackage: "goes", repository: nil).isEmpty)
            #expect(try catalog.search(words: ["stays"], limit: nil).count == 1)
            #expect(try catalog.defects().isEmpty)
        },
        CatalogConformance("a repository is renamed and removed with all that belongs to it") { open in
            let catalog = try open()
            let weak = try #require(Checksum(.sha1, bytes: Array(repeating: 1, count: 20)))
            try catalog.index("old", 1, [Sample.row("thing", alias: weak)])
            try catalog.index("other", 1, [Sample.row("thing")])
            try catalog.setValidators(
                Validators(etag: "x", lastModified: nil, digest: Sample.digest(1)), repository: "old", url: "http://h/a"
            )
            _ = try catalog.beginAttempt(repository: "old", pid: 1, startedAt: Timestamp(seconds: 5))
            #expect(throws: ChantalError(.exists, "")) { try catalog.renameRepository("old", to: "other") }
            try catalog.renameRepository("old", to: "new")
            #expect(try catalog.packages("new", 1).count == 1)
            #expect(try catalog.indexedGenerations(of: "old").isEmpty)
            #expect(try catalog.validators(repository: "new", url: "http://h/a")?.etag == "x")
            #expect(try catalog.attempts(of: "new", limit: 9) { _ in true }.count == 1)
            #expect(try catalog.digest(for: weak, repository: "new") != nil)
            #expect(try catalog.search(words: ["thing"], limit: nil).map(\.repository) == ["new", "other"])
            try catalog.removeRepository("new")
            #expect(try catalog.indexedGenerations(of: "new").isEmpty)
            #expect(try catalog.validators(repository: "new", url: "http://h/a") == nil)
            #expect(try catalog.attempts(of: "new", limit: 9) { _ in true }.isEmpty)
            #expect(try catalog.digest(for: weak, repository: "new") == nil)
            #expect(try catalog.search(words: ["thing"], limit: nil).map(\.repository) == ["other"])
            #expect(try catalog.defects().isEmpty)
            try catalog.index("new", 7, [Sample.row("again")])
            #expect(try catalog.packages("new", 7).map(\.name) == ["again"])
        },
        CatalogConformance("generations come and go in any order, and each keeps its packages (a model tells)") {
            open in
            for seed in 1...6 as ClosedRange<UInt64> {
                var model = CatalogModel(seed: seed, repository: "model\(seed)")
                try model.run(open)
            }
        },
    ]
}
