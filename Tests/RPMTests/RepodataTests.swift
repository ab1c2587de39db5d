import Basics
import Compression
import TestSupport
import Testing
import XML

@testable import Mirroring
@testable import RPM

/// What primary tells of one package, kept.
struct Listed: Equatable {
    var label: String
    var href: String
    var checksum: String
    var size: Int64?
}

@Suite struct RepodataTests {
    private func packages(_ text: some Collection<UInt8>, pieces: Int = .max) throws -> [Listed] {
        var result: [Listed] = []
        let reader = PrimaryReader { package in
            result.append(
                Listed(
                    label: "\(package.text(.name))-\(package.evr).\(package.text(.architecture))",
                    href: try package.location().path.description, checksum: try package.checksum().description,
                    size: package.size))
        }
        let parser = try XMLParser(file: "primary.xml", root: "metadata", handler: reader)
        var rest = Array(text)[...]
        while !rest.isEmpty {
            try Array(rest.prefix(pieces)).withUnsafeBytes { try parser.write($0) }
            rest = rest.dropFirst(pieces)
        }
        try parser.finish()
        try reader.checkCount(file: "primary.xml")
        return result
    }

    private func open(_ path: String) throws -> [UInt8] {
        var result: [UInt8] = []
        let decompressor = try Decompressor(.ofName(path), limit: 1 << 30)
        try Fixtures.read(path).withUnsafeBytes { try decompressor.write($0) { result.append(contentsOf: $0) } }
        try decompressor.finish { result.append(contentsOf: $0) }
        return result
    }

    @Test("the same 14 packages are read from every compression", .enabled(if: Fixtures.arePresent))
    func compressions() throws {
        var first: [Listed]?
        for kind in ["gz", "bz2", "xz", "zstd"] {
            let directory = "synth/\(kind)"
            let repomd = try RepomdReader.read(Fixtures.read("\(directory)/repodata/repomd.xml"), file: "repomd.xml")
            let primary = try #require(repomd["primary"])
            let found = try packages(open("\(directory)/\(primary.location.path)"), pieces: 1000)
            #expect(found.count == 14)
            if let first { #expect(first == found, "\(kind)") }
            first = first ?? found
            for type in ["filelists", "other"] {
                let record = try #require(repomd[type])
                for pieces in [1, 3, 9, 100, 1 << 20] {
                    var counter = PackageCounter()
                    var rest = try open("\(directory)/\(record.location.path)")[...]
                    while !rest.isEmpty {
                        Array(rest.prefix(pieces)).withUnsafeBytes { counter.write($0) }
                        rest = rest.dropFirst(pieces)
                    }
                    #expect(counter.count == 14, "\(kind) \(type) in pieces of \(pieces)")
                    #expect(counter.declaredCount == 14)
                }
            }
        }
    }

    @Test(
        "every repomd.xml of createrepo_c, librepo and others is read", .enabled(if: Fixtures.arePresent),
        arguments: Fixtures.arePresent
            ? try Files.walk(Fixtures.root).filter { $0.hasSuffix("repodata/repomd.xml") && !$0.hasPrefix("hostile") }
            : [])
    func everyRepomd(_ path: String) throws {
        let repomd = try RepomdReader.read(Fixtures.read(path), file: path)
        #expect(repomd["primary"] != nil || repomd.records.isEmpty)
        for record in repomd.records { #expect(record.location.base == nil, "\(record.type)") }
    }

    @Test("17 kinds of records are read from one repomd.xml", .enabled(if: Fixtures.arePresent))
    func records() throws {
        let path = "createrepo_c/tests/testdata/repo_with_additional_metadata/repodata/repomd.xml"
        let repomd = try RepomdReader.read(Fixtures.read(path), file: path)
        let types = repomd.records.map(\.type)
        #expect(types.count == 17)
        for type in ["primary", "primary_db", "primary_zck", "group", "group_gz", "modules", "updateinfo"] {
            #expect(types.contains(type), "\(types)")
        }
        #expect(repomd["primary"]?.isNamedByContent == true)
        #expect(repomd["primary_zck"]?.isZchunk == true)
    }

    private func document(_ package: String, count: Int = 1) -> String {
        "<metadata xmlns=\"http://linux.duke.edu/metadata/common\" packages=\"\(count)\">\(package)</metadata>"
    }

    private func entry(href: String = "Packages/a-1-1.noarch.rpm", checksum: String? = nil, more: String = "") -> String
    {
        let hex = String(repeating: "ab", count: 32)
        return """
            <package type="rpm"><name>a</name><arch>noarch</arch><version epoch="0" ver="1" rel="1"/>
            \(checksum ?? "<checksum type=\"sha256\" pkgid=\"YES\">\(hex)</checksum>")<size package="10"/>
            <location href="\(href)"/>\(more)</package>
            """
    }

    @Test(
        "a location stays within the repository",
        arguments: [
            "", "/etc/passwd", "../a.rpm", "a/../../b.rpm", "http://127.0.0.1:9/a.rpm", "file:///etc/passwd",
            "file:/etc/passwd",
            "Packages\\..\\a.rpm", "a&#x7f;b", "\(String(repeating: "a", count: 300)).rpm",
        ])
    func hostileLocations(_ href: String) throws {
        let error = try #require(throws: ChantalError.self) { try packages(document(entry(href: href)).utf8) }
        #expect(error.code == .unsafePath)
        #expect("\(error)".contains("a-1-1.noarch"), "\(error)")
    }

    @Test(
        "names of files that need to be encoded in a URL are kept as they are",
        arguments: ["a+b~c^1-1.x86_64.rpm", "a%2Bb.rpm", "a b.rpm", "a-1:2-3.rpm", "100%25#1?.rpm", "\u{e4}.rpm"])
    func rawLocations(_ href: String) throws {
        #expect(try packages(document(entry(href: href)).utf8)[0].href == href)
    }

    @Test("a package without checksum, with MD5 or with what is no checksum is refused by name")
    func weakChecksums() throws {
        let md5 = "<checksum type=\"md5\" pkgid=\"YES\">\(String(repeating: "ab", count: 16))</checksum>"
        for (checksum, reason) in [
            ("", "has no checksum"), (md5, "MD5"), ("<checksum type='sha256'>xyz</checksum>", "no checksum"),
            ("<checksum type='crc32'>abcd</checksum>", "unknown type"),
        ] {
            let error = try #require(throws: ChantalError.self) {
                try packages(document(entry(checksum: checksum)).utf8)
            }
            #expect("\(error)".contains("a-1-1.noarch") && "\(error)".contains(reason), "\(error)")
        }
        let sha1 = "<checksum type=\"sha\" pkgid=\"YES\">\(String(repeating: "ab", count: 20))</checksum>"
        #expect(try packages(document(entry(checksum: sha1)).utf8)[0].checksum.hasPrefix("sha1:"))
    }

    @Test("fewer packages than are declared are an error, and so is an unfinished package")
    func counts() throws {
        #expect(throws: ChantalError(.mismatch, "")) { try packages(document(entry(), count: 2).utf8) }
        #expect(throws: ChantalError(.malformed, "")) {
            try packages(document("<package type=\"rpm\"><name>a</name></package>").utf8)
        }
    }

