import TestSupport
import Testing

@Suite("The newest versions of an index")
struct LatestTests {
    private static let linux = "manylinux_2_17_x86_64"

    private func check(
        _ site: PyPISite, _ filter: String, _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        site.section = ["projects: [alpha]", "filter: {\(filter)}"]
        try site.configure()
        let answer = try site.chantal("sync")
        #expect(answer.status == 0, "\(answer)", sourceLocation: sourceLocation)
        #expect(try site.page("alpha")["versions"] as? [String] == expected, sourceLocation: sourceLocation)
    }

    @Test("yanked versions do not count toward latest, and are there where they are named or there is nothing else")
    func yanked() throws {
        let site = try PyPISite(packages: ["1.0", "2.0", "3.0a1"].map { PythonPackage("alpha", $0) })
        try site.change { $0.edit("alpha", "alpha-2.0-py3-none-any.whl") { $0.yanked = "bad" } }
        let target = "python: [3.11], platforms: [\(LatestTests.linux)]"
        try check(site, "latest: 1, \(target)", ["1.0"])
        try check(site, "latest: 1", ["1.0"])
        try check(site, "latest: 2", ["1.0"])
        try check(site, target, ["1.0", "2.0"])
        try check(site, "yanked: false", ["1.0"])
        try check(site, "latest: 1, prereleases: true", ["3.0a1"])
        try check(site, "latest: 1, exclude: ['alpha<2']", ["3.0a1"])
        try check(site, "latest: 1, exclude: ['alpha!=2.0']", ["2.0"])
        site.section = ["projects: [alpha, 'alpha==2.0']", "filter: {latest: 1}"]
        try site.configure()
        try site.sync()
        #expect(try site.page("alpha")["versions"] as? [String] == ["1.0", "2.0"])
    }

    @Test("a version of which one file is yanked is still a version")
    func partlyYanked() throws {
        let site = try PyPISite(packages: [
            PythonPackage("alpha", "1.0"), PythonPackage("alpha", "2.0", hasSource: true),
        ])
        try site.change { $0.edit("alpha", "alpha-2.0-py3-none-any.whl") { $0.yanked = "" } }
        try check(site, "latest: 1", ["2.0"])
    }

    @Test("pre-releases are taken where a target has nothing else, whatever others have")
    func perTarget() throws {
        let site = try PyPISite(packages: [
            PythonPackage("alpha", "1.0", requiresPython: ">=3.10"), PythonPackage("alpha", "2.0a1"),
        ])
        try check(site, "python: [3.9, 3.11]", ["1.0", "2.0a1"])
        try check(site, "latest: 1, python: [3.9, 3.11]", ["1.0", "2.0a1"])
        try check(site, "latest: 1, python: [3.11]", ["1.0"])
        try check(site, "latest: 1, python: [3.9]", ["2.0a1"])
    }

    @Test("the first and a late patch release of a Python each have their newest version")
    func patches() throws {
        let site = try PyPISite(packages: [
            PythonPackage("alpha", "1.0"), PythonPackage("alpha", "2.0", requiresPython: ">=3.11.4"),
        ])
        try check(site, "latest: 1, python: [3.11]", ["1.0", "2.0"])
        try check(site, "latest: 1, python: [3.11.9]", ["2.0"])
    }

    @Test(
        "pip and uv install from the mirror of the newest what each does from upstream, however it reads Requires-Python",
        arguments: [">=3.7,<3.8", "!=3.11.*", ">=3.99", ">=4,<3", "garbage"])
    func readings(requires: String) throws {
        let site = try PyPISite(
            form: .html, packages: [PythonPackage("alpha", "1.0"), PythonPackage("alpha", "2.0")])
        try site.change { $0.edit("alpha", "alpha-2.0-py3-none-any.whl") { $0.requiresPython = requires } }
        let upstream = try [PythonClient.Tool.pip, .uv].map {
            try LatestTests.installed($0, "\(site.server.url)/simple/")
        }
        for filter in ["latest: 1, python: [3.11]", "python: [3.11]"] {
            site.section = ["filter: {\(filter)}"]
            try site.configure()
            #expect(try site.chantal("sync").status == 0)
            let nginx = try site.nginx()
            let mirrored = try [PythonClient.Tool.pip, .uv].map {
                try LatestTests.installed($0, "\(nginx.url)/python/simple/")
            }
            #expect(mirrored == upstream, "\(filter)")
        }
    }

    private static func installed(_ tool: PythonClient.Tool, _ index: String) throws -> [String] {
        let client = try PythonClient(tool)
        let result = try client.install(index, "--python-version", "3.11", "--only-binary", ":all:", "alpha")
        #expect(result.status == 0, "\(result.report)")
        return try client.installed()
    }

    @Test("what pip and uv install from upstream they install from the mirror of the newest")
    func clients() throws {
        let site = try PyPISite(
            ["filter: {latest: 1, python: [3.11], platforms: [\(LatestTests.linux)]}"],
            packages: ["1.0", "2.0", "3.0a1"].map { PythonPackage("alpha", $0) })
        try site.change { $0.edit("alpha", "alpha-2.0-py3-none-any.whl") { $0.yanked = "bad" } }
        try site.sync()
        let nginx = try site.nginx()
        for tool in [PythonClient.Tool.pip, .uv] {
            let client = try PythonClient(tool)
            let result = try client.install("\(nginx.url)/python/simple/", "alpha")
            #expect(result.status == 0, "\(result.report)")
            #expect(try client.installed() == ["alpha 1.0"])
        }
    }
}
