import Basics
import TestSupport
import Testing

@testable import Catalog

/// Random operations on a catalog and on plain sets; both must agree after each.
struct CatalogModel {
    private var random: SeededGenerator
    private let seed: UInt64
    private let repository: String
    private var model: [Int: Set<PackageRow>] = [:]

    init(seed: UInt64, repository: String) {
        random = SeededGenerator(seed: seed)
        self.seed = seed
        self.repository = repository
    }

    mutating func run(_ open: CatalogConformance.Factory) throws {
        let catalog = try open()
        for step in 0..<60 {
            let what: String
            let number = Int.random(in: 1...9, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                what = "index \(number)"
                let rows = state()
                let isLast = model.keys.allSatisfy { $0 < number }
                model[number] = rows
                if isLast, Bool.random(using: &random) {
                    try catalog.indexDraft(repository, number, rows.shuffled(using: &random))
                } else {
                    try catalog.index(repository, number, rows.shuffled(using: &random))
                }
            case 5..<8:
                what = "remove \(number)"
                model[number] = nil
                try catalog.removeGeneration(number, of: repository)
            default:
                what = "index \(number) by halves"
                model[number] = nil
                let indexer = try catalog.beginGeneration(
                    repository: repository, type: "apt", number: number, manifest: Sample.digest(number))
                for row in state().prefix(10) { try indexer.add(row) }
            }
            try compare(catalog, "seed \(seed), step \(step): \(what)")
        }
        #expect(try catalog.defects().isEmpty, "seed \(seed)")
    }

    /// Some of few packages, so that they come, go and come back.
    private mutating func state() -> Set<PackageRow> {
        var rows: Set<PackageRow> = []
        for name in ["a", "b", "c", "d", "e", "f"] {
            for version in ["1", "2"] where Bool.random(using: &random) { rows.insert(Sample.row(name, version)) }
        }
        return rows
    }

    private func compare(_ catalog: any PackageCatalog, _ what: String) throws {
        let numbers = model.keys.sorted()
        #expect(try catalog.indexedGenerations(of: repository).keys.sorted() == numbers, "\(what)")
        for number in numbers {
            #expect(
                try catalog.packages(repository, number) == model[number]?.sorted(), "\(what): generation \(number)")
        }
        if let first = numbers.first, let last = numbers.last {
            let difference = try catalog.difference(
                RepositoryState(repository: repository, generation: first),
                RepositoryState(repository: repository, generation: last))
            let (a, b) = (model[first] ?? [], model[last] ?? [])
            #expect(difference.onlyFirst == a.subtracting(b).sorted(), "\(what)")
            #expect(difference.onlySecond == b.subtracting(a).sorted(), "\(what)")
        }
        let latest = numbers.last.flatMap { model[$0] } ?? []
        let hits = try catalog.search(words: ["thing"], type: nil, repository: repository, states: [], limit: nil)
        #expect(Set(hits.map(\.digest)) == Set(latest.map(\.digest)), "\(what)")
        #expect(hits.count == latest.count, "\(what)")
        for history in try catalog.history(ofPackage: "a", repository: repository) {
            #expect(model[history.first]?.contains(history.package) == true, "\(what)")
            #expect(model[history.last]?.contains(history.package) == true, "\(what)")
            #expect(history.isCurrent == (history.last == numbers.last), "\(what)")
        }
    }
}
