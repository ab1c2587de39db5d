import Basics
import Foundation
import Hashing
import TestSupport
import Testing

@testable import RPM

@Suite("Metadata computed from package headers", .enabled(if: Fixtures.arePresent))
struct PackageElementsTests {
    /// createrepo_c's elements of every package of a directory, by package file and document.
    private func reference(_ directory: TemporaryDirectory) throws -> [String: [String: String]] {
        try Subprocess.run(["createrepo_c", "--quiet", "--no-database", directory.path]).checked()
        var result: [String: [String: String]] = [:]
        var names: [String: String] = [:]
        for document in ["primary", "filelists", "other"] {
            let file = try #require(
                try Files.names(directory.path("repodata")).first { $0.hasSuffix("-\(document).xml.gz") })
            let text = try Subprocess.run(["zcat", directory.path("repodata/\(file)")]).checked().stdout
            for element in text.components(separatedBy: "<package ").dropFirst() {
                let element = "<package " + element.components(separatedBy: "</package>\n")[0] + "</package>\n"
                func between(_ start: String, _ end: String) throws -> String {
                    try #require(
                        element.components(separatedBy: start).dropFirst().first?.components(separatedBy: end).first)
                }
                if document == "primary" {
                    let digest = try between("pkgid=\"YES\">", "<")
                    names[digest] = try between("href=\"", "\"")
                    result[try #require(names[digest]), default: [:]][document] = element
                } else {
                    result[try #require(names[try between("pkgid=\"", "\"")]), default: [:]][document] = element
                }
            }
        }
        return result
    }

    private func elements(_ path: String, as name: String) throws -> PackageElements {
        let bytes = try Files.read(path)
        return try PackageElements(
            PackageHeader.read(BytesReader(bytes), name: name),
            PackageElements.Origin(
                digest: sha256(of: bytes), size: Int64(bytes.count),
                fileTime: Timestamp(seconds: Int64(Files.status(path).st_mtim.tv_sec)), location: RepositoryPath(name)))
    }

    private func compare(_ directory: TemporaryDirectory) throws -> Int {
        let reference = try reference(directory)
        for (name, documents) in reference {
            let own = try elements(directory.path(name), as: name)
            #expect(String(decoding: own.primary, as: UTF8.self) == documents["primary"], "\(name)")
            #expect(String(decoding: own.filelists, as: UTF8.self) == documents["filelists"], "\(name)")
            #expect(String(decoding: own.other, as: UTF8.self) == documents["other"], "\(name)")
        }
        return reference.count
    }

    @Test("every real package gives the very bytes that createrepo_c writes, ISO-8859 headers included")
    func realPackages() throws {
        let directory = try TemporaryDirectory("rpms")
        var digests: Set<Digest> = []
        for path in try Fixtures.packages() where path.hasSuffix(".rpm") && !path.contains("corrupted") {
            // createrepo_c lists the same file once for each name; by digest it could not be told apart here.
            guard digests.insert(sha256(of: try Files.read(path))).inserted else { continue }
            try Files.copy(path, to: directory.path("\(digests.count)-\(path.split(separator: "/").last ?? "")"))
        }
        #expect(try compare(directory) == digests.count)
    }

    @Test("a package of before rpm 4.0 is read as well")
    func oldFormat() throws {
        let own = try elements(Fixtures.package("hello-1.0-1.x86_64.rpm-v3"), as: "hello.rpm")
        let text = String(decoding: own.primary, as: UTF8.self)
        #expect(text.contains("<rpm:entry name=\"hello\" flags=\"EQ\" epoch=\"0\" ver=\"1.0\" rel=\"1\"/>"))
        #expect(text.contains("<file>/usr/local/bin/hello</file>"))
        #expect(String(decoding: own.filelists, as: UTF8.self).contains("<file>/usr/local/bin/hello</file>"))
    }

