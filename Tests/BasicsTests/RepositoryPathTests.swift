import Basics
import Testing

@Test("paths are normalised to one form")
func normalised() throws {
    let table: [(String, String)] = [
        ("a", "a"), ("./a//b", "a/b"), ("a/b/", "a/b"), ("a/./b/.", "a/b"), ("...", "..."), ("a/..b/c..", "a/..b/c.."),
        ("pool/main/g/g++/g++_1%3a2~rc1_amd64.deb", "pool/main/g/g++/g++_1%3a2~rc1_amd64.deb"),
        ("a b/ü", "a b/ü"), (".hidden", ".hidden"), ("a\\..\\b", "a\\..\\b"), ("%2e%2e/x", "%2e%2e/x"),
    ]
    for (text, expected) in table { #expect(try RepositoryPath(text).bytes == Array(expected.utf8), "\(text)") }
    #expect(try RepositoryPath([0xff, 0xfe]).bytes == [0xff, 0xfe])
}

@Test("a path that would leave its root, or cannot be a file's name, is refused")
func hostilePaths() {
    let table: [[UInt8]] =
        [
            "", "/", ".", "./", "..", "../x", "a/..", "a/../b", "a/b/../../..", "./..", "/etc/passwd", "//host/x",
            "a\n", "\u{1b}[2J",
            "a\tb", "a/\u{7f}", "..//", "../", "a\0b", "\0", String(repeating: "x", count: 256),
            "ok/" + String(repeating: "y", count: 256), String(repeating: "d/", count: 2001),
        ].map { Array($0.utf8) } + [[0x61, 0], [0x0d], [0x1f, 0x61]]
    for bytes in table {
        #expect(throws: ChantalError(.unsafePath, ""), "\(bytes.prefix(40))") { try RepositoryPath(bytes) }
    }
    #expect(throws: Never.self) { try RepositoryPath(String(repeating: "x", count: 255)) }
}

@Test("the refusal names the path without its control characters")
func refusal() {
    for hostile in ["a\u{1b}[31m/../b\u{7f}", "../\u{9b}31m"] {
        do {
            _ = try RepositoryPath(hostile)
            Issue.record("accepted")
        } catch {
            let text = "\(error)"
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) })
            #expect(text.contains("'"))
        }
    }
}

@Test("paths are ordered by bytes, a prefix first")
func order() throws {
    let sorted = ["A", "B", "a", "a b", "a-b", "a.b", "a/b", "a/b/c", "aa", "é"]
    #expect(try sorted.shuffled().map { try RepositoryPath($0) }.sorted().map(\.description) == sorted)
    #expect(try RepositoryPath([0x7e]) < RepositoryPath([0x80]))
    #expect(try !(RepositoryPath("a") < RepositoryPath("a")))
}

@Test("the places of many paths are those of a stable sort, whatever part of them is in order already")
func pathSort() throws {
    func path() throws -> RepositoryPath {
        try RepositoryPath(
            (0...Int.random(in: 0...3)).map { _ in ["a", "ab", "a-", "b", "é"].randomElement()! }.joined(separator: "/")
        )
    }
    for count in [0, 1, 2, 3, 10, 100] {
        for kept in Set([0, count / 3, count * 3 / 4, count]) {
            let random = try (0..<count).map { _ in try path() }
            let paths = random.prefix(kept).sorted() + random.dropFirst(kept)
            let expected = paths.indices.sorted { paths[$0] == paths[$1] ? $0 < $1 : paths[$0] < paths[$1] }
            #expect(PathSort.order(of: paths) == expected, "\(paths)")
        }
    }
}

@Test("each segment is percent-encoded once")
func urlEncoding() throws {
    let table: [(String, String)] = [
        ("pool/g++_1.0~rc1.deb", "pool/g%2B%2B_1.0~rc1.deb"), ("a%3a1", "a%253a1"), ("a:b", "a%3Ab"),
        ("a b?c#d", "a%20b%3Fc%23d"), ("ü", "%C3%BC"), ("A-Z_a.z0~9", "A-Z_a.z0~9"), ("@x;y=z&", "%40x%3By%3Dz%26"),
    ]
    for (path, url) in table { #expect(try RepositoryPath(path).urlEncoded == url) }
    #expect(try RepositoryPath([0xff]).urlEncoded == "%FF")
}

@Test("names and places below a directory")
func parts() throws {
    let path = try RepositoryPath("dists/x/Release")
    #expect(Array(path.name) == Array("Release".utf8))
    #expect(try Array(RepositoryPath("a").name) == [0x61])
    #expect(try path.under(RepositoryPath("repo")).description == "repo/dists/x/Release")
}
