import TestSupport
import Testing

@testable import APT

@Suite("What a selection of binary packages needs")
struct BinaryClosureTests {
    typealias Index = ClosureUniverse.Index

    @Test("Depends and Pre-Depends are followed to the end, cycles too; Recommends, Suggests and Essential are not")
    func transitive() throws {
        let universe = ClosureUniverse(
            "a; Depends: b, c (>= 1)", "b; Pre-Depends: d", "c; Depends: a", "d; Recommends: e; Suggests: f", "e", "f",
            "g; Essential: yes; Priority: required")
        let closed = try universe.close("a")
        #expect(closed.packages == ["a 1", "b 1", "c 1", "d 1"] && closed.warnings.isEmpty)
    }

    @Test("of alternatives the first that can be installed, with all that it needs, is taken")
    func alternatives() throws {
        let universe = ClosureUniverse(
            "a; Depends: gone | broken | b | c", "broken; Depends: half", "half; Depends: b, nowhere", "b", "c")
        #expect(try universe.close("a").packages == ["a 1", "b 1"])
    }

    @Test("an alternative that is there already is enough")
    func already() throws {
        let universe = ClosureUniverse(
            "a; Depends: b | c", "b; Depends: d", "c", "d", "e; Depends: c", "f; Depends: b | c, e")
        #expect(try universe.close("a", "c").packages == ["a 1", "c 1"])
        // What has no choice comes first, wherever it stands.
        #expect(try universe.close("f").packages == ["c 1", "e 1", "f 1"])
    }

    @Test(
        "a name that no package has is met by one that provides it: the real package first, then by priority, then by name"
    )
    func virtual() throws {
        let mail = ClosureUniverse(
            "a; Depends: mail", "z-mta; Provides: mail; Priority: standard", "b-mta; Provides: mail, other",
            "a-mta; Provides: mail")
        #expect(try mail.close("a").packages == ["a 1", "z-mta 1"])
        #expect(try mail.close("a", "b-mta").packages == ["a 1", "b-mta 1"])
        let real = ClosureUniverse("a; Depends: mail", "mail", "a-mta; Provides: mail; Priority: required")
        #expect(try real.close("a").packages == ["a 1", "mail 1"])
        let own = ClosureUniverse("a; Depends: mail; Provides: mail", "b; Provides: mail")
        #expect(try own.close("a").packages == ["a 1"])
    }

    @Test("a provision meets a version only if it has one itself")
    func versionedProvides() throws {
        let universe = ClosureUniverse(
            "a; Depends: api (>= 2)", "b; Provides: api", "c; Provides: api (= 1)", "d; Provides: api (= 2.1)")
        #expect(try universe.close("a").packages == ["a 1", "d 1"])
        let less = ClosureUniverse("a; Depends: api (<< 2)", "b; Provides: api", "d; Provides: api (= 2.1)")
        let closed = try less.close("a")
        #expect(closed.packages == ["a 1"])
        #expect(closed.warnings == ["a 1 needs 'api (<< 2)', which nothing here provides"])
    }

    @Test("the newest version that satisfies is taken; an older one only where nothing newest does")
    func versions() throws {
        let universe = ClosureUniverse(
            "lib 1", "lib 2", "lib 10", "a; Depends: lib (<< 3)", "b; Depends: lib (>= 2)",
            "c; Depends: lib (<< 3) | d",
            "d")
        #expect(try universe.close("a").packages == ["a 1", "lib 2"])
        #expect(try universe.close("b").packages == ["b 1", "lib 10"])
        // apt looks at the newest version only, and then at the next alternative.
        #expect(try universe.close("c").packages == ["c 1", "d 1"])
        // What was asked for is enough where it satisfies.
        #expect(try universe.close("b", "lib 2").packages == ["b 1", "lib 2"])
    }