    @Test("freshly built packages give createrepo_c's bytes: weak and rich dependencies, ghosts, changelogs, sources")
    func builtPackages() throws {
        let directory = try TemporaryDirectory("rpms")
        try build(
            """
            Name: everything
            Epoch: 3
            Version: 1.2~rc1
            Release: 4^git5
            Summary: All kinds of <things> & "more"
            License: MIT
            URL: http://www.example.org/?a=1&b=2
            Group: Tests/Everything
            Vendor: Nobody
            Packager: Somebody <some@example.org>
            BuildArch: noarch
            AutoReqProv: no
            Requires: plain, versioned >= 2:1.0-3, (rich if (other or third)), /usr/bin/everything, /opt/else/file
            Requires: libc.so.6()(64bit), libc.so.6(GLIBC_2.4)(64bit), libc.so.6(GLIBC_2.34)(64bit), libc.so.6(GLIBC_2.9)(64bit)
            Requires: /opt/provided, twice, twice, twice > 1, self-provided, rtld(GNU_HASH)
            Requires(pre): before
            Requires(post): after
            Requires(preun): before-removal
            Provides: self-provided = 9, /opt/provided, bundled(thing) = 1:2
            Conflicts: enemy < 5
            Obsoletes: predecessor <= 1-1
            Recommends: advised
            Suggests: suggested = 1
            Supplements: supplemented
            Enhances: (enhanced and more)
            %description
            Several lines,
              with spaces  and\ttabs.

            Ümläute too: ☃
            %install
            mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/everything.d %{buildroot}/var/lib/x "%{buildroot}/usr/share/a b"
            touch %{buildroot}/usr/bin/everything %{buildroot}/etc/everything.conf %{buildroot}/var/lib/x/ghost
            touch "%{buildroot}/usr/share/a b/c&d" %{buildroot}/usr/share/é
            %files
            /usr/bin/everything
            %config /etc/everything.conf
            %dir /etc/everything.d
            %ghost /var/lib/x/ghost
            "/usr/share/a b"
            /usr/share/é
            %changelog
            * Wed Nov 18 2026 Third <c@example.org>  - 1.2-4
            - third, same day
            * Wed Nov 18 2026 Second <b@example.org> - 1.2-3
            - second, same day
            * Wed Nov 18 2026 First <a@example.org> - 1.2-2
            - first & <foremost>
              "quoted"
            * Mon Nov 16 2026 Zeroth <a@example.org> - 1.2-1
            - before
            """, into: directory)
        #expect(try compare(directory) == 2)
    }

    @Test("control characters and bytes that are no text are left out, where createrepo_c gives up")
    func badCharacters() throws {
        let directory = try TemporaryDirectory("rpms")
        let path = Fixtures.package("hello-2.0-1.x86_64.rpm")
        var bytes = try Files.read(path)
        let header = try PackageHeader.read(BytesReader(bytes), name: "x")
        let summary = try #require(header.main.entry(.summary))
        bytes[header.range.lowerBound + summary.range.lowerBound + 1] = 0x01
        bytes[header.range.lowerBound + summary.range.lowerBound + 2] = 0xff
        let file = try directory.write(bytes, to: "hello.rpm")
        let text = String(decoding: try elements(file, as: "hello.rpm").primary, as: UTF8.self)
        #expect(text.contains("<summary>hÿlo -- hello, world rpm</summary>"))
    }

    @Test("a header damaged anywhere is refused or read, and never ends the process")
    func damaged() throws {
        var generator = SystemRandomNumberGenerator()
        for path in [Fixtures.package("hello-2.0-1.x86_64-signed.rpm"), Fixtures.package("hello-1.0-1.x86_64.rpm-v3")] {
            let bytes = try Files.read(path)
            let end = try PackageHeader.read(BytesReader(bytes), name: "x").range.upperBound
            for _ in 0..<4000 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    changed[Int.random(in: 0..<end, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
                let problem = problem {
                    _ = try PackageElements(
                        PackageHeader.read(BytesReader(changed), name: "x"),
                        PackageElements.Origin(
                            digest: sha256(of: changed), size: 1, fileTime: Timestamp(seconds: 0),
                            location: RepositoryPath("x")))
                }
                if let problem { #expect(problem.code == .malformed) }
            }
        }
    }

    @Test("a header that says it is huge costs nothing")
    func hugeHeader() throws {
        var bytes = try Files.read(Fixtures.package("hello-2.0-1.x86_64.rpm"))
        let start = try PackageHeader.read(BytesReader(bytes), name: "x").range.lowerBound
        bytes.replaceSubrange((start + 8)..<(start + 16), with: [0, 0, 0xff, 0xff, 0x03, 0xff, 0xff, 0xff])
        #expect(problem { _ = try PackageHeader.read(BytesReader(bytes), name: "x") }?.code == .malformed)
        #expect(
            problem { _ = try PackageHeader.read(BytesReader(Array("<html>".utf8)), name: "x") }?.message
                == "x is no rpm package")
    }
}

/// Builds a spec's packages, binary and source, into a directory.
func build(_ spec: String, into directory: TemporaryDirectory, defines: [String] = []) throws {
    let work = try TemporaryDirectory("rpmbuild")
    let file = try work.write(spec, to: "package.spec")
    try Subprocess.run(
        ["rpmbuild", "--quiet", "-ba", "--define", "_topdir \(work.path)"]
            + defines.flatMap { ["--define", $0] } + [file], environment: ["LC_ALL": "C.UTF-8"]
    ).checked()
    for path in try Files.walk(work.path) where path.hasSuffix(".rpm") {
        try Files.copy(work.path(path), to: directory.path(String(path.split(separator: "/").last ?? "")))
    }
}
