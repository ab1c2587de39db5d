import Basics
import Testing

@testable import APT

private let sha256 = String(repeating: "1a", count: 32)
private let other256 = String(repeating: "2b", count: 32)
private let md5 = String(repeating: "3c", count: 16)
private let base = """
    Package: nginx
    Source: nginx-src (1.0)
    Version: 1:1.22.1-9+b1
    Architecture: amd64
    Section: httpd
    Priority: optional
    Description: small web server
     long text
    Description-md5: \(md5)

    """

@Suite struct PackagesStanzaTests {
    @Test("a stanza's facts are read")
    func reading() throws {
        let text =
            base
            + "Filename: ./pool/main/n/nginx/nginx_1.22.1-9+b1_amd64.deb\nSize: 528\nMD5sum: \(md5)\nSHA256: \(sha256)\n"
        try withStanza(text) { stanza in
            let package = PackagesStanza(stanza, file: "Packages")
            #expect(try package.name.text == "nginx")
            #expect(try package.version.text == "1:1.22.1-9+b1")
            #expect(package.architecture?.text == "amd64" && package.source?.text == "nginx-src")
            #expect(package.section?.text == "httpd" && package.priority?.text == "optional")
            #expect(package.summary?.text == "small web server" && package.descriptionMD5?.text == md5)
            let file = try package.packageFile()
            #expect(file.path.description == "pool/main/n/nginx/nginx_1.22.1-9+b1_amd64.deb")
            #expect(file.path.urlEncoded == "pool/main/n/nginx/nginx_1.22.1-9%2Bb1_amd64.deb")
            #expect(file.size == 528 && file.checksums.map(\.algorithm) == [.md5, .sha256])
        }
    }

    @Test("Filename is literal: a %3a in it is sent as %253a")
    func literal() throws {
        let text = base + "Filename: pool/v/vim_2%3a9~1_amd64.deb\nSize: 1\nSHA256: \(sha256)\n"
        let file = try withStanza(text) { try PackagesStanza($0, file: "Packages").packageFile() }
        #expect(file.path.description == "pool/v/vim_2%3a9~1_amd64.deb")
        #expect(file.path.urlEncoded == "pool/v/vim_2%253a9~1_amd64.deb")
    }

    static let defects: [(fields: String, code: ChantalError.Code, says: String)] = [
        ("Size: 1\nSHA256: \(sha256)\n", .malformed, "no Filename"),
        ("Filename: a.deb\nSHA256: \(sha256)\n", .malformed, "no Size"),
        ("Filename: a.deb\nSize: -1\nSHA256: \(sha256)\n", .malformed, "Size '-1'"),
        ("Filename: a.deb\nSize: 1e3\nSHA256: \(sha256)\n", .malformed, "Size '1e3'"),
        ("Filename: a.deb\nSize: 9223372036854775808\nSHA256: \(sha256)\n", .malformed, "Size"),
        ("Filename: a.deb\nSize: 1\n", .malformed, "no hash"),
        ("Filename: a.deb\nSize: 1\nSHA256: \(md5)\n", .malformed, "SHA256"),
        ("Filename: a.deb\nSize: 1\nMD5sum: \(md5)\n", .malformed, "MD5 or SHA1"),
        ("Filename: ../a.deb\nSize: 1\nSHA256: \(sha256)\n", .unsafePath, "'..'"),
        ("Filename: pool/../../a.deb\nSize: 1\nSHA256: \(sha256)\n", .unsafePath, "'..'"),
        ("Filename: /etc/a.deb\nSize: 1\nSHA256: \(sha256)\n", .unsafePath, "absolute"),
        ("Filename: a\u{1}.deb\nSize: 1\nSHA256: \(sha256)\n", .malformed, "control character"),
        ("Filename: a.deb\n b.deb\nSize: 1\nSHA256: \(sha256)\n", .malformed, "more than one line"),
        ("Filename: a.deb\nSize: 1\nSHA256: \(sha256)\nFilename: b.deb\n", .malformed, "Filename twice"),
        ("Filename: a.deb\nSize: 1\nSHA256: \(sha256)\nsha256: \(other256)\n", .malformed, "SHA256 twice"),
    ]

    @Test("a bad field is refused by the package's name, version and index", arguments: defects.indices)
    func refused(index: Int) throws {
        let row = PackagesStanzaTests.defects[index]
        let error = try withStanza(base + row.fields) { stanza in
            #expect(throws: ChantalError.self) {
                try PackagesStanza(stanza, file: "dists/x/main/binary-amd64/Packages").packageFile()
            }
        }
        #expect(error?.code == row.code)
        let text = "\(error!)"
        #expect(text.contains("package 'nginx' 1:1.22.1-9+b1 in dists/x/main/binary-amd64/Packages"), "\(text)")
        #expect(text.contains(row.says), "\(text)")
    }

    @Test("weak hashes do when they are allowed, unknown fields that stand twice always")
    func weak() throws {
        let text = base + "Filename: a.deb\nSize: 1\nMD5sum: \(md5)\nX-A: 1\nX-A: 2\n"
        let file = try withStanza(text) { try PackagesStanza($0, file: "Packages").packageFile(allowWeak: true) }
        #expect(file.isWeak)
    }

    @Test("a stanza without a name is named by its number")
    func nameless() throws {
        try withStanza("Version: 1\n") { stanza in
            #expect(PackagesStanza(stanza, file: "Packages").displayName == "stanza 1")
            #expect(throws: ChantalError(.malformed, "")) { try PackagesStanza(stanza, file: "Packages").name }
        }
    }
}

