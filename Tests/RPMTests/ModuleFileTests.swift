import Basics
import Foundation
import TestSupport
import Testing

@testable import RPM

@Suite("modules.yaml", .enabled(if: Fixtures.arePresent))
struct ModuleFileTests {
    private func data(_ name: String) throws -> [UInt8] {
        try Files.read(Fixtures.path("libmodulemd/modulemd/tests/test_data/\(name)"))
    }

    private func file(_ name: String) throws -> ModuleFile { try ModuleFile(data(name), file: name) }

    private let minimal = """
        ---
        document: modulemd
        version: 2
        data:
          name: perl
          stream: 2.10
          version: 20200101
          context: 00000001
          arch: x86_64
          summary: &s x
          description: *s
          artifacts:
            rpms:
            - perl-4:2.10-1.x86_64
            - shared-0:1-1.x86_64
        ...
        ---
        document: modulemd
        version: 2
        data:
          name: perl
          stream: "2.9"
          version: 20190101
          context: 00000002
          arch: x86_64
          artifacts:
            rpms: [perl-4:2.9-1.x86_64, shared-0:1-1.x86_64]
        ---
        document: modulemd-defaults
        version: 1
        data:
          module: perl
          modified: 5
          stream: "2.9"
          profiles:
            2.10: [common]
            "2.9": [common]
        ...
        ---
        # a comment stays
        document: modulemd-obsoletes
        version: 1
        data: {module: perl, stream: "2.9", modified: 2020-01-01T00:00Z, message: gone}

        """

    @Test("real files of Fedora are read whole, and written as they were when everything is kept")
    func real() throws {
        for (name, streams, defaults) in [("f29.yaml", 48, 7), ("f29-updates.yaml", 56, 9)] {
            let file = try file(name)
            #expect(file.documents.filter { $0.kind == .stream }.count == streams)
            #expect(file.documents.filter { $0.kind == .defaults }.count == defaults)
            let selection = try ModuleSelection([file]) { _, _ in true }
            let bytes = try #require(selection.bytes)
            let again = try ModuleFile(bytes, file: name)
            #expect(again.documents.map(\.bytes) == file.documents.map(\.bytes))
            #expect(selection.droppedArtifacts.isEmpty && selection.keptArtifacts == file.artifacts)
            #expect(try ModuleSelection([again]) { _, _ in true }.bytes == bytes)
        }
    }

