import Basics
import TestSupport
import Testing

@testable import RPM

@Suite struct MirrorListTests {
    private func metalink(_ name: String) throws -> Metalink {
        let path = "librepo/tests/test_data/metalinks/\(name)"
        return try Metalink.read(Fixtures.read(path), file: name)
    }

    @Test(
        "mirrors come by preference, without those that cannot be asked, each as a repository's URL",
        .enabled(if: Fixtures.arePresent))
    func preference() throws {
        let found = try metalink("metalink_with_alternates")
        #expect(found.size == 4761)
        #expect(found.timestamp == 1_381_706_941)
        #expect(found.checksums.map(\.algorithm) == [.md5, .sha1, .sha256, .sha512])
        #expect(found.checksums.contains { $0.hex.hasPrefix("d4f9ad66f7c6") })
        #expect(
            found.mirrors[0]
                == "http://www.mirrorservice.org/sites/dl.fedoraproject.org/pub/fedora/linux/updates/19/x86_64")
        #expect(found.mirrors[1] == "http://mirror.sov.uk.goscomb.net/fedora/linux/updates/19/x86_64")
        #expect(found.mirrors.allSatisfy { $0.hasPrefix("http") && !$0.hasSuffix("/") && !$0.contains("repomd.xml") })
    }

    @Test("a metalink with odd values is read as far as it makes sense", .enabled(if: Fixtures.arePresent))
    func oddValues() throws {
        let found = try metalink("metalink_bad_01")
        #expect(found.timestamp == nil)
        #expect(found.checksums.map(\.algorithm) == [.md5, .sha256, .sha512])
        #expect(found.mirrors.count == 1)
    }

    @Test(
        "metalinks of something else, or without mirrors, are refused",
        .enabled(if: Fixtures.arePresent),
        arguments: [
            "metalink_really_bad_01", "metalink_really_bad_02", "metalink_really_bad_03", "metalink_bad_02",
            "metalink_good_03",
        ])
    func refused(_ name: String) throws {
        let error = try #require(throws: ChantalError.self) { try metalink(name) }
        #expect(error.code == .malformed)
        #expect("\(error)".contains(name))
    }

    @Test("the good ones of librepo are read", .enabled(if: Fixtures.arePresent), arguments: [1, 2])
    func good(_ number: Int) throws {
        #expect(try !metalink("metalink_good_0\(number)").mirrors.isEmpty)
    }

    @Test("a mirrorlist gives its URLs in order, without comments and slashes at the end")
    func mirrorlist() throws {
        let text =
            "# repo = x\n\n\t http://a.example.org/os/ \r\nftp://b.example.org/\n#http://no/\nhttps://c.example.org/os\n"
        #expect(
            try Mirrorlist.read(Array(text.utf8), file: "list") == [
                "http://a.example.org/os", "https://c.example.org/os",
            ])
    }

    @Test("a page, a metalink and a list of nothing are no mirrorlists")
    func noMirrorlist() throws {
        for (text, reason) in [
            ("<!DOCTYPE html>\n<html>", "HTML"), ("<?xml version='1.0'?>\n<metalink>", "HTML or XML"),
            ("", "names no mirror"),
            ("# nothing\nBad arch\n", "names no mirror"),
        ] {
            let error = try #require(throws: ChantalError.self) { try Mirrorlist.read(Array(text.utf8), file: "list") }
            #expect("\(error)".contains(reason), "\(error)")
        }
    }

    @Test("variables are replaced with and without braces; one without a value is an error that names it")
    func variables() throws {
        let values = [(key: "releasever", value: "9"), (key: "basearch", value: "x86_64")]
        let url = "https://example.org/$releasever/${basearch}/os?r=$releasever-x"
        #expect(try URLVariables.replace(in: url, values) == "https://example.org/9/x86_64/os?r=9-x")
        let error = try #require(throws: ChantalError.self) {
            try URLVariables.replace(in: "https://x/$contentdir/os", values)
        }
        #expect("\(error)".contains("$contentdir"))
    }
}
