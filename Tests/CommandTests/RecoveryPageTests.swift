import Foundation
import Mirroring
import Testing

@Suite("docs/recovery.md")
struct RecoveryPageTests {
    @Test("has a heading for every kind of defect, in the word that verify prints, and for no other")
    func headings() throws {
        let url = ConfigurationDocumentsTests.root.appendingPathComponent("docs/recovery.md")
        let page = try String(contentsOf: url, encoding: .utf8)
        let headings = page.split(separator: "\n").filter { $0.hasPrefix("### `") }.map(String.init)
        #expect(headings.sorted() == Defect.Kind.allCases.map { "### `\($0.rawValue)`" }.sorted())
    }
}