    @Test("one stream is kept with its document's very bytes, its defaults and obsoletes; the others' packages go")
    func oneStream() throws {
        let file = try ModuleFile(Array(minimal.utf8), file: "m")
        #expect(file.streams.map { "\($0):\($1)" } == ["perl:2.10", "perl:2.9"])
        #expect(file.documents.last?.line == 40)
        let selection = try ModuleSelection([file]) { "\($0):\($1)" == "perl:2.10" }
        #expect(selection.streams == ["perl:2.10"])
        // A package of both streams stays.
        #expect(selection.droppedArtifacts == ["perl-4:2.9-1.x86_64"])
        let text = String(decoding: try #require(selection.bytes), as: UTF8.self)
        #expect(text.hasPrefix(String(minimal.prefix(minimal.range(of: "...")!.upperBound.utf16Offset(in: minimal)))))
        // The default stream is gone, the profiles of the kept one are not.
        #expect(text.contains("modulemd-defaults") && !text.contains("stream: \"2.9\""))
        #expect(text.contains("2.10: [common]"))
        #expect(!text.contains("obsoletes"))
        let other = try ModuleSelection([file]) { $1 == "2.9" }
        let kept = String(decoding: try #require(other.bytes), as: UTF8.self)
        #expect(kept.contains("# a comment stays\ndocument: modulemd-obsoletes"))
        #expect(kept.contains("stream: \"2.9\"\n  profiles:"))
        #expect(try ModuleSelection([file]) { _, _ in false }.bytes == nil)
    }

    @Test("a build without any package that is there goes, the others stay")
    func absentPackages() throws {
        let file = try ModuleFile(Array(minimal.utf8), file: "m")
        let selection = try ModuleSelection(
            [file], keeping: { _, _ in true }, isPresent: { $0 == "perl-4:2.10-1.x86_64" })
        #expect(selection.streams == ["perl:2.10"])
        #expect(selection.droppedArtifacts == ["perl-4:2.9-1.x86_64"])
    }

    @Test("of several documents of defaults for a module the newest is written, and only it")
    func defaults() throws {
        func document(_ stream: String, _ modified: Int) -> String {
            "---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: perl\n  stream: '\(stream)'\n  modified: \(modified)\n"
        }
        let base = try ModuleFile(Array(minimal.utf8), file: "a")
        let newer = try ModuleFile(Array((document("2.10", 7) + document("2.9", 6)).utf8), file: "b")
        let selection = try ModuleSelection([base, newer]) { _, _ in true }
        let text = String(decoding: try #require(selection.bytes), as: UTF8.self)
        #expect(text.components(separatedBy: "modulemd-defaults").count == 2)
        #expect(text.contains("modified: 7"))
        let alike = try ModuleFile(Array(document("2.10", 5).utf8), file: "c")
        let conflict = try ModuleSelection([base, alike]) { _, _ in true }
        #expect(conflict.warnings.count == 1)
        #expect(String(decoding: conflict.bytes ?? [], as: UTF8.self).contains("2.10: [common]"))
    }

    @Test(
        "of a build that two repositories describe the first counts, and packages that only the other names are dropped"
    )
    func twice() throws {
        let text = ModuleFileTests.described("perl-0:1-1.noarch", "perl-libs-0:1-1.noarch")
        let other = ModuleFileTests.described("perl-0:1-1.noarch", "perl-extra-0:1-1.noarch")
        let files = try [text, other].map { try ModuleFile(Array($0.utf8), file: "m") }
        let selection = try ModuleSelection(files) { _, _ in true }
        #expect(selection.keptArtifacts == ["perl-0:1-1.noarch", "perl-libs-0:1-1.noarch"])
        #expect(selection.droppedArtifacts == ["perl-extra-0:1-1.noarch"])
        #expect(selection.warnings.count == 1)
        #expect(String(decoding: selection.bytes ?? [], as: UTF8.self).components(separatedBy: "document:").count == 2)
    }

    private static func described(_ artifacts: String...) -> String {
        "---\ndocument: modulemd\nversion: 2\ndata:\n  name: perl\n  stream: '5'\n  version: 1\n  context: c\n  arch: x86_64\n"
            + "  summary: s\n  description: d\n  license: {module: [MIT]}\n  artifacts:\n    rpms:\n"
            + artifacts.map { "    - \($0)\n" }.joined() + "...\n"
    }

    @Test("in a view the first repository that has defaults for a module gives them, however old they are")
    func firstDefaults() throws {
        func defaults(_ module: String, _ stream: String, _ modified: Int) -> String {
            "---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: \(module)\n  stream: '\(stream)'\n  modified: \(modified)\n...\n"
        }
        let files = try [defaults("perl", "5", 1), defaults("perl", "6", 2) + defaults("node", "18", 1)].map {
            try ModuleFile(Array($0.utf8), file: "m")
        }
        let kept = RepositoryUnion.oneDefaults(files).flatMap(\.documents)
        #expect(kept.map(\.module) == ["perl", "node"] && kept[0].modified == 1)
    }

    @Test(
        "modules of a distribution and of its updates unite: every build once, one document of defaults a module",
        .enabled(if: Fixtures.arePresent))
    func distribution() throws {
        let files = try ["f29.yaml", "f29-updates.yaml"].map { name in
            try ModuleFile(Files.read(Fixtures.path("libmodulemd/modulemd/tests/test_data/\(name)")), file: name)
        }
        let selection = try ModuleSelection(RepositoryUnion.oneDefaults(files)) { _, _ in true }
        let united = try ModuleFile(try #require(selection.bytes), file: "united")
        let builds = united.documents.filter { $0.kind == .stream }.map(\.build)
        #expect(Set(builds).count == builds.count)
        #expect(Set(builds) == Set(files.flatMap(\.documents).filter { $0.kind == .stream }.map(\.build)))
        let defaults = united.documents.filter { $0.kind == .defaults }.map(\.module)
        #expect(Set(defaults).count == defaults.count && !defaults.isEmpty)
        #expect(selection.droppedArtifacts.isDisjoint(with: selection.keptArtifacts))
    }

    @Test("scalars are text: 2.10 is not 2.1, and a context keeps its zeros")
    func scalars() throws {
        let file = try ModuleFile(Files.read(Fixtures.path("hostile/yaml/stream_float_2.10.yaml")), file: "m")
        #expect(file.documents.first?.build == "perl:5.30:20200101:00000001:x86_64")
        #expect(try ModuleFile(Array(minimal.utf8), file: "m").documents[0].stream == "2.10")
    }

    @Test(
        "what a client would trip over is refused with its line",
        arguments: [
            ("document: modulemd\nversion: 2\ndata: [\n", "line 1"),
            ("---\ndocument: modulemd\ndata: {name: a, stream: b}\n", "without `version`"),
            ("---\nversion: 2\n", "without `document`"),
            ("---\ndocument: modulemd\nversion: 2\ndata: {name: a}\n", "names no stream"),
            ("---\ndocument: modulemd-defaults\nversion: 1\ndata: {stream: a}\n", "names no module"),
            (
                "---\ndocument: modulemd\nversion: 2\ndata:\n  name: a\n  stream: b\n  artifacts:\n    rpms:\n    - [x]\n",
                "line 9"
            ),
        ])
    func refused(_ text: String, _ words: String) throws {
        let problem = try #require(problem { _ = try ModuleFile(Array(text.utf8), file: "m") })
        #expect(problem.code == .malformed)
        #expect(problem.message.contains(words), "\(problem)")
    }

    @Test("hostile and broken files are refused, none ends the process")
    func hostile() throws {
        #expect(
            problem { _ = try ModuleFile(Files.read(Fixtures.path("hostile/yaml/alias_bomb.yaml")), file: "m") }?.code
                == .malformed)
        let folder = Fixtures.path("libmodulemd/modulemd/tests/test_data")
        var read = 0
        for name in try Files.walk(folder) where name.hasSuffix(".yaml") {
            if let problem = problem({ _ = try ModuleFile(Files.read("\(folder)/\(name)"), file: name) }) {
                #expect(problem.code == .malformed, "\(name) \(problem)")
            } else {
                read += 1
            }
        }
        #expect(read > 40)
    }

    @Test("libmodulemd, which dnf reads with, finds in a filtered file what was kept")
    func libmodulemd() throws {
        let file = try file("f29.yaml")
        let selection = try ModuleSelection([file]) { module, _ in module == "perl" || module == "nodejs" }
        let directory = try TemporaryDirectory("modules")
        let path = try directory.write(try #require(selection.bytes), to: "modules.yaml")
        // By the repository's own tool: a repository without packages that has these modules.
        try Subprocess.run(["createrepo_c", "--quiet", directory.path]).checked()
        try Subprocess.run(["modifyrepo_c", "--mdtype=modules", path, directory.path("repodata")]).checked()
        let listed = try Subprocess.run(
            [
                "dnf", "--quiet", "--repofrompath=m,file://\(directory.path)", "--repoid=m", "--releasever=29",
                "--installroot=\(directory.path("root"))", "--setopt=cachedir=\(directory.path("cache"))",
                "--setopt=module_platform_id=platform:f29", "--setopt=gpgcheck=0", "module", "list", "--all",
            ]
        ).checked().stdout
        let names = Set(listed.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
        #expect(names.isSuperset(of: Set(selection.streams.map { String($0.split(separator: ":")[0]) })), "\(listed)")
        #expect(!names.contains("testmodule"))
    }
}
