import Basics
import Testing

@testable import YAML

func parse(_ text: String) throws -> YAMLNode? { try YAMLDocument.parse(Array(text.utf8), file: "f.yaml") }

/// The message of the error that the text leads to.
func problem(_ bytes: [UInt8]) -> String {
    do {
        _ = try YAMLDocument.parse(bytes, file: "f.yaml")
        return "no error"
    } catch {
        return "\(error)"
    }
}

func problem(_ text: String) -> String { problem(Array(text.utf8)) }

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

    @Test("nodes and keys know their line and column, in characters")
    func places() throws {
        let root = try #require(try parse("# c\nä: {ö: [x,\n   y]}\nz:\n  k: v\n"))
        let entries = try #require(root.entries)
        #expect(entries.map(\.key) == ["ä", "z"])
        #expect(entries.map(\.line) == [2, 4])
        let items = try #require(root["ä"]?["ö"]?.items)
        #expect(items.map(\.line) == [2, 3])
        #expect(items.map(\.column) == [9, 4])
        #expect(root["z"]?["k"]?.column == 6)
    }

    @Test("a file of comments, or of nothing, holds no document")
    func nothing() throws {
        #expect(try parse("") == nil)
        #expect(try parse("# only\n\n  # comments\n") == nil)
        #expect(try YAMLDocument.parse([0xef, 0xbb, 0xbf], file: "f") == nil)
    }

    @Test("a byte order mark and CRLF do no harm and do not move places")
    func windows() throws {
        let bytes: [UInt8] = [0xef, 0xbb, 0xbf] + Array("store: x\r\nlist:\r\n  - a\r\n  - b\r\n".utf8)
        let root = try #require(try YAMLDocument.parse(bytes, file: "f"))
        #expect(root["store"]?.text == "x")
        #expect(root["list"]?.items?.map(\.text) == ["a", "b"])
        #expect(root.entries?.map(\.column) == [1, 1])
        #expect(root.entries?.map(\.line) == [1, 2])
    }

    @Test("an alias stands for the node it names")
    func aliases() throws {
        let root = try #require(try parse("a: &x [1, 2]\nb: *x\nc: {d: *x}\n"))
        #expect(root["b"] === root["a"])
        #expect(root["c"]?["d"]?.items?.count == 2)
    }

    @Test("block scalars and multi-line plain scalars are read as YAML says")
    func blocks() throws {
        let root = try #require(try parse("a: |\n  one\n  two\nb: >-\n  one\n  two\nc: one\n  two\n"))
        #expect(root["a"]?.text == "one\ntwo\n")
        #expect(root["b"]?.text == "one two")
        #expect(root["c"]?.text == "one two")
    }
}
