import Basics
import Foundation
import Store
import TestSupport
import Testing

@testable import Mirroring
@testable import PyPI

@Suite("Hosted indexes")
struct HostedTests {
    /// A store with one hosted index.
    private final class Fixture {
        let home: TestSupport.TemporaryDirectory

        init() throws {
            home = try TestSupport.TemporaryDirectory("hosted")
            _ = try StoreDirectory.create(at: home.path("store"))
        }

        private func engine() throws -> Engine {
            let path = try home.write("store: store\nrepositories:\n  ours: {type: pypi}\n", to: "chantal.yaml")
            return Engine(
                configuration: try Configuration.load(
                    path: path, ecosystems: [PyPIEcosystem.declaration], environment: [:]),
                store: try StoreDirectory.open(at: home.path("store")),
                ecosystems: EcosystemRegistry([PyPIEcosystem.self]), cancellation: Cancellation(),
                observer: SilentObserver())
        }

        func add(_ files: String..., replaces: Bool = false) throws -> SyncReport {
            let engine = try engine()
            var options = HostingOptions()
            options.replaces = replaces
            return try engine.add(files, to: engine.configuration.repositories[0], options)
        }

        func remove(_ words: String...) throws -> SyncReport {
            let engine = try engine()
            return try engine.remove(words, from: engine.configuration.repositories[0], HostingOptions())
        }

        /// Makes an archive: a wheel or a source distribution, by its name.
        func made(_ name: String, _ members: [(String, String)]) throws -> String {
            let path = home.path(name)
            let job: JSONValue = [
                "path": .string(path), "members": .array(members.map { .array([.string($0.0), .string($0.1)]) }),
            ]
            try Subprocess.run(["python3", "-c", Fixture.maker], stdin: job.encoded()).checked()
            return path
        }

        private static let maker = #"""
            import io, json, sys, tarfile, zipfile, warnings
            warnings.simplefilter("ignore")
            job = json.load(sys.stdin)
            if job["path"].endswith(".tar.gz"):
                with tarfile.open(job["path"], "w:gz") as archive:
                    for name, text in job["members"]:
                        entry = tarfile.TarInfo(name)
                        entry.size = len(text.encode())
                        archive.addfile(entry, io.BytesIO(text.encode()))
            else:
                with zipfile.ZipFile(job["path"], "w") as archive:
                    for name, text in job["members"]: archive.writestr(name, text)
            """#

        func text(_ path: String) throws -> String { try Files.text(home.path("store/public/ours/\(path)")) }
    }

    private static func metadata(_ name: String, _ version: String, _ more: String = "") -> String {
        "Metadata-Version: 2.1\nName: \(name)\nVersion: \(version)\n\(more)"
    }

    @Test(
        "a file whose name and metadata disagree, or that has none, is refused",
        arguments: [
            ("a-1.0-py3-none-any.whl", [("a-1.0.dist-info/METADATA", metadata("b", "1.0"))], "name"),
            ("a-1.0-py3-none-any.whl", [("a-1.0.dist-info/METADATA", metadata("a", "1.1"))], "version"),
            ("a-1.0-py3-none-any.whl", [("a-1.0.dist-info/METADATA", "Name: a\nName: a\nVersion: 1.0\n")], "several"),
            ("a-1.0-py3-none-any.whl", [("b-1.0.dist-info/METADATA", metadata("a", "1.0"))], "no METADATA"),
            ("a-1.0-py3-none-any.whl", [("a/__init__.py", "")], "no METADATA"),
            (
                "a-1.0-py3-none-any.whl",
                [
                    ("a-1.0.dist-info/METADATA", metadata("a", "1.0")),
                    ("a-1.0.dist-info/METADATA", metadata("a", "1.0")),
                ], "twice"
            ),
            ("a-1.0.whl", [("a-1.0.dist-info/METADATA", metadata("a", "1.0"))], "no name of a wheel"),
            ("a-1.0.tar.gz", [("a-1.0/PKG-INFO", metadata("a", "1.1"))], "version"),
            ("a-1.0.tar.gz", [("a-1.0/setup.py", "")], "no PKG-INFO"),
            ("a-1.0.tar.gz", [("a-1.0/src/PKG-INFO", metadata("a", "1.0"))], "no PKG-INFO"),
            (
                "a-1.0.tar.gz", [("a-1.0/PKG-INFO", metadata("a", "1.0")), ("b/PKG-INFO", metadata("a", "1.0"))],
                "twice"
            ),
            ("a.exe.zip", [("a", "")], "wheels and source distributions"),
        ])
    func disagreement(_ name: String, _ members: [(String, String)], _ reason: String) throws {
        let fixture = try Fixture()
        let report = try fixture.add(try fixture.made(name, members))
        let text = report.errors.map { "\($0)" }.joined()
        #expect(report.status == .failed && text.contains(reason) && text.contains(name), "\(text)")
        #expect(try Files.walk(fixture.home.path("store/blobs")).isEmpty)
    }

    @Test(
        "a wheel or a source distribution that is cut off is refused",
        arguments: ["a-1.0-py3-none-any.whl", "a-1.0.tar.gz"])
    func truncated(_ name: String) throws {
        let fixture = try Fixture()
        let body = (0..<4000).map { "\($0 &* 7919)" }.joined()
        let path = try fixture.made(
            name,
            [
                ("a-1.0.dist-info/METADATA", HostedTests.metadata("a", "1.0")),
                ("a-1.0/PKG-INFO", HostedTests.metadata("a", "1.0")), ("a-1.0/body", body),
            ])
        let bytes = try Files.read(path)
        for count in [0, 10, bytes.count / 2, bytes.count - 10] {
            try Files.write(Array(bytes.prefix(count)), to: path)
            #expect(try fixture.add(path).status == .failed, "\(count) of \(bytes.count)")
        }
        try Files.write(bytes, to: path)
        #expect(try fixture.add(path).status == .changed)
    }

    @Test("other bytes need --force; what is not touched keeps its page byte for byte; words are requirements")
    func changes() throws {
        let fixture = try Fixture()
        func wheel(_ name: String, _ version: String, _ more: String = "") throws -> String {
            try fixture.made(
                "\(name)-\(version)-py3-none-any.whl",
                [("\(name)-\(version).dist-info/METADATA", HostedTests.metadata(name, version, more))])
        }
        #expect(try fixture.add(try wheel("a", "1.0"), try wheel("a", "2.0rc1"), try wheel("b", "1.0")).packages == 3)
        let page = try fixture.text("simple/b/index.html")
        let other = try wheel("a", "1.0", "Requires-Python: >=3.9\nSummary: Other <b>\n")
        let refused = try fixture.add(other)
        #expect(refused.errors.first?.code == .exists, "\(refused.errors)")
        #expect(try fixture.add(other, replaces: true).status == .changed)
        #expect(try fixture.text("simple/a/index.html").contains("data-requires-python=\"&gt;=3.9\""))
        #expect(try fixture.text("simple/b/index.html") == page)
        #expect(try fixture.remove("A>=2.0rc1", "b").packages == 1)
        #expect(try !fixture.text("simple/index.html").contains(">b<"))
        #expect(try fixture.remove("b").errors.first?.code == .notFound)
        #expect(try fixture.remove("a-1.0-py3-none-any.whl").packages == 0)
        #expect(try fixture.text("simple/index.v1_json").contains("\"projects\":["))
    }
}
