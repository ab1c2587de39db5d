import Basics
import Testing

@testable import Catalog

@Suite struct SQLiteCatalogTests {
    @Test("what was indexed is listed and found")
    func smoke() throws {
        let directory = try TemporaryDirectory()
        let catalog = try SQLiteCatalog(path: directory.catalog)
        try catalog.index("debian", 1, [Sample.row("nginx"), Sample.row("apache2", summary: "a server")])
        try catalog.index("debian", 2, [Sample.row("nginx"), Sample.row("nginx-doc", "2")])
        #expect(try catalog.packages("debian", 1).map(\.name) == ["apache2", "nginx"])
        #expect(try catalog.packages("debian", 2).map(\.name) == ["nginx", "nginx-doc"])
        #expect(try catalog.search(words: ["ngin"], limit: nil).map(\.name) == ["nginx", "nginx-doc"])
        #expect(try catalog.search(words: ["server"], limit: nil).isEmpty)
        #expect(try catalog.defects().isEmpty)
    }
}
