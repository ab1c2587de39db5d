import Basics
import Testing

@testable import APT

private let md5 = "d41d8cd98f00b204e9800998ecf8427e"
private let sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
private let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
private let other256 = String(repeating: "ab", count: 32)
private let sha512 = String(repeating: "cd", count: 64)

func release(_ text: String) throws -> ReleaseFile {
    try ReleaseFile(parsing: Array(text.utf8), file: "dists/stable/Release")
}

@Suite struct ReleaseFileTests {
    @Test("fields and merged entries are read")
    func reading() throws {
        let file = try release(
            """
            Origin: Debian
            Label: Debian
            Suite: stable
            Codename: bookworm
            Version: 12.5
            Date: Sat, 11 Jul 2026 10:16:37 UTC
            Valid-Until: Sat, 18 Jul 2026 10:16:37 UTC
            NotAutomatic: yes
            ButAutomaticUpgrades: yes
            Acquire-By-Hash: yes
            No-Support-for-Architecture-all: Packages
            Architectures: all amd64
            Components: main updates/contrib
            Changelogs: https://example.org/@CHANGEPATH@_changelog
            Description: two
             lines
            MD5Sum:
             \(md5)        0 main/binary-amd64/Packages
            SHA256:
             \(sha256)        0 main/binary-amd64/Packages
             \(sha256) 0 ./main/source/Sources
            SHA512:
             \(sha512) 0 main/binary-amd64/Packages

            """)
        #expect(file.origin == "Debian" && file.suite == "stable" && file.codename == "bookworm")
        #expect(file.version == "12.5" && file.label == "Debian" && file.summary == "two lines")
        #expect(file.date?.rfc3339 == "2026-07-11T10:16:37Z")
        #expect(file.validUntil?.rfc3339 == "2026-07-18T10:16:37Z")
        #expect(file.notAutomatic && file.butAutomaticUpgrades && file.acquireByHash && file.packagesHoldAll)
        #expect(file.architectures == ["all", "amd64"] && file.components == ["main", "updates/contrib"])
        #expect(file.changelogs == "https://example.org/@CHANGEPATH@_changelog")
        #expect(file.entries.map(\.path.description) == ["main/binary-amd64/Packages", "main/source/Sources"])
        #expect(file.entries[0].checksums.map(\.algorithm) == [.md5, .sha256, .sha512])
        #expect(file.entries[0].strongest.algorithm == .sha512 && !file.entries[0].isWeak)
        #expect(file.strongestAlgorithm == .sha512 && !file.isWeak)
    }

    @Test("repositories with SHA512 alone exist; with MD5 and SHA1 alone they are weak")
    func strength() throws {
        let strong = try release("Suite: x\nSHA512:\n \(sha512) 5 Packages\n")
        #expect(!strong.isWeak && strong.entries[0].strongest.hex == sha512)
        let weak = try release("Suite: x\nMD5Sum:\n \(md5) 5 Packages\nSHA1:\n \(sha1) 5 Packages\n")
        #expect(weak.isWeak && weak.entries[0].isWeak)
        let mixed = try release("MD5Sum:\n \(md5) 5 old\nSHA256:\n \(sha256) 5 Packages\n")
        #expect(!mixed.isWeak && mixed.entries[0].isWeak && !mixed.entries[1].isWeak)
        #expect(try release("Suite: empty\nSHA256:\n").entries.isEmpty)
    }

    @Test("CRLF and the order of the lists do not matter")
    func carriageReturns() throws {
        let file = try release(
            "Suite: x\r\nSHA256:\r\n \(sha256) 5 Packages\r\nDate: Sat, 11 Jul 2026 10:16:37 GMT\r\n")
        #expect(file.suite == "x" && file.entries.count == 1 && file.date != nil)
    }

    static let hostile: [(text: String, code: ChantalError.Code)] = [
        ("SHA256:\n \(sha256) 5 ../evil\n", .unsafePath),
        ("SHA256:\n \(sha256) 5 a/../../evil\n", .unsafePath),
        ("SHA256:\n \(sha256) 5 /etc/passwd\n", .unsafePath),
        ("SHA256:\n \(sha256) 5 a\u{1}b\n", .unsafePath),
        ("SHA256:\n \(sha256) 5 .\n", .unsafePath),
        ("SHA256:\n \(sha256) -5 Packages\n", .malformed),
        ("SHA256:\n \(sha256) 0x5 Packages\n", .malformed),
        ("SHA256:\n \(sha256) 99999999999999999999 Packages\n", .malformed),
        ("SHA256:\n \(md5) 5 Packages\n", .malformed),
        ("SHA256:\n \(sha256.dropLast())g 5 Packages\n", .malformed),
        ("SHA256:\n \(sha256) 5\n", .malformed),
        ("SHA256:\n \(sha256) 5 a b\n", .malformed),
        ("SHA256:\n \(sha256) 5 a\n \(other256) 5 a\n", .malformed),
        ("SHA256:\n \(sha256) 5 a\n \(sha256) 5 ./a\n \(other256) 5 ./a\n", .malformed),
        ("MD5Sum:\n \(md5) 6 a\nSHA256:\n \(sha256) 5 a\n", .malformed),
        ("SHA256:\n \(sha256) 5 a\nSHA256:\n \(other256) 5 a\n", .malformed),
        ("Suite: x\n\nSuite: y\n", .malformed),
        ("Date: yesterday\n", .malformed),
        ("Valid-Until: soon\nSHA256:\n", .malformed),
        ("", .malformed),
        ("<html>\n", .malformed),
    ]

