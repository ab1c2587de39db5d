import Basics
import Hashing
import Store
import Testing

@Suite struct ManifestTests {
    private let hex = String(repeating: "0a", count: 32)

    private func parse(_ text: String) throws -> Manifest {
        try Array(text.utf8).withUnsafeBytes { try Manifest(parsing: $0) }
    }

    private func entry(_ path: String, _ byte: UInt8 = 1) throws -> ManifestEntry {
        ManifestEntry(path: try RepositoryPath(path), digest: sha256(of: [byte]), size: 1, role: .package)
    }

    @Test("the text is the documented one, and its SHA-256 the identity")
    func text() throws {
        let manifest = try Manifest([
            ManifestEntry(
                path: try RepositoryPath("b c"), digest: try #require(Digest(hex: hex)), size: 0, role: .pointer),
            ManifestEntry(
                path: try RepositoryPath([0x61, 0xff]), digest: try #require(Digest(hex: hex)), size: 1 << 40,
                role: .metadata),
        ])
        let expected =
            Array("chantal-manifest 1\n\(hex) 1099511627776 metadata a".utf8) + [0xff]
            + Array("\n\(hex) 0 pointer b c\n".utf8)
        #expect(try manifest.text() == expected)
        #expect(manifest.id == sha256(of: expected) && manifest.textSize == expected.count)
        #expect(try expected.withUnsafeBytes { try Manifest(parsing: $0) } == manifest)
        #expect(try Manifest([]).text() == Array("chantal-manifest 1\n".utf8))
    }

    @Test("the order of the entries does not matter, and alike ones count once")
    func canonical() throws {
        let entries = try ["b", "a/b", "a.c", "a-b", "c/a", "é"].map { try entry($0) }
        let manifest = try Manifest(entries)
        #expect(try Manifest(entries.reversed()).id == manifest.id)
        #expect(try Manifest(entries + entries).id == manifest.id)
        #expect(manifest[try RepositoryPath("a.c")]?.size == 1)
        #expect(manifest[try RepositoryPath("a")] == nil)
        #expect(manifest.bytes == 6)
    }

    @Test(
        "two contents at one path, and a file where a directory is, are refused",
        arguments: [
            ["a", "a/b"], ["a", "a!", "a-", "a/b"], ["x/a", "x/a.b", "x/a.b.c", "x/a/y/z"], ["a", "aa", "aaa", "aa/b"],
        ])
    func conflicts(_ paths: [String]) throws {
        #expect(throws: ChantalError(.malformed, "")) { try Manifest(paths.map { try entry($0) }) }
        #expect(throws: ChantalError(.malformed, "")) { try Manifest([entry("a", 1), entry("a", 2)]) }
        let text = "chantal-manifest 1\n" + paths.map { "\(hex) 1 package \($0)\n" }.joined()
        #expect(throws: ChantalError(.malformed, "")) { try parse(text) }
    }

    @Test("names that only look like a conflict are none")
    func noConflicts() throws {
        _ = try Manifest(["a", "ab/c", "a.b/c", "a-/b", "b/a", "b/ab/c", "c/c/c", "c/cc"].map { try entry($0) })
    }

    @Test(
        "nothing but the canonical text is read",
        arguments: [
            "", "\n", "chantal-manifest 1", "chantal-manifest 2\n", "chantal-manifest 1\n\n",
            "chantal-manifest 1\nHEX 1 package a", "chantal-manifest 1\nHEX 01 package a\n",
            "chantal-manifest 1\nHEX -1 package a\n", "chantal-manifest 1\nHEX  package a\n",
            "chantal-manifest 1\nHEX 99999999999999999999 package a\n", "chantal-manifest 1\nHEX 1 thing a\n",
            "chantal-manifest 1\nHEX 1 package \n", "chantal-manifest 1\nHEX 1 package /a\n",
            "chantal-manifest 1\nHEX 1 package ../a\n", "chantal-manifest 1\nHEX 1 package a/../b\n",
            "chantal-manifest 1\nHEX 1 package a/..\n", "chantal-manifest 1\nHEX 1 package a/./b\n",
            "chantal-manifest 1\nHEX 1 package a//b\n", "chantal-manifest 1\nHEX 1 package a/\n",
            "chantal-manifest 1\nHEX 1 package a\tb\n", "chantal-manifest 1\nHEX 1 package a\u{7f}\n",
            "chantal-manifest 1\nHEX 1 package a\0\n", "chantal-manifest 1\nHEX 1 package b\nHEX 1 package a\n",
            "chantal-manifest 1\nHEX 1 package a\nHEX 1 package a\n", "chantal-manifest 1\r\nHEX 1 package a\r\n",
            "chantal-manifest 1\nZZ 1 package a\n",
        ])
    func malformed(_ text: String) throws {
        let bytes = text.replacing("HEX", with: hex)
        #expect(throws: ChantalError(.malformed, "")) { try parse(bytes) }
    }

    @Test("upper-case digests, long segments and long lines are refused; dots within names are not")
    func more() throws {
        let head = "chantal-manifest 1\n"
        let long = String(repeating: "x", count: 256)
        #expect(throws: ChantalError(.malformed, "")) { try parse(head + "\(hex.uppercased()) 1 package a\n") }
        #expect(throws: ChantalError(.malformed, "")) { try parse(head + "\(hex) 1 package \(long)\n") }
        let endless = String(repeating: "x/", count: 50_000)
        #expect(throws: ChantalError(.malformed, "")) { try parse(head + "\(hex) 1 package \(endless)\n") }
        #expect(throws: ChantalError(.malformed, "")) { try parse(head + endless) }
        #expect(
            try parse(head + "\(hex) 1 retained ...\n\(hex) 1 package .a\n\(hex) 1 package a../..b\n").entries.count
                == 3)
    }

    @Test("a text that comes byte by byte reads the same")
    func streaming() throws {
        let manifest = try RecordStoreConformance.manifest(50)
        let text = try manifest.text()
        for size in [1, 2, 7, 64, 1000] {
            var parser = ManifestParser()
            var entries: [ManifestEntry] = []
            try text.withUnsafeBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: size) {
                    let end = min(start + size, bytes.count)
                    try parser.feed(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) { entries.append($0.entry) }
                }
            }
            try parser.finish()
            #expect(entries == manifest.entries)
        }
    }
}
