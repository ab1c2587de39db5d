import Basics
import Testing

@testable import PyPI

@Suite("The dependency closure")
struct ClosureTests {
    @Test("the newest version is kept, and what it needs")
    func newest() throws {
        let shelf = Shelf()
        try shelf.add("a 1.0", needs: ["old"])
        try shelf.add("a 2.0", needs: ["b>=1", "c; sys_platform == 'win32'", "d; extra == 'x'"])
        for release in ["b 1.0", "b 1.5", "c 1", "d 1", "old 1", "unrelated 1"] { try shelf.add(release) }
        let result = try shelf.closure(["a"])
        #expect(result.releases == ["a 2.0", "b 1.5"])
        #expect(try shelf.closure(["a[X]"], platforms: ["win_amd64"]).releases == ["a 2.0", "b 1.5", "c 1", "d 1"])
        #expect(result.unmet.isEmpty && result.unsolved.isEmpty && result.failures.isEmpty)
        #expect(result.kept[1].why == ["roots: a", "a 2.0 needs b>=1"])
        #expect(!shelf.askedProjects.contains { $0.text == "old" }, "nothing is asked for in vain")
    }

    @Test("without a limit all versions that requirements allow are kept, with what each needs")
    func all() throws {
        let shelf = Shelf()
        try shelf.add("a 1.0", needs: ["b<2"])
        try shelf.add("a 2.0", needs: ["b>=2"])
        for release in ["b 1.0", "b 1.5", "b 2.0", "b 3.0rc1"] { try shelf.add(release) }
        #expect(try shelf.closure(["a"], latest: nil).releases == ["a 1.0", "a 2.0", "b 1.0", "b 1.5", "b 2.0"])
        #expect(try shelf.closure(["a"], latest: 2).releases == ["a 1.0", "a 2.0", "b 1.0", "b 1.5", "b 2.0"])
    }

    @Test("requirements that hold together keep what they allow together")
    func together() throws {
        let shelf = Shelf()
        try shelf.add("x 1", needs: ["foo<2", "foo!=1.9"])
        try shelf.add("y 1", needs: ["foo!=1.8"])
        for version in ["1.7", "1.8", "1.9", "2.0"] { try shelf.add("foo \(version)") }
        let result = try shelf.closure(["x", "y"])
        #expect(result.releases.contains("foo 1.7"))
        // Each alone allows these.
        #expect(result.releases == ["foo 1.7", "foo 1.8", "foo 1.9", "foo 2.0", "x 1", "y 1"])
    }

    @Test("where the newest versions contradict each other, what clients go back to is kept")
    func backtracking() throws {
        let shelf = Shelf()
        try shelf.add("a 1")
        try shelf.add("a 2")
        try shelf.add("b 1", needs: ["a<2"])
        for version in 2...9 { try shelf.add("b \(version)", needs: ["a<1"]) }
        let result = try shelf.closure(["a", "b"])
        #expect(result.releases == ["a 1", "a 2", "b 1", "b 9"])
        #expect(result.unmet.map(\.requirement) == ["a<1"])
        #expect(result.unmet[0].neededBy == ["roots: b", "b 9 needs a<1"])
        #expect(result.unsolved.isEmpty)
    }

    @Test("a version that needs another one of its own project is none for uv")
    func selfish() throws {
        let shelf = Shelf()
        try shelf.add("a 1")
        try shelf.add("a 2", needs: ["b"])
        try shelf.add("a 3", needs: ["a==1"])
        try shelf.add("b 1")
        #expect(try Set(["a 2", "b 1"]).isSubset(of: shelf.closure(["a"]).releases))
    }

    @Test("a pin of the roots beats the newest, and constraints bound what others ask for")
    func pins() throws {
        let shelf = Shelf()
        try shelf.add("x 1", needs: ["foo", "bar"])
        for version in 1...3 {
            try shelf.add("foo \(version)")
            try shelf.add("bar \(version)")
        }
        let result = try shelf.closure(["foo==1", "x"], constraints: ["bar<3", "never"])
        #expect(result.releases == ["bar 2", "foo 1", "x 1"])
    }