    @Test("what cannot be met is named, with the one who needs it and what brought that in; the rest is complete")
    func unmet() throws {
        let universe = ClosureUniverse(
            "a; Depends: b, e", "b; Depends: c", "c; Depends:  foo (>= 2)\n | bar", "e", "foo 1",
            "half; Depends: secret, broken (>=")
        let closed = try universe.close("a")
        #expect(closed.packages == ["a 1", "b 1", "c 1", "e 1"])
        #expect(closed.warnings == ["c 1 needs 'foo (>= 2) | bar', which nothing here provides (a → b → c)"])
        let half = try universe.close("half", leaving: ["secret"])
        #expect(
            half.warnings == [
                "half 1 needs 'secret', which the filter leaves out",
                "half 1 needs 'broken (>=', which nothing here provides",
            ])
    }

    @Test("each architecture has its own packages; those for all stand in each")
    func architectures() throws {
        let universe = ClosureUniverse(indexes: [
            Index(stanzas: ["a; Depends: b, data", "b", "data; Architecture: all; Depends: tool"] + ["tool", "c"]),
            Index(
                architecture: "i386",
                stanzas: [
                    "a; Architecture: i386; Depends: b, data", "b; Architecture: i386",
                    "data; Architecture: all; Depends: tool", "tool; Architecture: i386",
                ]),
        ])
        #expect(
            try universe.close("a 1").packages == ["a 1", "b 1", "data 1", "tool 1"])
        #expect(
            try universe.close("a 1 i386").packages == ["a 1 i386", "b 1 i386", "data 1 i386", "tool 1 i386"])
    }

    @Test("an index of its own for all architectures serves the clients of each")
    func sharedIndex() throws {
        let universe = ClosureUniverse(indexes: [
            Index(stanzas: ["a; Depends: data", "b"]),
            Index(architecture: "i386", stanzas: ["b; Architecture: i386"]),
            Index(architecture: "all", stanzas: ["data; Architecture: all; Depends: b", "other; Architecture: all"]),
        ])
        #expect(
            try universe.close("a").packages.filter { !$0.hasPrefix("data") } == ["a 1", "b 1"])
        #expect(
            try universe.close("data").packages == ["b 1", "b 1 i386", "data 1", "data 1 i386"])
    }

    @Test("a package that stands in both kinds of index is kept in both")
    func twins() throws {
        let all = "data; Architecture: all"
        let universe = ClosureUniverse(indexes: [
            Index(stanzas: ["a; Depends: data", all]), Index(architecture: "all", stanzas: [all]),
        ])
        let resolver = BinaryResolver(try universe.universe())
        let closure = try BinaryClosure([StanzaPlace(suite: 0, index: 0, number: 1)], resolver) {}
        #expect(closure.places.map(\.index) == [0, 0, 1])
    }

    static let qualified: [(depends: String, kept: [String])] = [
        ("lib:any", []),
        ("py:any", ["py 1"]),
        ("lib:native", ["lib 1"]),
        ("lib:i386", ["lib 1 i386"]),
        ("lib:arm64", []),
        ("wine:any", []),
        ("old:any", ["old 1 i386"]),
        ("foreign", ["foreign 1 i386"]),
        ("local", []),
        ("server", ["foreign 1 i386"]),
    ]

    @Test("qualifiers and Multi-Arch decide across architectures", arguments: qualified.indices)
    func multiArch(row: Int) throws {
        let (depends, kept) = BinaryClosureTests.qualified[row]
        let universe = ClosureUniverse(indexes: [
            Index(stanzas: ["a; Depends: \(depends)", "lib; Multi-Arch: same", "py; Multi-Arch: allowed", "wine"]),
            Index(
                architecture: "i386",
                stanzas: [
                    "lib; Architecture: i386; Multi-Arch: same",
                    "py; Architecture: i386; Multi-Arch: allowed",
                    "old; Architecture: i386; Multi-Arch: allowed",
                    "foreign; Architecture: i386; Multi-Arch: foreign; Provides: server",
                    "local; Architecture: i386",
                ]),
        ])
        let closed = try universe.close("a")
        #expect(closed.packages == ["a 1"] + kept)
        #expect(closed.warnings.isEmpty == !kept.isEmpty)
    }

    @Test(
        "each suite gives what it has, for clients may read one without the others; those that are not automatic only on demand"
    )
    func suites() throws {
        var universe = ClosureUniverse(indexes: [
            Index(stanzas: ["a 1; Depends: lib (>= 1), base", "lib 1", "base"]),
            Index(suite: 1, stanzas: ["a 2; Depends: lib (>= 1), base", "lib 1.1"]),
            Index(suite: 2, stanzas: ["a 3; Depends: lib (>= 3), base", "lib 3"]),
        ])
        universe.reserved = [false, false, true]
        #expect(try universe.close("a 1").packages == ["a 1", "base 1", "lib 1", "lib 1.1"])
        #expect(try universe.close("a 3").packages == ["a 3", "base 1", "lib 3"])
    }

    @Test("the same universe gives the same closure in the same order")
    func deterministic() throws {
        let universe = ClosureUniverse(
            "a; Depends: b | c, v, x", "b; Depends: gone", "c", "p; Provides: v", "q; Provides: v", "x; Depends: v | y",
            "y")
        let first = try universe.close("a")
        for _ in 0..<5 { #expect(try universe.close("a").packages == first.packages) }
        #expect(first.packages == ["a 1", "c 1", "p 1", "x 1"])
    }
}
