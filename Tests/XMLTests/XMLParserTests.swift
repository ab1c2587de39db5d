import Basics
import Testing
import XML

@Suite struct XMLParserTests {
    private func events(_ text: String, root: StaticString? = nil, pieces: Int = .max) throws -> [String] {
        let recorder = Recorder()
        let parser = try XMLParser(file: "a.xml", root: root, handler: recorder)
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = pieces > bytes.count ? bytes.count : min(start + pieces, bytes.count)
            try bytes[start..<end].withUnsafeBytes { try parser.write($0) }
            start = end
        }
        try parser.finish()
        return recorder.events
    }

    private func refusal(_ text: String, root: StaticString? = nil) throws -> String {
        let error = try #require(throws: ChantalError.self) { try events(text, root: root) }
        #expect(error.code == .malformed)
        #expect(error.path == "a.xml")
        return error.description
    }

    @Test("elements, attributes with and without prefixes, and text are told in order, however the bytes are cut")
    func order() throws {
        let text = """
            <?xml version="1.0"?><!-- <no/> -->
            <metadata xmlns="urn:a" xmlns:rpm="urn:b"><rpm:entry name="a &amp; b" xml:base="http://x/" rpm:flags='&lt;"'/>
            <d>1 &lt; 2 &#xe4; <![CDATA[<x>&amp;]]></d></metadata>
            """
        let expected = [
            "<metadata", "<entry name=a & b xml:base=http://x/ rpm:flags=<\"", "/entry", "<d", "'1 < 2 ä <x>&amp;'",
            "/d", "/metadata",
        ]
        for pieces in [1, 2, 7, 64, .max] { #expect(try events(text, pieces: pieces) == expected) }
    }

    @Test("text in ISO-8859-1 arrives as UTF-8")
    func latin1() throws {
        let recorder = Recorder()
        let bytes = Array("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>".utf8) + [0xe4] + Array("</a>".utf8)
        try XMLParser.parse(bytes, file: "a.xml", handler: recorder)
        #expect(recorder.events == ["<a", "'ä'", "/a"])
    }

    @Test(
        "what is not well formed is refused with its line",
        arguments: [
            "<a>\n<b></a>", "<a>\n<b>", "<a>\n<b x=1/></a>", "<a>\n\u{1}</a>", "<a>\n&#1;</a>", "<a>\n&who;</a>", "",
            "<a/>\n<b/>", "<a/>\ntext",
        ])
    func malformed(_ text: String) throws {
        #expect(try refusal(text).contains(text.isEmpty ? "line 1" : "line 2"))
    }

    @Test("bytes that are no UTF-8 are refused")
    func invalidUTF8() throws {
        #expect(throws: ChantalError(.malformed, "")) {
            try XMLParser.parse(Array("<a>".utf8) + [0xff, 0xfe] + Array("</a>".utf8), file: "a", handler: Recorder())
        }
    }

    @Test("a document type declaration is refused before its entities are read")
    func entities() throws {
        let text = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>\n<a>&x;</a>"
        #expect(try refusal(text).contains("document type declaration"))
        #expect(try refusal("<!DOCTYPE a SYSTEM \"http://127.0.0.1:9/a.dtd\"><a/>").contains("document type"))
    }

    @Test("an HTML page is called one", arguments: ["<!DOCTYPE html>\n<html><p>Log in</html>", "<html><br></html>"])
    func page(_ text: String) throws {
        #expect(try refusal(text, root: "repomd").contains("is an HTML page"))
    }

    @Test("another outermost element than the one that is wanted is refused")
    func wrongRoot() throws {
        #expect(try refusal("<a/>", root: "repomd").contains("its outermost element is 'a', not 'repomd'"))
        #expect(try events("<repomd/>", root: "repomd") == ["<repomd", "/repomd"])
    }

    @Test("nesting, attributes and names have limits")
    func limits() throws {
        let deep = String(repeating: "<a>", count: 100_000)
        #expect(try refusal(deep).contains("more than 64 deep"))
        let many = "<a " + (0..<200).map { "a\($0)=''" }.joined(separator: " ") + "/>"
        #expect(try refusal(many).contains("beyond reason"))
        #expect(try refusal("<\(String(repeating: "a", count: 5000))/>").contains("beyond reason"))
        #expect(try refusal("<a b='\(String(repeating: "b", count: 2 << 20))'/>").contains("larger than"))
    }

    @Test("what the handler throws ends the reading, and comes with the file and the line")
    func handlerThrows() throws {
        let recorder = Recorder()
        recorder.refuses = "b"
        let error = try #require(throws: ChantalError.self) {
            try XMLParser.parse(Array("<a>\n<b/><c/></a>".utf8), file: "x/a.xml", handler: recorder)
        }
        #expect("\(error)" == "'x/a.xml', line 2: no b is wanted")
        #expect(recorder.events == ["<a"])
    }
}
