import Basics
import TestSupport
import Testing

@testable import PyPI

@Suite("The dependency closure and what clients resolve")
struct ClosureClientTests {
    /// Numbers that are the same in every run (SplitMix64).
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
    }

    private struct Case {
        var packages: [PythonPackage] = []
        var roots: [String] = []
    }

    /// A few projects that require each other in ways that often contradict.
    private func makeCase(_ seed: Int, withPythons: Bool = false) -> Case {
        var dice = Dice(state: UInt64(seed))
        let names = (0..<Int.random(in: 3...6, using: &dice)).map { "s\(seed)p\($0)" }
        let versions = names.map { _ in
            (1...Int.random(in: 1...5, using: &dice)).map { dice.chance(10) ? "\($0).0b1" : "\($0).0" }
        }
        func requirement() -> String {
            let index = Int.random(in: names.indices, using: &dice)
            let version = versions[index].randomElement(using: &dice) ?? "1.0"
            let clause = ["", "", ">=\(version)", "<\(version)", "==\(version)", "!=\(version)"]
            return names[index] + (dice.chance(10) ? "[e]" : "") + (clause.randomElement(using: &dice) ?? "")
        }
        var result = Case()
        for (name, versions) in zip(names, versions) {
            for version in versions {
                let requires = (0..<Int.random(in: 0...2, using: &dice)).map { _ in
                    requirement() + (dice.chance(10) ? " ; extra == 'e'" : "")
                }
                var package = PythonPackage(name, version, requires: requires, extras: ["e"])
                if withPythons, dice.chance(50) { package.requiresPython = pythons.randomElement(using: &dice) }
                result.packages.append(package)
            }
        }
        result.roots = (0..<Int.random(in: 1...3, using: &dice)).map { _ in requirement() }
        return result
    }

    /// Requires-Python as it is seen, for 3.11 and against it.
    private let pythons = [">=3.7,<3.11", ">=3.8", ">=3.12", "<3.11", ">=3.7,<3.12", "!=3.11.*", ">=3.9,<4"]

    /// `name version` of lines `name==version`.
    private func releases(_ lines: String) -> [String] {
        lines.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "#")[0].split(separator: "==")
            guard parts.count == 2, let name = parts[0].split(separator: "[").first else { return nil }
            return "\(name) \(parts[1])".trimmed
        }
    }

    @Test("what uv takes in spite of an upper bound of Requires-Python is mirrored, and no error because of pip")
    func upperBounds() throws {
        let filter = "filter: {dependencies: true, latest: 1, python: [3.11], platforms: [manylinux_2_17_x86_64]}"
        let site = try PyPISite(
            ["projects: [zz, yy]", filter],
            packages: [
                PythonPackage("zz", "1.0"), PythonPackage("zz", "2.0", requiresPython: ">=3.7,<3.11"),
                PythonPackage("yy", "1.0", requiresPython: ">=3.7,<3.11"),
            ])
        let answer = try site.sync()
        #expect("\(answer)".contains("'yy' is met on 3.11"), "\(answer)")
        #expect(try site.page("zz")["versions"] as? [String] == ["1.0", "2.0"])
        let nginx = try site.nginx()
        let (uv, pip) = (try PythonClient(.uv), try PythonClient(.pip))
        try uv.install("\(nginx.url)/python/simple/", "zz", "yy").checked()
        #expect(try uv.installed() == ["yy 1.0", "zz 2.0"])
        try pip.install("\(nginx.url)/python/simple/", "zz").checked()
        #expect(try pip.installed() == ["zz 1.0"])
    }

    @Test(
        "what uv and pip resolve of random indexes is kept, with and without bounds on Python",
        arguments: [false, true])
    func random(withPythons: Bool) throws {
        let upstream = try PyPIUpstream(form: .html)
        let cases = (withPythons ? 1...48 : 1...24).map { makeCase($0, withPythons: withPythons) }
        try upstream.add(cases.flatMap(\.packages))
        try upstream.publish()
        let server = try LoopbackServer(root: upstream.root)
        defer { server.stop() }
        let (uv, pip) = (try PythonClient(.uv), try PythonClient(.pip))
        var solved = 0
        for (number, test) in cases.enumerated() {
            let shelf = Shelf()
            for package in test.packages {
                try shelf.add(
                    "\(package.name)-\(package.version)-py3-none-any.whl", package.name, needs: package.requires,
                    python: package.requiresPython)
            }
            let result = try shelf.closure(test.roots, python: "3.11")
            let kept = Set(result.releases)
            let compiled = try uv.compile("\(server.url)/simple/", test.roots.joined(separator: "\n") + "\n")
            #expect((compiled.status == 0) == result.unsolved.isEmpty, "\(test.roots): \(compiled.report)")
            let wanted = Set(compiled.status == 0 ? releases(compiled.stdout) : [])
            #expect(wanted.isSubset(of: kept), "case \(number + 1), \(test.roots): uv wants \(wanted), kept is \(kept)")
            solved += compiled.status == 0 ? 1 : 0
            guard number < 8 else { continue }
            let words = ["install", "--dry-run", "--ignore-installed", "--no-cache-dir", "--index-url"]
            let installed = try pip.run(words + ["\(server.url)/simple/"] + test.roots)
            let line = installed.stdout.split(separator: "\n").last { $0.hasPrefix("Would install ") } ?? ""
            for word in line.dropFirst("Would install ".count).split(separator: " ") {
                let release = word.split(separator: "-").joined(separator: " ")
                #expect(kept.contains(release), "case \(number + 1), \(test.roots): pip wants \(release)")
            }
        }
        #expect(solved >= 8, "\(solved)")
    }
}
