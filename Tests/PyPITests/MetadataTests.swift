import Testing

@testable import PyPI

@Suite("Core metadata", .enabled(if: Vectors.areThere))
struct MetadataTests {
    @Test("headers are read as packaging reads them")
    func headers() throws {
        let rows = try Vectors.read("metadata.expected.json", as: [String: Loose].self)
        for row in try need(rows["files"]?.items) {
            let file = try need(row["file"]?.string)
            let metadata = try DistributionMetadata(try Vectors.bytes("metadata/\(file)"))
            #expect(metadata.name == row["name"]?.string, "\(file)")
            #expect(metadata.version == row["version"]?.string, "\(file)")
            #expect(metadata.requiresPython == row["requires_python"]?.string, "\(file)")
            #expect(metadata.requiresDist == row["requires_dist"]?.strings, "\(file)")
            #expect(metadata.providesExtra == row["provides_extra"]?.strings, "\(file)")
        }
    }

    @Test("a requirement that is none does not spoil the others, a folded one is read")
    func requirements() throws {
        let text =
            "Name: a\nRequires-Dist: b\n  >=1\nRequires-Dist: pytz (2010h)\nRequires-Dist: c\n\nRequires-Dist: body\n"
        let (read, unreadable) = try DistributionMetadata(Array(text.utf8)).requirements
        #expect(read.map(\.description) == ["b>=1", "c"] && unreadable == ["pytz (2010h)"])
    }

    @Test("requirements of a source distribution count from metadata 2.2 on, unless they are dynamic")
    func staticRequirements() throws {
        func isStatic(_ text: String) throws -> Bool {
            try DistributionMetadata(Array(text.utf8)).hasStaticRequirements
        }
        #expect(try isStatic("Metadata-Version: 2.2\n") && isStatic("Metadata-Version: 2.10\nDynamic: Version\n"))
        #expect(try !isStatic("Metadata-Version: 2.1\n"))
        #expect(try !isStatic("Metadata-Version: 2.2\nDynamic: Requires-Dist\n"))
    }

    @Test("headers without end are refused")
    func hostile() {
        let line = Array("Requires-Dist: a\n".utf8)
        #expect(throws: (any Error).self) {
            try DistributionMetadata(Array(repeatElement(line, count: 150_000).joined()))
        }
    }
}
