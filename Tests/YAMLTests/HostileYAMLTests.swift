import Basics
import Testing

@testable import YAML

@Suite("Hostile YAML")
struct HostileYAMLTests {
    @Test(
        "every refusal says where, and what",
        arguments: [
            ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: the key 'a' stands here twice (first on line 1)"),
            ("x: {k: 1, k: 2}\n", "f.yaml:1:11: the key 'k' stands here twice (first on line 1)"),
            ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document ('---') in one file"),
            ("a: 1\n...\n---\nb: 2\n", "f.yaml:3:1: a second document ('---') in one file"),
            ("a: &x {k: 1}\nb:\n  <<: *x\n", "f.yaml:3:3: merge keys ('<<') are not supported"),
            (
                "a: !!python/object:os.system x\n",
                "f.yaml:1:4: the tag 'tag:yaml.org,2002:python/object:os.system' has no place here"
            ),
            ("a: !!str 5\n", "f.yaml:1:4: the tag 'tag:yaml.org,2002:str' has no place here"),
            ("a: !local [x]\n", "f.yaml:1:4: the tag '!local' has no place here"),
            ("a: *nobody\n", "f.yaml:1:4: the alias '*nobody' names nothing above it"),
            ("a: &x [1, *x]\n", "f.yaml:1:11: the alias '*x' stands within what it names"),
            ("? [a, b]\n: c\n", "f.yaml:1:3: a key has to be text"),
            ("? {a: b}\n: c\n", "f.yaml:1:3: a key has to be text"),
            ("&k a: 1\nb: *k\n*k : 2\n", "f.yaml:3:1: a key has to be text"),
        ])
    func refused(text: String, message: String) { #expect(problem(text) == message) }

    @Test(
        "broken syntax is shown where libyaml found it",
        arguments: [
            ("a: [1, 2\nb: 3\n", "f.yaml:2:"),
            ("a: \"open\n", "f.yaml:2:1: "),
            ("a: b: c\n", "f.yaml:1:5: "),
            ("a: 1\n b: 2\n", "f.yaml:2:3: "),
            ("a: @x\n", "f.yaml:1:4: "),
            ("a: %x\n", "f.yaml:1:4: "),
            ("%YAML 9.9\n---\na: 1\n", "f.yaml:1:"),
            ("a: \"\\q\"\n", "f.yaml:1:"),
        ])
    func syntax(text: String, start: String) { #expect(problem(text).hasPrefix(start), "\(problem(text))") }

    @Test("a tab that indents is refused with a hint")
    func tabs() throws {
        let error = #expect(throws: ChantalError.self) { try parse("a:\n\tb: 1\n") }
        #expect(error?.message.hasPrefix("f.yaml:2:1: ") == true)
        #expect(error?.hint == "indent with spaces, YAML takes no tabs there")
    }

    @Test("bytes that are no UTF-8 are refused where they stand")
    func encodings() {
        let latin = Array("a: 1\nb: caf".utf8) + [0xe9, 0x0a]
        #expect(problem(latin) == "f.yaml:2:7: the file is not valid UTF-8")
        // Overlong, surrogate, above U+10FFFF, cut off.
        for bytes in [[0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]] as [[UInt8]] {
            #expect(problem(Array("a: ".utf8) + bytes) == "f.yaml:1:4: the file is not valid UTF-8")
        }
        #expect(problem([0xff, 0xfe, 0x61, 0x00]) == "f.yaml:1:1: the file is UTF-16")
        #expect(problem([0xfe, 0xff, 0x00, 0x61]) == "f.yaml:1:1: the file is UTF-16")
    }

    @Test("control characters are refused where they stand")
    func control() {
        #expect(problem("a: 1\nb: x\u{1}y\n").hasPrefix("f.yaml:2:5: control characters are not allowed"))
        #expect(problem("a: x\u{0}y\n").hasPrefix("f.yaml:1:5: "))
        // Escaped, they are YAML; whoever reads the value decides.
        #expect(problem("a: \"x\\u0001y\"\n") == "no error")
    }

    @Test("nesting ends at a limit, in flow and block style")
    func depth() throws {
        let deep = 200_000
        #expect(problem(String(repeating: "[", count: deep)).contains("nested deeper than 64 levels"))
        #expect(problem(String(repeating: "{a: ", count: deep)).contains("nested deeper than 64 levels"))
        #expect(problem(String(repeating: "- ", count: deep)).contains("nested deeper than 64 levels"))
        #expect(problem(String(repeating: "? ", count: deep)).contains(":1:3: a key has to be text"))
        let fits = String(repeating: "[", count: 60) + "x" + String(repeating: "]", count: 60)
        #expect(problem(fits) == "no error")
    }

    @Test("a bomb of aliases is defused")
    func bomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...20 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(problem(text).contains("aliases stand for more than 100000 values"))
    }

    @Test("large files are read in the time of their size")
    func large() throws {
        let clock = ContinuousClock()
        let megabyte = 1 << 20
        let shapes = [
            String(repeating: "- x\n", count: megabyte / 4),
            "a: \"" + String(repeating: "x", count: megabyte) + "\"",
            String(repeating: "# comment\n", count: megabyte / 10),
            "a: [" + String(repeating: "x, ", count: megabyte / 3) + "x]",
            (0..<(megabyte / 16)).map { "key\($0): value\n" }.joined(),
        ]
        for shape in shapes {
            let elapsed = try clock.measure { _ = try parse(shape) }
            #expect(elapsed < .seconds(20), "\(shape.prefix(20)): \(elapsed)")
        }
    }
}