    @Test("a hostile Release is refused, by its name", arguments: hostile.indices)
    func refused(index: Int) {
        let row = ReleaseFileTests.hostile[index]
        let error = #expect(throws: ChantalError.self) { try release(row.text) }
        #expect(error?.code == row.code)
        #expect("\(error!)".contains("dists/stable/Release"))
    }

    @Test("a Release above 10 MB is refused")
    func size() {
        let text = "A: " + String(repeating: "x", count: 10_000_000)
        #expect(throws: ChantalError(.tooLarge, "")) { try release(text) }
    }
}

@Suite struct ClearsignTests {
    static let begin = "-----BEGIN PGP SIGNED MESSAGE-----\n"
    static let signature = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n=AfjX\n-----END PGP SIGNATURE-----\n"

    static let good: [String] = [
        begin + "Hash: SHA256\n\nSuite: x\n" + signature,
        begin + "\nSuite: x\n" + signature,
        begin + "Hash: SHA256\nHash: SHA512\n\n- -escaped\n- - x\n\n" + signature,
        begin + "Hash: SHA256\n\nSuite: x\n" + signature + signature,
        begin + "Hash: SHA256\n\nSuite: x\n" + signature + "\n\n" + signature + "\n",
        String((begin + "Hash: SHA256\n\nSuite: x\n" + signature).map { $0 == "\n" ? "\r\n" : $0 }),
        String((begin + "Hash: SHA256\n\nSuite: x\n" + signature).dropLast()),
    ]

    @Test("clearsigned files as apt takes them pass", arguments: good)
    func passes(text: String) throws {
        try Clearsign.check(Array(text.utf8), file: "InRelease")
    }

    static let bad: [String] = [
        "", "\n", "Suite: x\n", "\n" + good[0], " " + good[0], "Suite: evil\n\n" + good[0], good[0] + "Suite: evil\n",
        "-----BEGIN PGP SIGNED MESSAGE----- \n\nx\n" + signature,
        "x-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n" + signature,
        begin, begin + "Hash: SHA256\n", begin + "Hash: SHA256\nSuite: x\n\n" + signature,
        begin + "NotDashEscaped: yes\n\nx\n" + signature,
        begin + "Hash: SHA256\n\nSuite: x\n", begin + "\n-evil\n" + signature, begin + "\n-\n" + signature,
        begin + "\n" + begin + "\nx\n" + signature, begin + "\nx\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n",
        begin + "\nx\n-----BEGIN PGP SIGNATURE-----\n" + signature,
        good[0] + good[0], good[0] + "-----BEGIN PGP MESSAGE-----\n-----END PGP MESSAGE-----\n",
        begin + "\nx\n-----END PGP SIGNATURE-----\n" + signature,
    ]

    @Test("text outside the signed part, and armor left open, are refused", arguments: bad.indices)
    func refused(index: Int) {
        let error = #expect(throws: ChantalError.self) {
            try Clearsign.check(Array(ClearsignTests.bad[index].utf8), file: "InRelease")
        }
        #expect(error?.code == .signature && error?.path == "InRelease")
    }

    @Test("a Release.gpg holds armored signatures and nothing else")
    func detached() throws {
        let signature = ClearsignTests.signature
        for text in [signature, signature + signature, "\n" + signature + "\n" + signature] {
            try Clearsign.checkDetached(Array(text.utf8), file: "Release.gpg")
        }
        for text in [
            "", "\n", "x\n" + signature, signature + "x\n", String(signature.dropLast(30)), ClearsignTests.good[0],
        ] {
            #expect(throws: ChantalError(.signature, "")) {
                try Clearsign.checkDetached(Array(text.utf8), file: "Release.gpg")
            }
        }
        #expect(throws: ChantalError(.signature, "")) {
            try Clearsign.checkDetached([0x89, 0x02, 0x33, 0x04], file: "Release.gpg")
        }
    }
}
