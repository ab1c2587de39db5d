import Basics
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

/// What `show` tells of a package, read from what clients read.
@Suite struct DescriptionTests {
    private func upstream(_ section: String) throws -> MirrorFixture {
        let fixture = try MirrorFixture([DebianSuite("stable")], section)
        try fixture.upstream.add(
            DebianPackage(
                "tool", "2:1.0-1", source: "toolbox", description: "a tool\nIt does things,\n\nand other things.",
                fields: [
                    ("Homepage", "https://tool.example/"), ("Pre-Depends", "base (>= 1)"),
                    ("Depends", "libtool1 (= 1),\n other | another"), ("Provides", "instrument (= 1.0)"),
                ]))
        try fixture.upstream.add(DebianPackage("tool-extra"))
        try fixture.upstream.add(DebianSource("toolbox"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        return fixture
    }

    private func describe(_ name: String, _ fixture: MirrorFixture) throws -> PackageDescription? {
        let state = try fixture.state()
        var row: PackageRow?
        try APTEcosystem.packages(in: state) { if $0.name == name { row = $0 } }
        return try APTEcosystem.describe(try #require(row), in: state)
    }

    @Test(
        "homepage, long description, relations and source, from verbatim and own metadata",
        arguments: ["sources: true", "filter: {include: [\"tool*\"]}"])
    func fields(section: String) throws {
        let fixture = try upstream(section)
        let tool = try #require(try describe("tool", fixture))
        #expect(tool.homepage == "https://tool.example/" && tool.source == "toolbox")
        #expect(tool.description == "It does things,\n\nand other things.")
        #expect(tool.provides == ["instrument (= 1.0)"])
        #expect(tool.requires == ["base (>= 1)", "libtool1 (= 1)", "other | another"])
        #expect(tool.why.isEmpty && tool.license == nil)
        if section.hasPrefix("sources") {
            let source = try #require(try describe("toolbox", fixture))
            #expect(source.provides == ["toolbox"])
        }
    }

    @Test("the files that it installs stand in Contents; a package of a longer name is another")
    func files() throws {
        let fixture = try upstream("contents: true")
        let tool = try #require(try describe("tool", fixture))
        #expect(try tool.files?() == ["/usr/share/tool/content"])
        let without = try upstream("contents: false")
        #expect(try describe("tool", without)?.files?() == [])
    }
}
