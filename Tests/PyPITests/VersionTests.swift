import Testing

@testable import PyPI

@Suite("Versions", .enabled(if: Vectors.areThere))
struct VersionTests {
    struct Row: Decodable {
        var i: String
        var norm: String
        var canon: String
        var local: String?
        var `public`: String
        var base: String
        var isPre: Bool
        var isPost: Bool
        var isDev: Bool
    }
    struct Rows: Decodable {
        var valid: [Row]
        var invalid: [String]
    }
    struct Order: Decodable {
        var ascendingEqualityClasses: [[String]]
        var packagingVersionsStrictOrder: [String]
    }

    @Test("every spelling has the normal form that packaging gives it")
    func normalForms() throws {
        let rows = try Vectors.read("pep440_versions.json", as: Rows.self)
        #expect(rows.valid.count > 1000)
        for row in rows.valid {
            guard let version = Version(row.i) else {
                Issue.record("\(row.i) is not read")
                continue
            }
            let parts = VersionParts(version)
            #expect(version.description == row.norm)
            #expect(parts.canonical.description == row.canon, "\(row.i)")
            #expect(parts.local == row.local, "\(row.i)")
            #expect(parts.base == row.base, "\(row.i)")
            #expect(version.publicVersion.description == row.public, "\(row.i)")
            #expect(version.isPreRelease == row.isPre, "\(row.i)")
            #expect(version.isPostRelease == row.isPost, "\(row.i)")
            #expect((parts.dev != nil) == row.isDev, "\(row.i)")
            #expect(Version(row.norm) == version)
        }
        for text in rows.invalid { #expect(Version(text) == nil, "\(text)") }
    }

    @Test("every pair is in the order of packaging")
    func order() throws {
        let rows = try Vectors.read("pep440_order.json", as: Order.self)
        let strict = rows.packagingVersionsStrictOrder.map { [$0] }
        for classes in [rows.ascendingEqualityClasses, strict] {
            let versions = try classes.map { try $0.map { try need(Version($0)) } }
            var wrong = 0
            for (i, left) in versions.enumerated() {
                for (j, right) in versions.enumerated() {
                    for a in left {
                        for b in right where (a < b) != (i < j) || (a == b) != (i == j) {
                            wrong += 1
                            if wrong < 10 { Issue.record("\(a) and \(b)") }
                        }
                    }
                }
            }
            #expect(wrong == 0)
        }
    }

    @Test("equal versions have one hash, and a text of a mebibyte is no version")
    func hashes() {
        #expect(Set([Version("1.0"), Version("1.0.0"), Version("v1")]).count == 1)
        #expect(Version(String(repeating: "1", count: 1 << 20)) == nil)
    }
}

@Suite("Specifiers", .enabled(if: Vectors.areThere))
struct SpecifierTests {
    struct Valid: Decodable {
        var i: String
        var norm: String
        var prereleases: Bool?
        var parts: [[String]]
    }
    struct Filter: Decodable {
        var spec: String
        var input: [String]
        var `default`: [String]
        var preTrue: [String]
        var preFalse: [String]
    }
    struct Rows: Decodable {
        var valid: [Valid]
        var invalid: [String]
        var contains: [[Loose]]
        var filter: [Filter]
    }
    struct Lenient: Decodable {
        var rewrite: [[String]]
        var pipIgnoresInvalidKeepsFile: [String]
    }

    @Test("clauses are read as packaging reads them")
    func parsing() throws {
        let rows = try Vectors.read("pep440_specifiers.json", as: Rows.self)
        for row in rows.valid {
            guard let set = SpecifierSet(row.i) else {
                Issue.record("\(row.i) is not read")
                continue
            }
            #expect(set.description == row.norm, "\(row.i)")
            #expect(set.asksForPreReleases == (row.prereleases == true), "\(row.i)")
            let parts = Set(set.specifiers.map { [$0.relation.rawValue, $0.operand] })
            #expect(parts == Set(row.parts), "\(row.i)")
        }
        for text in rows.invalid { #expect(SpecifierSet(text) == nil, "\(text)") }
    }

    @Test("versions are contained as in packaging, with and without pre-releases")
    func containment() throws {
        let rows = try Vectors.read("pep440_specifiers.json", as: Rows.self)
        #expect(rows.contains.count > 5000)
        for row in rows.contains {
            let (text, version) = (try need(row[0].string), try need(row[1].string))
            let set = try need(SpecifierSet(text))
            #expect(set.contains(text: version) == row[2].bool, "\(text) \(version)")
            #expect(set.contains(text: version, preReleases: true) == row[3].bool, "\(text) \(version)")
            #expect(set.contains(text: version, preReleases: false) == row[4].bool, "\(text) \(version)")
            if let parsed = Version(version), parsed.description == version {
                #expect(set.contains(parsed) == row[2].bool, "\(text) \(version)")
            }
        }
    }

    @Test("pre-releases are taken where there is nothing else")
    func filter() throws {
        for row in try Vectors.read("pep440_specifiers.json", as: Rows.self).filter {
            let set = try need(SpecifierSet(row.spec))
            func filtered(_ preReleases: Bool?) throws -> [String] {
                let versions = try row.input.map { ($0, try need(Version($0))) }
                return set.filter(versions, preReleases: preReleases, version: { $0.1 }).map(\.0)
            }
            #expect(try filtered(nil) == row.default, "\(row.spec) \(row.input)")
            #expect(try filtered(true) == row.preTrue, "\(row.spec) \(row.input)")
            #expect(try filtered(false) == row.preFalse, "\(row.spec) \(row.input)")
        }
    }

    @Test("a broken Requires-Python is repaired as uv does it, or is no constraint as for pip")
    func requiresPython() throws {
        let rows = try Vectors.read("requires_python_lenient.json", as: Lenient.self)
        for row in rows.rewrite {
            let read = RequiresPython(row[0])
            #expect(read.specifiers == SpecifierSet(row[1]), "\(row)")
            #expect(!read.isUnreadable)
        }
        for text in rows.pipIgnoresInvalidKeepsFile {
            let read = RequiresPython(text)
            let python = try need(Version("3.11.2"))
            #expect(read.isUnreadable && read.allows(python), "\(text)")
        }
        #expect(!RequiresPython("").isUnreadable)
    }
}