    @Test("pre-releases are taken if they are asked for or there is nothing else")
    func preReleases() throws {
        let shelf = Shelf()
        for release in ["a 1.0", "a 2.0b1", "b 1.0a1", "b 1.0a2"] { try shelf.add(release) }
        #expect(try shelf.closure(["a", "b"]).releases == ["a 1.0", "b 1.0a2"])
        #expect(try shelf.closure(["a>=1.0a1"]).releases == ["a 1.0", "a 2.0b1"])
        #expect(try shelf.closure(["a>=1.5"]).releases == ["a 2.0b1"])
        #expect(try shelf.closure(["a"], takesPreReleases: true).releases == ["a 2.0b1"])
    }

    @Test("each target gets the wheel that it prefers, and a source distribution only where none fits")
    func files() throws {
        let shelf = Shelf()
        let wheels = [
            "cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_39_x86_64", "py3-none-any",
            "cp312-cp312-win_amd64",
        ]
        for tag in wheels { try shelf.add("a-1-\(tag).whl", "a") }
        try shelf.add("a-1.tar.gz", "a")
        try shelf.add("b-1-cp312-cp312-win_amd64.whl", "b")
        try shelf.add("b-2.tar.gz", "b", build: ["hatchling>=1"])
        try shelf.add("b-2-cp39-cp39-win_amd64.whl", "b")
        try shelf.add("hatchling 3", needs: ["pluggy"])
        try shelf.add("pluggy 1")
        let result = try shelf.closure(["a", "b"], platforms: ["manylinux_2_28_x86_64", "win_amd64"])
        #expect(
            result.filenames == [
                "a-1-cp312-cp312-manylinux_2_17_x86_64.whl", "a-1-cp312-cp312-win_amd64.whl",
                // The newest that needs no building, too.
                "b-1-cp312-cp312-win_amd64.whl", "b-2.tar.gz", "hatchling-3-py3-none-any.whl",
                "pluggy-1-py3-none-any.whl",
            ])
        let build = try need(result.kept.first { $0.file.project.text == "pluggy" })
        #expect(build.why == ["roots: b; building b-2.tar.gz: hatchling>=1", "hatchling 3 needs pluggy"])
    }

    @Test("what nobody can say or satisfy is named with who needs it")
    func unmet() throws {
        let shelf = Shelf()
        try shelf.add("a 1", needs: ["missing>=1", "url @ https://h.invalid/url-1.tar.gz", "broken", "s"])
        try shelf.add("s-1.tar.gz", "s", build: nil)
        shelf.broken = ["broken"]
        let result = try shelf.closure(["a"])
        #expect(result.unmet.contains { $0.requirement == "missing>=1" && $0.neededBy.last == "a 1 needs missing>=1" })
        #expect(result.unmet.contains { $0.requirement.hasPrefix("url @") })
        #expect(result.unmet.contains { $0.requirement == "s-1.tar.gz" && $0.reason.contains("built") })
        #expect(result.failures == [ChantalError(.network, "")])
        #expect(result.unsolved.count == 1 && result.unsolved[0].places == ["roots"])
    }

    @Test("a yanked version is taken only for a requirement that names it")
    func yanked() throws {
        let shelf = Shelf()
        try shelf.add("a 1")
        try shelf.add("a-2-py3-none-any.whl", "a", isYanked: true)
        #expect(try shelf.closure(["a"]).releases == ["a 1"])
        #expect(try shelf.closure(["a==2"]).releases == ["a 2"])
        #expect(try shelf.closure(["a==2.*"]).releases.isEmpty)
    }

    @Test("Requires-Python decides, and both a first and a late patch release are served")
    func pythons() throws {
        let shelf = Shelf()
        try shelf.add("a-1-py3-none-any.whl", "a", python: ">=3.8")
        try shelf.add("a-2-py3-none-any.whl", "a", python: ">=3.12.3")
        try shelf.add("a-3-py3-none-any.whl", "a", python: ">=3.13")
        try shelf.add("b 1", needs: ["c; python_full_version < '3.12.2'"])
        try shelf.add("c 1")
        #expect(try shelf.closure(["a"]).releases == ["a 1", "a 2"])
        #expect(try shelf.closure(["a"], python: "3.12.1").releases == ["a 1"])
        #expect(try shelf.closure(["b"]).releases == ["b 1", "c 1"])
        #expect(try shelf.closure(["b"], python: "3.12.7").releases == ["b 1"])
    }

    @Test("uv passes over upper bounds of Requires-Python: what it takes is kept beside what pip takes")
    func upperBounds() throws {
        let shelf = Shelf()
        try shelf.add("a-1-py3-none-any.whl", "a")
        try shelf.add("a-2-py3-none-any.whl", "a", python: ">=3.7,<3.11")
        try shelf.add("a-3-py3-none-any.whl", "a", needs: ["b"], python: ">=3.7,<3.12")
        try shelf.add("a-4-py3-none-any.whl", "a", python: ">=3.13")
        try shelf.add("b 1")
        #expect(try shelf.closure(["a"]).releases == ["a 1", "a 3", "b 1"])
        #expect(try shelf.closure(["a"], python: "3.11").releases == ["a 3", "b 1"])
        #expect(try shelf.closure(["a"], latest: nil).releases == ["a 1", "a 3", "b 1"])
        let result = try shelf.closure(["a>=2"])
        #expect(result.releases == ["a 3", "b 1"] && result.unmet.isEmpty && result.unsolved.isEmpty)
        #expect(result.doubtful.map(\.requirement) == ["a>=2"])
        #expect(try shelf.closure(["a>=4"]).unmet.map(\.requirement) == ["a>=4"])
    }

    @Test(
        "the lower bound of Requires-Python is what uv reads, as uv itself was seen to",
        arguments: [
            (">=3.7,<3.11", true), ("==3.9.*", true), ("<3.0", true), (">=3.12,<3.5", true), (">3.11", true),
            ("~=3.9", true), ("!=3.11.*", true), (">=3.7,!=3.7.*,!=3.8.*,!=3.9.*,!=3.10.*,!=3.11.*", false),
            (">=3.11.5", true), (">=3.12", false), (">3.11.7", false), ("==3.11", true), (">3.9,<3.11", true),
            ("<=3.11.1", true), (">=3.11rc1", true), ("===3.9", true), (">=3.11.7,!=3.11.7", false), ("", true),
        ])
    func lowerBounds(text: String, isTaken: Bool) throws {
        #expect(RequiresPython(text).allowsBelow(try need(Version("3.11.7"))) == isTaken)
    }

    @Test("a root with hashes takes only files that have one of them")
    func hashes() throws {
        let shelf = Shelf()
        let checksums = try (0..<2).map { try need(Checksum(.sha256, bytes: Array(repeating: UInt8($0), count: 32))) }
        try shelf.add("a-1-py3-none-any.whl", "a", checksums: [checksums[0]])
        try shelf.add("a-1.tar.gz", "a", checksums: [checksums[1]])
        let root = ClosureGroup.Root(try Requirement("a==1"), hashes: [checksums[1]], place: "r.txt:1")
        let target = try need(Target(python: "3.12", platform: try need(TargetPlatform("win_amd64"))))
        let request = ClosureRequest(groups: [ClosureGroup(roots: [root])], targets: [target], latest: 1)
        #expect(try DependencyClosure.run(request, provider: shelf).filenames == ["a-1.tar.gz"])
    }

    @Test("loops end, and extras of a project upon itself are followed")
    func loops() throws {
        let shelf = Shelf()
        try shelf.add("a 1", needs: ["b", "a[y]; extra == 'x'", "d; extra == 'y'"])
        try shelf.add("b 1", needs: ["a[x]"])
        try shelf.add("d 1", needs: ["a", "b"])
        #expect(try shelf.closure(["a"]).releases == ["a 1", "b 1", "d 1"])
    }

    @Test("the answer does not depend on the order in which an index names files or roots")
    func determinism() throws {
        func result(_ isReversed: Bool) throws -> [String] {
            let shelf = Shelf()
            var releases = (1...6).flatMap { a in (1...6).map { "p\(a) 1.\($0)" } }
            if isReversed { releases.reverse() }
            for release in releases {
                let next = (release.utf8.dropFirst().first ?? 0) - 0x30 + 1
                try shelf.add(release, needs: next <= 6 ? ["p\(next)!=1.\(next)", "p\(next)<1.6"] : [])
            }
            let roots = ["p1", "p2>=1.2", "p3"]
            let result = try shelf.closure(isReversed ? roots.reversed() : roots)
            return result.kept.map { "\($0.file.filename)" }
        }
        #expect(try result(false) == result(true))
    }

    @Test("a chain of 300 projects with 30 versions each is no burden")
    func size() throws {
        let shelf = Shelf()
        for project in 0..<300 {
            for version in 0..<30 {
                try shelf.add(
                    "p\(project) \(version)", needs: project < 299 ? ["p\(project + 1)>=\(version)", "p0"] : [])
            }
        }
        let result = try shelf.closure(["p0"])
        #expect(result.kept.count == 300 && result.unsolved.isEmpty)
    }
}
