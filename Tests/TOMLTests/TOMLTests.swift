import Basics
import Testing

@testable import TOML

private func parse(_ text: String) throws -> TOMLNode { try TOMLDocument.parse(Array(text.utf8), file: "x.toml") }

/// A value in the words of Python, to compare with what tomllib reads.
func shown(_ node: TOMLNode?) -> String {
    guard let node else { return "-" }
    switch node.content {
    case .string(let value): return "\"\(value)\""
    case .integer(let value): return "\(value)"
    case .float(let value): return "\(value)"
    case .boolean(let value): return "\(value)"
    case .dateTime(let value): return value
    case .array(let items): return "[" + items.map { shown($0) }.joined(separator: ",") + "]"
    case .table(let entries): return "{" + entries.map { "\($0.key):\(shown($0.value))" }.joined(separator: ",") + "}"
    }
}

@Suite("TOML")
struct TOMLTests {
    @Test(
        "what TOML 1.0 allows is read",
        arguments: [
            ("", "{}"), ("# only\n", "{}"), ("a=1", "{a:1}"), ("\u{feff}a = 1\r\n", "{a:1}"),
            ("a.b.c = 1\na.b.d = 2", "{a:{b:{c:1,d:2}}}"), ("\"a.b\".'c' = ''", "{a.b:{c:\"\"}}"),
            ("1234 = 'x'\n3.14 = 1", "{1234:\"x\",3:{14:1}}"), ("a = \"\\u00e9\\U0001F600\\n\"", "{a:\"é😀\n\"}"),
            ("a = \"\"\"\nx\\\n   \n  y\"\"\"\"\"", "{a:\"xy\"\"\"}"), ("a = '''\n'x\\n'''''", "{a:\"'x\\n''\"}"),
            ("a = \"\"\"x\r\ny\"\"\"", "{a:\"x\ny\"}"), ("a = [1, 2,\n # c\n 3,]", "{a:[1,2,3]}"),
            ("a = [[1], ['x', true]]", "{a:[[1],[\"x\",true]]}"),
            ("a = {b = 1, c.d = 2, c.e = {}}", "{a:{b:1,c:{d:2,e:{}}}}"),
            ("[a.b]\nc=1\n[a]\nd=2", "{a:{b:{c:1},d:2}}"),
            ("[[a]]\nb=1\n[a.c]\nd=1\n[[a]]\n[[a.e]]", "{a:[{b:1,c:{d:1}},{e:[{}]}]}"),
            ("[t]\na.b=1\na.c=2\n[t.a.x]\ny=1", "{t:{a:{b:1,c:2,x:{y:1}}}}"), ("[ a . \"b\" ]", "{a:{b:{}}}"),
            ("a=+99_000\nb=-0\nc=0xDEAD_beef\nd=0o755\ne=0b101", "{a:99000,b:0,c:3735928559,d:493,e:5}"),
            ("a=9223372036854775807\nb=-9223372036854775808", "{a:9223372036854775807,b:-9223372036854775808}"),
            ("a=1.5\nb=-2e3\nc=6.6_2e-3\nd=inf\ne=-inf", "{a:1.5,b:-2000.0,c:0.00662,d:inf,e:-inf}"),
            (
                "a=1979-05-27T07:32:00Z\nb=1979-05-27 07:32:00.999-07:00\nc=07:32:00\nd=1979-05-27",
                "{a:1979-05-27T07:32:00Z,b:1979-05-27 07:32:00.999-07:00,c:07:32:00,d:1979-05-27}"
            ),
            ("a=true\nb=false # c", "{a:true,b:false}"),
        ])
    func valid(text: String, expected: String) throws {
        #expect(shown(try parse(text)) == expected)
    }

    @Test(
        "what TOML 1.0 forbids is refused",
        arguments: [
            "a", "a=", "=1", "a=1 b=2", "a=1\na=2", "a.b=1\na=2", "a=1\na.b=2", "[a]\n[a]", "[a]\nb=1\n[a.b]", "[a",
            "[a]]",
            "[[a]]\n[a]", "[a]\n[[a]]", "a=[]\n[[a]]", "a={}\n[a]", "a={b=1}\na.c=2", "a={b=1,}", "a={b=1\n}",
            "[a.b.c]\nz=9\n[a]\nb.c.t=1", "[t]\na.b=1\n[t.a]", "a = 'x\ny'", "a = \"x\ny\"", "a = \"\\x41\"",
            "a=\"\\ud800\"",
            "a = \"\u{1}\"", "a=01", "a=1__0", "a=_1", "a=1_", "a=+0x1", "a=0X1", "a=.5", "a=5.", "a=1.e3",
            "a=9223372036854775808",
            "a=1979-13-01", "a=1979-02-30", "a=25:00:00", "a=07:32", "a=1979-05-27T", "a=True", "a=nil", "a=[1 2]",
            "a=[1,,2]", "a=[,]",
            "a=[1", "\"\"\"a\"\"\"=1", "a.=1", ".a=1", "a..b=1", "[]", "[a.]", "[[]]", "é=1", "a={b={c=1},b.d=2}",
            "a # c\n=1",
            "# \u{7}", "a=1\rb=2", "a = \"\"\"x", "a = '''x''''''", "a=1979-05-27 7:32:00", "a={c.d=1,c={}}",
            "[[a.b]]\n[a]\nb.c=1",
        ])
    func invalid(text: String) {
        #expect(throws: ChantalError(.malformed, ""), "\(text)") { try parse(text) }
    }

    @Test("an error names file, line and column")
    func places() {
        let error = #expect(throws: ChantalError.self) { try parse("a = 1\n\nb = [\n  1,\n  x]\n") }
        #expect(error?.message.hasPrefix("x.toml:5:3: ") == true, "\(error?.message ?? "")")
    }

    @Test("values know where they stand, and keys are found")
    func nodes() throws {
        let root = try parse("a = 1\n[t]\nb = 'x' # c\n")
        #expect(root["t"]?["b"]?.string == "x" && root["t"]?["b"]?.line == 3 && root["t"]?["b"]?.column == 5)
        #expect(root["t"]?.line == 2 && root["none"] == nil && root["a"]?["x"] == nil)
    }

    @Test("depth has a limit, in arrays, inline tables and keys")
    func hostile() throws {
        let deep = 100_000
        for text in [
            "a=" + String(repeating: "[", count: deep), "a=" + String(repeating: "{a=", count: deep),
            "[" + Array(repeating: "a", count: deep).joined(separator: ".") + "]",
            Array(repeating: "a", count: deep).joined(separator: ".") + "=1",
            "a=" + String(repeating: "{a.b.c.d.e=", count: 60),
        ] {
            #expect(throws: ChantalError(.malformed, "")) { try parse(text) }
        }
        #expect(throws: ChantalError(.malformed, "")) { try TOMLDocument.parse([0x61, 0x3d, 0xff], file: "x") }
        let wide = (0..<50_000).map { "k\($0)=1" }.joined(separator: "\n")
        #expect(try parse(wide).entries?.count == 50_000)
    }
}