@Suite struct SourcesStanzaTests {
    func files(_ text: String, allowWeak: Bool = false) throws -> [PackageFile] {
        try withStanza(text) { try SourcesStanza($0, file: "Sources").packageFiles(allowWeak: allowWeak) }
    }

    @Test("files are merged over the lists")
    func merged() throws {
        let found = try files(
            """
            Package: hello
            Version: 1-1
            Directory: pool/main/h/hello
            Files:
             \(md5) 5 hello_1-1.dsc
             \(md5) 6 hello_1.orig.tar.gz
            Checksums-Sha256:
             \(sha256) 5 hello_1-1.dsc
             \(other256) 6 hello_1.orig.tar.gz

            """)
        #expect(
            found.map(\.path.description) == [
                "pool/main/h/hello/hello_1-1.dsc", "pool/main/h/hello/hello_1.orig.tar.gz",
            ])
        #expect(found.map(\.size) == [5, 6])
        #expect(found.allSatisfy { $0.checksums.map(\.algorithm) == [.md5, .sha256] })
    }

    @Test(
        "flat repositories have an empty directory, a dot, or none at all",
        arguments: ["Directory:\n", "Directory: .\n", "Directory: ./\n", ""])
    func flat(directory: String) throws {
        let found = try files("Package: x\n\(directory)Checksums-Sha256:\n \(sha256) 5 x.dsc\n")
        #expect(found.map(\.path.description) == ["x.dsc"])
    }

    @Test(
        "hostile lists are refused by the package's name",
        arguments: [
            "Directory: /etc\nChecksums-Sha256:\n \(sha256) 5 x.dsc\n",
            "Directory: ../..\nChecksums-Sha256:\n \(sha256) 5 x.dsc\n",
            "Directory: pool\nChecksums-Sha256:\n \(sha256) 5 ..\n",
            "Directory: pool\nChecksums-Sha256:\n \(sha256) 5 .\n",
            "Directory: pool\nChecksums-Sha256:\n \(sha256) 5 a/b\n",
            "Directory: pool\nChecksums-Sha256:\n \(sha256) 5\n",
            "Directory: pool\nChecksums-Sha256:\n \(sha256) x a\n",
            "Directory: pool\nChecksums-Sha256:\n \(sha256) 5 a\n \(other256) 5 a\n",
            "Directory: pool\nChecksums-Sha256:\n \(sha256) 5 a\nFiles:\n \(md5) 6 a\n",
            "Directory: pool\nChecksums-Sha256:\n \(sha256) 5 a\nFiles:\n \(md5) 6 b\n",
            "Directory: pool\nFiles:\n \(md5) 6 b\n", "Directory: pool\n",
        ])
    func hostile(fields: String) {
        let error = #expect(throws: ChantalError.self) { try files("Package: evil\nVersion: 1\n" + fields) }
        #expect("\(error!)".contains("package 'evil' 1"))
    }
}

@Suite struct FileListTests {
    @Test("an Index of patches names the files that clients download")
    func patches() throws {
        let text = """
            SHA256-Current: \(sha256) 100
            SHA256-History:
             \(sha256) 90 T-1
            SHA256-Patches:
             \(sha256) 10 T-1
            SHA256-Download:
             \(other256) 7 T-1.gz

            """
        let found = try PatchIndex.files(Array(text.utf8), file: "Index")
        #expect(found.map(\.path.description) == ["T-1.gz"] && found[0].size == 7)
        #expect(throws: ChantalError(.unsafePath, "")) {
            try PatchIndex.files(Array("SHA256-Download:\n \(sha256) 7 ../T.gz\n".utf8), file: "Index")
        }
    }

    @Test("a SHA256SUMS file names installer images")
    func sums() throws {
        let text = "\(sha256)  ./cdrom/initrd.gz\n\(other256) *a b.iso\n"
        let found = try ChecksumList.entries(Array(text.utf8), .sha256, file: "SHA256SUMS")
        #expect(found.map(\.path.description) == ["cdrom/initrd.gz", "a b.iso"])
        for bad in ["\(sha256)  ../x\n", "\(sha256) x\n", "\(md5)  x\n", "<html>\n", "\(sha256)  /x\n"] {
            #expect(throws: ChantalError.self) {
                try ChecksumList.entries(Array(bad.utf8), .sha256, file: "SHA256SUMS")
            }
        }
    }
}
