import Basics
import Foundation
import Store
import TestSupport
import Testing

@testable import Mirroring
@testable import RPM

@Suite("Hosted repositories")
struct HostedTests {
    /// A store with one hosted repository, unsigned.
    private final class Fixture {
        let home: TestSupport.TemporaryDirectory

        init() throws {
            home = try TestSupport.TemporaryDirectory("hosted")
            _ = try StoreDirectory.create(at: home.path("store"))
            try home.makeDirectory("build")
        }

        private func engine() throws -> Engine {
            let path = try home.write(
                "store: store\nrepositories:\n  ours: {type: rpm, sign: false}\n", to: "chantal.yaml")
            return Engine(
                configuration: try Configuration.load(
                    path: path, ecosystems: [RPMEcosystem.declaration], environment: [:]),
                store: try StoreDirectory.open(at: home.path("store")),
                ecosystems: EcosystemRegistry([RPMEcosystem.self]), cancellation: Cancellation(),
                observer: SilentObserver())
        }

        func add(_ files: String...) throws -> SyncReport {
            let engine = try engine()
            return try engine.add(files, to: engine.configuration.repositories[0], HostingOptions())
        }

        func remove(_ words: String...) throws -> SyncReport {
            let engine = try engine()
            return try engine.remove(words, from: engine.configuration.repositories[0], HostingOptions())
        }

        func rpm(_ package: RPMPackage) throws -> String {
            let path = home.path("build/\(package.fileName)")
            try package.build(to: path)
            return path
        }

        var tree: String { home.path("store/public/ours") }

        func document(_ type: String) throws -> String {
            // Documents of earlier states lie there as well.
            let repomd = try Files.text("\(tree)/repodata/repomd.xml")
            let name = try #require(
                try Files.names("\(tree)/repodata").first { $0.hasSuffix("-\(type).xml.gz") && repomd.contains($0) })
            return try Subprocess.run(["gzip", "-dc", "\(tree)/repodata/\(name)"]).checked().stdout
        }
    }

    @Test("the metadata is createrepo_c's, but for the times of files")
    func createrepo() throws {
        let fixture = try Fixture()
        let bear = try fixture.rpm(
            RPMPackage("bear", "4.1", epoch: 2, files: [("/usr/bin/bear", "x"), ("/usr/share/bear/a", "y")]))
        let fox = try fixture.rpm(RPMPackage("Fox", "1.0", fields: [("Requires", "bear >= 4")], changelog: ["Made."]))
        let cat = try fixture.rpm(RPMPackage("cat", "1.0", description: "<&>\"' ü"))
        let dog = try fixture.rpm(RPMPackage("dog", "1.0"))
        // Bit by bit: what is there already is copied.
        #expect(try fixture.add(fox, cat).status == .changed)
        #expect(try fixture.add(bear, dog).status == .changed)
        #expect(try fixture.add(fox).status == .unchanged)
        #expect(try fixture.remove("dog").packages == 3)
        let theirs = try TestSupport.TemporaryDirectory("createrepo")
        let published = try Files.walk("\(fixture.tree)/Packages").filter { !$0.contains("dog") }
        for file in published {
            try theirs.makeDirectory("Packages/\(file.prefix(1))")
            try Files.copy("\(fixture.tree)/Packages/\(file)", to: theirs.path("Packages/\(file)"))
        }
        try Subprocess.run(["createrepo_c", "--no-database", "--quiet", theirs.path]).checked()
        for type in ["primary", "filelists", "other"] {
            let name = try #require(try Files.names(theirs.path("repodata")).first { $0.contains("-\(type).xml.") })
            let tool = name.hasSuffix(".zst") ? "zstd" : "gzip"
            let expected = try Subprocess.run([tool, "-dc", theirs.path("repodata/\(name)")]).checked().stdout
            func lines(_ text: String) -> [Substring] {
                text.split(separator: "\n").filter { !$0.contains("<time file=") }
            }
            #expect(lines(try fixture.document(type)) == lines(expected), "\(type)")
        }
    }

    @Test("a package that is cut off or damaged anywhere is refused", arguments: [10, 100, 2000, -1, -50])
    func truncated(_ size: Int) throws {
        let fixture = try Fixture()
        let path = try fixture.rpm(
            RPMPackage("bear", files: [("/usr/share/bear", String(repeating: "bear ", count: 500))]))
        let bytes = try Files.read(path)
        try Files.write(Array(bytes.prefix(size < 0 ? bytes.count + size : size)), to: path)
        let cut = try fixture.add(path)
        #expect(cut.status == .failed && "\(cut.errors)".contains("bear-"), "\(cut)")
        try Files.write(bytes, to: path)
        // Signatures stand before the header; what else they hold vouches for nothing.
        let magic = try #require(bytes.indices.last { bytes[$0...].starts(with: [0x8e, 0xad, 0xe8]) })
        try Files.flipByte(path, at: size < 0 ? bytes.count + size : magic + 16 + min(size, 400))
        #expect(try fixture.add(path).status == .failed)
        #expect(!Files.exists(fixture.tree))
    }

    @Test("packages are removed by all that dnf calls them")
    func names() throws {
        let words = [
            "bear", "bear.noarch", "bear-4.1", "bear-4.1-1", "bear-4.1-1.noarch", "bear-2:4.1-1", "bear-2:4.1-1.noarch",
            "bear-4.1-1.noarch.rpm",
        ]
        let fixture = try Fixture()
        let bear = try fixture.rpm(RPMPackage("bear", "4.1", epoch: 2))
        for word in words {
            #expect(try fixture.add(bear).packages == 1)
            let report = try fixture.remove(word)
            #expect(report.status == .changed && report.packages == 0, "\(word): \(report.errors)")
        }
        for word in ["bea", "bear-4", "bear-4.1-1.x86_64", "bear-4.1-2"] {
            #expect(try fixture.remove(word).errors.first?.code == .notFound, "\(word)")
        }
    }
}
