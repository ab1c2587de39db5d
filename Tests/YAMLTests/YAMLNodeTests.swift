import Basics
import Testing

@testable import YAML

func parse(_ text: String) throws -> YAMLNode? { try YAMLDocument.parse(Array(text.utf8), file: "f.yaml") }

@Suite("The node tree")
struct YAMLNodeTests {
    @Test("scalars stay text as written")
    func scalars() throws {
        let root = try #require(
            try parse("a: 3.10\nb: yes\nc: 0x10\nd: 1e3\ne: ~\nf: '5'\ng: \"x\\ty\"\nh:\ni: \"\"\n"))
        #expect(root["a"]?.text == "3.10")
        #expect(root["b"]?.text == "yes")
        #expect(root["c"]?.text == "0x10")
        #expect(root["d"]?.text == "1e3")
        #expect(root["e"]?.text == "~")
        #expect(root["f"]?.text == "5")
        #expect(root["g"]?.text == "x\ty")
        #expect(root["h"]?.isEmpty == true)
        #expect(root["i"]?.isEmpty == false)
    }
}