    @Test("elements that nobody knows, and other packages than of rpm's kind, change nothing")
    func unknownElements() throws {
        let text = document(
            "<extra><package><name>x</name></package></extra>" + entry(more: "<format><new><deep/></new></format><x/>"))
        #expect(try packages(text.utf8).map(\.label) == ["a-1-1.noarch"])
    }

    @Test("dependencies and files are told, their package's name with them")
    func entries() throws {
        var told: [String] = []
        let more = """
            <format><rpm:provides xmlns:rpm="r"><rpm:entry name="a" flags="EQ" epoch="1" ver="1" rel="2"/></rpm:provides>
            <file>/usr/bin/a</file></format>
            """
        func tell(_ package: PrimaryPackage, _ entry: PrimaryEntry) {
            switch entry {
            case .relation(let relation):
                told.append("\(package.text(.name)) \(String(decoding: relation.list, as: UTF8.self)) \(relation.evr)")
            case .file(let path): told.append(String(decoding: path, as: UTF8.self))
            }
        }
        let reader = PrimaryReader(entries: tell) { _ in }
        try XMLParser.parse(Array(document(entry(more: more)).utf8), file: "primary.xml", handler: reader)
        #expect(told == ["a provides 1:1-2", "/usr/bin/a"])
    }

    @Test("repomd.xml: what is wrong with a record is told with its type")
    func badRecords() throws {
        let good = "<checksum type='sha256'>\(String(repeating: "ab", count: 32))</checksum>"
        let place = "<location href='repodata/primary.xml.gz'/>"
        for (record, reason) in [
            (place, "has no checksum"), (good, "has no location"),
            (good + "<location href='/etc/primary.xml'/>", "absolute"),
            (good + place + "<size>many</size>", "no number"),
            ("<checksum type='md5'>\(String(repeating: "ab", count: 16))</checksum>" + place, "MD5"),
        ] {
            let error = try #require(throws: ChantalError.self) {
                try RepomdReader.read(
                    Array("<repomd>\n<data type='primary'>\(record)</data></repomd>".utf8), file: "repodata/repomd.xml")
            }
            #expect("\(error)".contains("'primary'") && "\(error)".contains(reason), "\(error)")
            #expect("\(error)".contains("line 2"), "\(error)")
        }
    }

    @Test("a page where repomd.xml should be is called a page")
    func htmlPage() throws {
        let error = try #require(throws: ChantalError.self) {
            try RepomdReader.read(
                Array("<!DOCTYPE html>\n<html><title>Log in</title></html>".utf8), file: "repodata/repomd.xml")
        }
        #expect("\(error)".contains("is an HTML page"), "\(error)")
    }
}
