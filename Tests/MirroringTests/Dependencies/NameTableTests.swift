import Testing

@testable import Mirroring

@Suite struct NameTableTests {
    @Test("thousands of names keep their numbers, in the order in which they came")
    func numbers() {
        var table = NameTable()
        func number(_ name: String) -> Int32 { Array(name.utf8).withUnsafeBytes { table.number(of: $0) } }
        for round in 0..<2 {
            for place in 0..<5000 { #expect(number("name\(place)") == Int32(place), "round \(round)") }
        }
        #expect(number("") == 5000 && number("") == 5000 && table.count == 5001)
        #expect(table.with(4999) { String(decoding: $0, as: UTF8.self) } == "name4999")
        #expect(Array("name5000".utf8).withUnsafeBytes { table.find($0) } == nil)
        #expect(table.precedes(1, 2) && !table.precedes(2, 1) && table.precedes(10, 2))
    }

    @Test("items lie in the buckets that they belong to, in their order")
    func buckets() {
        let buckets = Buckets(count: 4, keys: [2, 0, 2, 3, 0])
        #expect((0..<4).map { Array(buckets[$0]) } == [[1, 4], [], [0, 2], [3]])
    }
}

/// Finds what is said of packages by number.
private struct Numbered: RequirementTexts {
    func name(_ package: Int32) -> String { "p\(package)" }
    func label(_ package: Int32) -> String { "p\(package) 1" }
    func text(of requirement: Int, of package: Int32) -> String { "r\(requirement)" }
    func isLeftOut(_ requirement: Int, of package: Int32) -> Bool { requirement == 1 }
}

@Suite struct ClosureSearchTests {
    private func close(_ demands: [[Demand]], _ roots: Int32...) throws -> Closure {
        var search = ClosureSearch(count: demands.count, check: {}, demands: { demands[Int($0)] })
        return try search.closure(of: roots)
    }

    @Test("each list gives one; a list of packages that cannot be used gives nothing where another can")
    func lists() throws {
        let closure = try close([[.anyOf([[1, 2], [3], [4]])], [.anyOf([])], [], [], [.anyOf([])]], 0)
        #expect(closure.packages == [0, 2, 3] && closure.unmet.isEmpty)
    }

    @Test("a chain leads from what was asked for; roots have no parent, needed by others or not")
    func chains() throws {
        let closure = try close([[.anyOf([[1]])], [.anyOf([[2]])], [.anyOf([[0]]), .anyOf([[3]])], []], 0, 3)
        #expect(closure.chain(to: 2) == [0, 1, 2] && closure.chain(to: 3) == [3] && closure.chain(to: 0) == [0])
    }

    @Test("what is unusable is taken only for want of better, and then said")
    func unusable() throws {
        let closure = try close([[.anyOf([[1]])], [.all([]), .anyOf([[]])]], 0)
        #expect(closure.packages == [0, 1])
        #expect(closure.unmet == [Closure.Unmet(package: 1, requirement: 1)])
    }

    @Test("a condition counts once it is met, whatever meets it, and what it brings may meet another")
    func conditions() throws {
        let demands: [[Demand]] = [
            [.when(.anyOf([[2]]), then: .anyOf([[3]]), otherwise: nil), .anyOf([[1, 4]])],
            [.when(.anyOf([[3]]), then: .anyOf([[4]]), otherwise: .anyOf([[2]]))], [], [], [],
        ]
        #expect(try close(demands, 0).packages.sorted() == [0, 1, 2, 3, 4])
        #expect(try close([demands[0], [], [], [], []], 0).packages == [0, 1])
    }

    @Test("a user who asks to stop is heard")
    func cancelled() {
        struct Stopped: Error {}
        var search = ClosureSearch(count: 1, check: { throw Stopped() }, demands: { _ in [] })
        #expect(throws: Stopped.self) { try search.closure(of: [0]) }
    }

    @Test("a long chain of packages that cannot be used is found out, and does not take long")
    func longChain() throws {
        let count = 20_000
        // Each needs the next, and the last what nobody has.
        let demands = (0..<count).map { [Demand.anyOf($0 + 1 < count ? [[Int32($0 + 1)]] : [])] }
        let closure = try close(demands, 0)
        #expect(closure.packages.count == count)
        #expect(closure.unmet == [Closure.Unmet(package: Int32(count - 1), requirement: 0)])
        #expect(closure.chain(to: Int32(count - 1)).count == count)
        #expect(
            closure.warnings(Numbered()) == [
                "p19999 1 needs 'r0', which nothing here provides (p0 → p1 → p2 → p3 → … → p19996 → p19997 → p19998 → p19999)"
            ])
    }

    @Test("of very many requirements that cannot be met some are told, and the rest counted")
    func manyUnmet() throws {
        let warnings = try close([(0..<1000).map { _ in Demand.anyOf([]) }], 0).warnings(Numbered())
        #expect(warnings.count == 51 && warnings[1] == "p0 1 needs 'r1', which the filter leaves out")
        #expect(warnings.last == "950 more requirements cannot be met")
    }
}
