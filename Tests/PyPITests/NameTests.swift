import Testing

@testable import PyPI

@Suite("Names", .enabled(if: Vectors.areThere))
struct NameTests {
    @Test("names are normalised by PEP 503, and only ASCII ones are names")
    func names() throws {
        let rows = try Vectors.read("names.json", as: [String: Loose].self)
        for row in try need(rows["names"]?.items) {
            let (text, norm) = (try need(row["i"]?.string), try need(row["norm"]?.string))
            let isValid = row["valid"]?.bool == true
            #expect(ProjectName(text)?.text == (isValid ? norm : nil), "\(text)")
            #expect((ProjectName(text)?.text == text) == row["is_normalized"]?.bool, "\(text)")
        }
        #expect(ProjectName(String(repeating: "a", count: 256)) == nil)
    }
}
