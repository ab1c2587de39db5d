import Basics
import Foundation
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

@Suite("Hosted repositories")
struct HostedTests {
    @Test("a control archive is read in every compression that dpkg writes", arguments: ["", "gz", "xz", "zst"])
    func compressions(_ compression: String) throws {
        let fixture = try HostedFixture()
        let deb = try fixture.made(
            control: [("./control", HostedFixture.control), ("./postinst", "#!/bin/sh\n")], compression: compression)
        let report = try fixture.add(deb)
        #expect(report.status == .changed, "\(report.errors)")
        #expect(try fixture.paths().contains("pool/main/h/hello/hello_1.0-1_amd64.deb"))
    }

    @Test(
        "what is no proper package is refused with a reason, and nothing is kept of it",
        arguments: [
            (["binary", "data"], [("control", HostedFixture.control)], "no control archive"),
            (["binary", "control"], [("control", HostedFixture.control)], "no data archive"),
            (["control", "binary", "data"], [("control", HostedFixture.control)], "does not begin with"),
            (["binary", "control", "control", "data"], [("control", HostedFixture.control)], "second control archive"),
            (["binary", "control", "data", "data"], [("control", HostedFixture.control)], "two data archives"),
            (["binary", "control", "stowaway", "data"], [("control", HostedFixture.control)], "'stowaway'"),
            (["binary", "control", "data"], [("postinst", "x")], "no control file"),
            (
                ["binary", "control", "data"],
                [("control", HostedFixture.control), ("./control", HostedFixture.control)], "two control files"
            ),
            (["binary", "control", "data"], [("../control", HostedFixture.control)], "'..'"),
            (
                ["binary", "control", "data"], [("../../etc/passwd", "x"), ("control", HostedFixture.control)], "'..'"
            ),
            (["binary", "control", "data"], [("/control", HostedFixture.control)], "absolute"),
            (["binary", "control", "data"], [("@control", "/etc/passwd")], "no plain file"),
            (["binary", "control", "data"], [("control", "#zeros 100000000")], "more than"),
            (["binary", "control", "data"], [("control", "Package: a\n\nPackage: b\n")], "2 stanzas"),
            (["binary", "control", "data"], [("control", HostedFixture.control + "version: 2\n")], "twice"),
            (["binary", "control", "data"], [("control", "Package: hello\nArchitecture: all\n")], "no Version"),
            (
                ["binary", "control", "data"], [("control", "Package: ../x\nVersion: 1\nArchitecture: all\n")],
                "no name of a package"
            ),
            (
                ["binary", "control", "data"], [("control", "Package: x\nVersion: 1/2\nArchitecture: all\n")],
                "no version"
            ),
            (
                ["binary", "control", "data"], [("control", "Package: x\nVersion: 1\nArchitecture: a/b\n")],
                "no plain word"
            ),
            (
                ["binary", "control", "data"],
                [("control", "Package: x\nVersion: 1\nArchitecture: all\nSource: ../../x\n")], "source package"
            ),
        ] as [([String], [(String, String)], String)])
    func hostile(_ parts: [String], _ control: [(String, String)], _ reason: String) throws {
        let fixture = try HostedFixture()
        let deb = try fixture.made(control: control.map { (name: $0.0, content: $0.1) }, parts: parts)
        let report = try fixture.add(deb)
        let text = report.errors.map { "\($0)" }.joined()
        #expect(report.status == .failed && text.contains(reason) && text.contains("made.deb"), "\(text)")
        #expect(report.generation == nil)
        let digest = try #require(
            try Subprocess.run(["sha256sum", deb]).checked().stdout.split(separator: " ").first)
        #expect(!Files.exists(fixture.home.path("store/blobs/sha256/\(digest.prefix(2))/\(digest)")))
    }

    @Test("a package that is cut off anywhere is refused", arguments: [5, 60, 100, 300, -1, -200])
    func truncated(_ size: Int) throws {
        let fixture = try HostedFixture()
        let deb = try fixture.deb(DebianPackage("hello", content: Array(repeating: 7, count: 4000)))
        let bytes = try Files.read(deb)
        try Files.write(Array(bytes.prefix(size < 0 ? bytes.count + size : size)), to: deb)
        let report = try fixture.add(deb)
        #expect(report.status == .failed, "\(report)")
    }

    @Test("no field of a package can make a line of its own, nor say where the package lies")
    func injection() throws {
        let fixture = try HostedFixture()
        let control =
            "Package: hello\nVersion: 1.0\nArchitecture: amd64\nFilename: pool/evil.deb\nSize: 1\nSHA256: \(String(repeating: "0", count: 64))\nDescription: x\n \n Package: evil\n  a\rPackage: evil\n"
        let report = try fixture.add(try fixture.made(control: [("control", control)]))
        #expect(report.status == .changed, "\(report.errors)")
        let text = try fixture.text("dists/stable/main/binary-amd64/Packages")
        #expect(!text.contains("evil.deb") && !text.contains("\r") && !text.contains("\n \n"), "\(text)")
        #expect(!text.contains("\nPackage: evil"), "\(text)")
        let stanza = text.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != ":" } }
        #expect(
            stanza == [
                "Package", "Version", "Architecture", "Description", "Filename", "Size", "MD5sum", "SHA256", "SHA512",
            ], "\(text)")
    }

    @Test("packages give the same metadata in whatever order they come, and dpkg orders their versions")
    func order() throws {
        let names = [("b", "1.0-1"), ("a", "1.0~rc1-1"), ("a", "1.0-1"), ("a", "1:0.5-1")]
        var texts: [String] = []
        for order in [[0, 1, 2, 3], [3, 2, 1, 0]] {
            let fixture = try HostedFixture("architectures: [amd64]")
            for index in order {
                let deb = try fixture.deb(DebianPackage(names[index].0, names[index].1))
                #expect(try fixture.add(deb).status == .changed)
            }
            texts.append(try fixture.text("dists/stable/main/binary-amd64/Packages"))
        }
        #expect(texts[0] == texts[1])
        let versions = texts[0].split(separator: "\n").filter { $0.hasPrefix("Version: ") }.map { $0.dropFirst(9) }
        #expect(versions == ["1.0~rc1-1", "1.0-1", "1:0.5-1", "1.0-1"])
    }

    @Test("a package in two suites is one file; --force replaces it in both, and --suite removes it from one")
    func suites() throws {
        let fixture = try HostedFixture("suites: [stable, testing]")
        let one = try fixture.deb(DebianPackage("hello", content: [1]))
        let two = try fixture.deb(DebianPackage("hello", content: [2]), in: "two")
        #expect(try fixture.add(one).status == .changed)
        #expect(try fixture.add(two) { $0.suite = "testing" }.errors.first?.code == .exists)
        #expect(try fixture.add(one) { $0.suite = "testing" }.status == .changed)
        #expect(try fixture.add(one) { $0.suite = "testing" }.status == .unchanged)
        #expect(
            try fixture.add(two) {
                $0.suite = "testing"
                $0.replaces = true
            }.status == .changed)
        let sum = try Subprocess.run(["sha256sum", two]).checked().stdout.prefix(64)
        for suite in ["stable", "testing"] {
            #expect(try fixture.text("dists/\(suite)/main/binary-amd64/Packages").contains("SHA256: \(sum)"))
        }
        #expect(try fixture.remove("hello") { $0.suite = "stable" }.status == .changed)
        #expect(try fixture.text("dists/stable/main/binary-all/Packages").isEmpty)
        #expect(try fixture.text("dists/testing/main/binary-amd64/Packages").contains("Package: hello"))
        #expect(try fixture.paths().contains("pool/main/h/hello/hello_1.0-1_amd64.deb"))
    }

    @Test("without architectures in the configuration, packages for all have an index that every client reads")
    func openArchitectures() throws {
        let fixture = try HostedFixture()
        #expect(try fixture.add(try fixture.deb(DebianPackage("data", architecture: "all"))).status == .changed)
        #expect(try fixture.text("dists/stable/Release").contains("Architectures: all\n"))
        #expect(try fixture.add(try fixture.deb(DebianPackage("tool"))).status == .changed)
        let release = try fixture.text("dists/stable/Release")
        #expect(release.contains("Architectures: amd64 all\n") && !release.contains("No-Support"), "\(release)")
        for index in ["binary-all", "binary-amd64"] {
            #expect(try fixture.text("dists/stable/main/\(index)/Packages").contains("Package: data\n"))
        }
    }

    @Test("a suite that is taken out of the configuration keeps its packages, and a warning says so")
    func droppedSuite() throws {
        let fixture = try HostedFixture("suites: [stable, testing]")
        #expect(try fixture.add(try fixture.deb(DebianPackage("hello"))) { $0.suite = "testing" }.status == .changed)
        fixture.section = ["suites: [stable]"]
        let report = try fixture.sync()
        #expect(report.packages == 1 && report.warnings.contains { $0.contains("'testing'") }, "\(report)")
        #expect(try fixture.remove("hello").status == .changed)
        #expect(try !fixture.paths().contains("dists/testing/Release"))
    }

    @Test("valid_for signs anew in the second half of that time")
    func validity() throws {
        let fixture = try HostedFixture("valid_for: 2s")
        #expect(try fixture.add(try fixture.deb(DebianPackage("hello"))).status == .changed)
        usleep(1_200_000)
        let report = try fixture.sync()
        #expect(report.status == .changed && report.generation == 2, "\(report)")
    }

    @Test("a source package whose .dsc and files disagree is refused; what is refused leaves no blob")
    func sources() throws {
        let fixture = try HostedFixture()
        try fixture.home.makeDirectory("build")
        let names = try DebianSource("hello", "1.0-1").build(to: fixture.home.path("build"))
        let dsc = fixture.home.path("build/\(try #require(names.first { $0.hasSuffix(".dsc") }))")
        #expect(try fixture.add(dsc).status == .changed)
        #expect(try fixture.add(dsc).status == .unchanged)
        let sources = try fixture.text("dists/stable/main/source/Sources")
        #expect(
            sources.hasPrefix("Package: hello\n") && sources.contains("Directory: pool/main/h/hello\n"), "\(sources)")
        let original = fixture.home.path("build/hello_1.0.orig.tar.gz")
        try Files.flipByte(original, at: 20)
        let other = try HostedFixture()
        let report = try other.add(dsc)
        #expect(report.errors.first?.code == .mismatch, "\(report.errors)")
        try Files.remove(original)
        #expect(try other.add(dsc).errors.first?.code == .notFound)
        let text = try Files.text(dsc).replacingOccurrences(
            of: "hello_1.0.orig.tar.gz", with: "../hello_1.0.orig.tar.gz")
        try Files.write(text, to: dsc)
        #expect(try other.add(dsc).errors.first?.code == .malformed)
        #expect(try Files.walk(other.home.path("store/blobs")).isEmpty)
    }
}
