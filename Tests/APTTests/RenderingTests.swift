import Basics
import Hashing
import Testing

@testable import APT

@Suite struct RenderingTests {
    func write(_ text: [UInt8], filename: String? = nil) throws -> [UInt8] {
        var writer = StanzaWriter()
        let path = try filename.map { try RepositoryPath($0) }
        try withStanza(text) { writer.append($0, replacing: path.map { (FieldName.filename, $0) }) }
        return writer.bytes
    }

    @Test("an unchanged stanza is upstream's byte for byte, fields unknown to us and invalid UTF-8 included")
    func verbatim() throws {
        let text =
            Array("Package: x\nPhased-Update-Percentage: 10\nFilename: a.deb\nBuild-Ids: 1\n 2\nX: ".utf8) + [
                0xff, 0x0a,
            ]
        #expect(try write(text) == text + [0x0a])
        #expect(try write(text, filename: "a.deb") == text + [0x0a])
        #expect(try write(text.dropLast()) == text + [0x0a])
    }

    @Test("a new Filename takes the old one's place and nothing else changes")
    func filename() throws {
        let text = "Package: x\nfilename:  dists/a.deb\nSize: 5\nDescription: y\n z\n"
        let expected = "Package: x\nfilename: pool/a.deb\nSize: 5\nDescription: y\n z\n\n"
        #expect(try write(Array(text.utf8), filename: "pool/a.deb") == Array(expected.utf8))
    }

    @Test("no field can inject a stanza")
    func folding() throws {
        let blank = "Package: x\nDescription: y\n \t\n Package: evil\n"
        #expect(try write(Array(blank.utf8)) == Array("Package: x\nDescription: y\n .\n Package: evil\n\n".utf8))
        let lone = "Package: x\nDescription: y\rPackage: evil\n"
        #expect(try write(Array(lone.utf8)) == Array("Package: x\nDescription: y Package: evil\n\n".utf8))
        #expect(try scan(try write(Array(blank.utf8))).count == 1)
    }

    @Test("the same input gives the same Release, sorted, with SHA256 and SHA512")
    func release() throws {
        let digest = SHA256Hasher.digest(of: [UInt8]("x".utf8))
        let sha512 = try #require(Checksum(.sha512, hex: Array(String(repeating: "ab", count: 64).utf8)))
        func render(_ paths: [String]) throws -> [UInt8] {
            var text = ReleaseText()
            text.set("Origin", "Debian")
            text.set("Label", nil)
            text.set("Description", "two\nSHA256: evil")
            text.set("Empty", " ")
            for path in paths {
                text.add(.init(path: try RepositoryPath(path), size: 7, sha256: digest, sha512: sha512))
            }
            return text.render()
        }
        let bytes = try render(["b", "a"])
        #expect(try render(["a", "b"]) == bytes)
        let parsed = try ReleaseFile(parsing: bytes, file: "Release")
        #expect(parsed.fields.map(\.name) == ["Origin", "Description"])
        #expect(parsed.summary == "two SHA256: evil")
        #expect(parsed.entries.map(\.path.description) == ["a", "b"])
        #expect(parsed.entries[0].checksums == [Checksum(digest), sha512] && parsed.entries[0].size == 7)
        #expect(parsed.algorithms == [.sha256, .sha512])
    }

    @Test("an empty repository's Release still has its lists")
    func empty() throws {
        let parsed = try ReleaseFile(parsing: ReleaseText().render(), file: "Release")
        #expect(!parsed.isWeak && parsed.entries.isEmpty)
    }

    @Test("words that would leave their place are refused")
    func tokens() {
        for word in ["main", "updates/main", "non-free-firmware", "a+b~c.d_e", "3rdparty"] {
            #expect(ArchiveToken.isComponent(word), "\(word)")
        }
        for word in ["", "/main", "main/", "a//b", "..", "a/..", "a b", "a\nb", ".hidden", "-x", "ä"] {
            #expect(!ArchiveToken.isComponent(word), "\(word)")
        }
        #expect(ArchiveToken.isArchitecture("amd64v3") && !ArchiveToken.isArchitecture("a/b"))
    }
}
