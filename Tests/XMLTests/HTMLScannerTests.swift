import Basics
import Testing
import XML

@Suite struct HTMLScannerTests {
    private func tags(_ text: String) -> [String] {
        var found: [String] = []
        Array(text.utf8).withUnsafeBytes { bytes in
            HTMLScanner.forEachStartTag(in: bytes, named: ["a", "meta"]) { tag in
                found.append("\(tag.name) \(tag["href"] ?? "-") \(tag.text)")
            }
        }
        return found
    }

    @Test("tags are found whatever their letters, quotes and spaces")
    func forms() {
        #expect(tags("<A HREF=x>one</A><a\nhref = 'y'\t>two<br><a/href=\"z\"/>") == ["a x one", "a y two", "a z "])
        #expect(tags("<META name=q><abbr href=no><a>") == ["meta - ", "a - "])
        #expect(tags("<a href=one href=two>") == ["a one "])
    }

    @Test("what is no markup is passed over")
    func content() {
        #expect(tags("<!-- <a href=x> --><a href=y><!DOCTYPE a><?a href=z?>") == ["a y "])
        #expect(tags("<script><a href=x></SCRIPT><title><a href=y></title><a href=z>") == ["a z "])
        #expect(tags("1 < 2 <3 <a href=x") == [])
        #expect(tags("<script><a href=x>") == [])
    }

    @Test("character references are replaced once")
    func references() {
        #expect(tags("<a href='&lt;&#60;&#x3C;&amp;lt;&quot;&unknown;&'>") == ["a <<<&lt;\"&unknown;& "])
        #expect(tags("<a href='?a=1&lt=2&amp;b=3'>&#0;&#1114112;") == ["a ?a=1&lt=2&b=3 \u{fffd}\u{fffd}"])
    }
}
