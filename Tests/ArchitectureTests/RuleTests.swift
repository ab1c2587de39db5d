import Testing

@Suite("The rules of the house can fail")
struct RuleTests {
    @Test(
        "what is refused",
        arguments: [
            ("Basics", "FileSystem"), ("Store", "Catalog"), ("Catalog", "Store"), ("Store", "Mirroring"),
            ("APT", "RPM"),
            ("APT", "HTTPClient"), ("APT", "Fetching"), ("APT", "FileSystem"), ("APT", "Store"), ("Mirroring", "APT"),
            ("Mirroring", "ChantalCommands"), ("Hashing", "HTTPClient"), ("Terminal", "CommandLineKit"),
            ("Store", "Fetching"), ("Store", "Foundation"), ("Store", "FoundationEssentials"), ("Store", "CSQLite"),
            ("Mirroring", "CCurl"), ("chantal", "FoundationNetworking"), ("Store", "TestSupport"), ("Store", "Unknown"),
            ("TestSupport", "Store"), ("TestSupport", "Foundation"), ("Unknown", "Basics"),
        ])
    func refused(room: String, imported: String) {
        #expect(House.objection(to: imported, in: room) != nil)
    }

    @Test(
        "what is allowed",
        arguments: [
            ("HTTPClient", "Hashing"), ("CommandLineKit", "Terminal"), ("Fetching", "Store"),
            ("Fetching", "HTTPClient"),
            ("APT", "Mirroring"), ("APT", "OpenPGP"), ("Mirroring", "Catalog"), ("chantal", "APT"), ("Store", "Glibc"),
            ("SQLite", "CSQLite"), ("ChantalCommands", "FoundationEssentials"), ("TestSupport", "Basics"),
        ])
    func allowed(room: String, imported: String) {
        #expect(House.objection(to: imported, in: room) == nil)
    }

    @Test("imports are read in every form, and not out of comments")
    func imports() {
        let text = """
            import Basics
            // import Foundation
            internal import CCurl  // the library
            @preconcurrency public import Glibc
            @_spi(Tests) import struct Store.Blob
            #if canImport(Musl)
                import Musl
            #endif
            let x = "import Foundation"
            let script = \"""
                import base64
                \"""
            """
        let file = SourceFile(path: "x.swift", room: "X", text: text)
        #expect(file.imports.map(\.module) == ["Basics", "CCurl", "Glibc", "Store", "Musl"])
        #expect(file.imports.map(\.isInternal) == [false, true, false, false, false])
    }

    @Test("functions that a file declares are found, parameters too")
    func functions() {
        let text = """
            func open(_ path: String) {}
            func read(each link: (Tag, URL) throws -> Void, _ stat: @escaping () -> Int, count: Int) {}
            unlink("x")
            """
        let file = SourceFile(path: "x.swift", room: "X", text: text)
        #expect(file.functions == ["open", "read", "link", "stat"])
    }

    @Test("types are found with attributes and modifiers, and not out of strings")
    func types() {
        let text = """
            public final class Store: Sendable {
                enum Kind { case a }
            /// struct Hidden
            let s = "struct Quoted"
            @frozen public struct Digest {}
            """
        #expect(SourceFile(path: "x.swift", room: "X", text: text).types == ["Store", "Kind", "Digest"])
    }

    @Test("declarations are read over several lines")
    func declarations() {
        let text = """
            room("A", []),  // nothing
            room(
                "B",
                [
                    "A", "C",
                ]),
            .executableTarget(
                name: "d", dependencies: ["A", "B"], swiftSettings: s),
            """
        #expect(House.declarations(in: text) == ["A": [], "B": ["A", "C"], "d": ["A", "B"]])
    }
}
