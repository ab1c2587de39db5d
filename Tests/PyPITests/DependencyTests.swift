import Foundation
import TestSupport
import Testing

@testable import PyPI

@Suite("Dependencies of requirements")
struct DependencyTests {
    private static let linux = "manylinux_2_17_x86_64"

    private func site(_ section: [String] = ["requirements: requirements.txt"], latest: Int? = 1, extra: String = "")
        throws -> PyPISite
    {
        let linux = DependencyTests.linux
        var packages = [
            PythonPackage(
                "app", "1.0",
                requires: ["lib>=1", "win-only; sys_platform == 'win32'", "old-python; python_version < '3.10'"]),
            PythonPackage(
                "app", "2.0",
                requires: [
                    "lib>=1", "fast[speed]>=1", "win-only; sys_platform == 'win32'",
                    "old-python; python_version < '3.10'",
                ]),
            PythonPackage(
                "fast", "1.0", requires: ["turbo; extra == 'speed'", "never; extra == 'other'"],
                tags: ["cp311-cp311-\(linux)", "cp311-cp311-win_amd64", "cp312-cp312-\(linux)"],
                extras: ["speed", "other"]),
            PythonPackage("turbo", "0.1"), PythonPackage("never"), PythonPackage("win-only"),
            PythonPackage("old-python"),
            PythonPackage("pinned", "1.0", requires: ["lib<2"]), PythonPackage("unrelated"),
            PythonPackage(
                "sourced", "1.0", requires: ["turbo"], tags: [], hasSource: true, buildRequires: ["builder>=1"]),
            PythonPackage("builder", "1.5"), PythonPackage("both", "1.0", hasSource: true),
        ]
        packages += ["1.0", "1.5", "2.0"].map { PythonPackage("lib", $0) }
        let latestText = latest.map { "latest: \($0), " } ?? ""
        let filter = "filter: {dependencies: true, \(latestText)python: [3.11], platforms: [\(linux)]\(extra)}"
        let site = try PyPISite(section + [filter], packages: packages)
        try site.home.write("app\npinned\nsourced\nboth\n", to: "requirements.txt")
        return site
    }

    @Test("latest: 1 holds what pip and uv resolve from upstream themselves, and nothing that no requirement leads to")
    func closure() throws {
        let site = try site()
        try site.sync()
        let projects = try site.paths().filter { $0.hasPrefix("simple/") && $0.hasSuffix("/index.html") }
            .map { $0.dropFirst("simple/".count).dropLast("/index.html".count) }
        #expect(
            projects.filter { !$0.isEmpty && $0 != "ndex.html" && $0 != "index.html" }.map(String.init).sorted()
                == ["app", "both", "builder", "fast", "lib", "pinned", "sourced", "turbo"])
        #expect(try site.page("app")["versions"] as? [String] == ["2.0"])
        #expect(try Set(site.filenames("lib")) == ["lib-1.5-py3-none-any.whl", "lib-2.0-py3-none-any.whl"])
        #expect(try site.filenames("fast") == ["fast-1.0-cp311-cp311-\(DependencyTests.linux).whl"])
        // A source distribution only where no wheel fits.
        #expect(try site.filenames("both") == ["both-1.0-py3-none-any.whl"])
        #expect(try site.filenames("sourced") == ["sourced-1.0.tar.gz"])
        try site.sync("unchanged")
        let nginx = try site.nginx()
        let upstream = try NginxServer(root: site.upstream.root)
        try site.home.write("app\npinned\nsourced\nboth\n", to: "wanted.txt")
        for tool in [PythonClient.Tool.pip, .uv] {
            let (mine, theirs) = (try PythonClient(tool), try PythonClient(tool))
            let words = tool == .uv ? ["-r", site.home.path("wanted.txt")] : ["-r", site.home.path("wanted.txt")]
            #expect(try mine.install("\(nginx.url)/python/simple/", words[0], words[1]).checked().status == 0)
            try theirs.install("\(upstream.url)/simple/", words[0], words[1]).checked()
            #expect(try mine.installed() == theirs.installed(), "\(tool)")
        }
    }

    @Test("packages that come in to learn what they need are counted")
    func counts() throws {
        // Without metadata beside them, wheels themselves have to tell.
        let site = try PyPISite(
            ["projects: [app]", "filter: {dependencies: true, python: [3.11], platforms: [\(DependencyTests.linux)]}"],
            form: .html, packages: [PythonPackage("app", requires: ["lib"]), PythonPackage("lib")])
        let fetched = try #require(try site.sync().repository["fetched_files"] as? Int)
        #expect(try fetched >= site.paths().filter { $0.hasSuffix(".whl") }.count)
        #expect(try site.sync("unchanged").repository["fetched_files"] as? Int == 0)
    }

    @Test("a dry run does not say 0 bytes of files whose size nobody declares")
    func unknownSizes() throws {
        let site = try PyPISite(
            ["projects: [app, lib]"], form: .html, packages: [PythonPackage("app"), PythonPackage("lib")])
        let command = [try Project.chantal(), "--config", site.home.path("chantal.yaml"), "sync", "--dry-run"]
        let foretold = try Subprocess.run(command).checked()
        #expect((foretold.stdout + foretold.stderr).contains("of unknown size"), "\(foretold.report)")
    }

    @Test("show --why names the chain that brought a file in")
    func why() throws {
        let site = try site()
        try site.sync()
        let why = try #require(site.pageFiles("turbo")[0]["_why"] as? [String])
        #expect(why == ["requirements.txt:3: sourced", "sourced 1.0 needs turbo"])
        let state = try site.state()
        let package = try #require(try site.packages().first { $0.name == "turbo" })
        let description = try #require(try PyPIEcosystem.describe(package, in: state))
        #expect(description.why == [why.joined(separator: " → ")])
        #expect(!(try site.text("simple/turbo/index.v1_json")).contains(site.home.path))
    }

    @Test("a changed page of any project is seen; what nothing needs any more goes")
    func changes() throws {
        let site = try site()
        try site.sync()
        try site.change { try $0.add(PythonPackage("turbo", "0.2", requires: ["never"])) }
        try site.sync()
        #expect(try site.page("turbo")["versions"] as? [String] == ["0.2"])
        #expect(try site.filenames("never").count == 1)
        try site.home.write("lib<2\n", to: "requirements.txt")
        try site.sync()
        #expect(!site.isPublished("simple/turbo/index.html"))
        #expect(try site.page("lib")["versions"] as? [String] == ["1.5"])
    }

    @Test("a requirement that nothing satisfies is named, and is no success")
    func unmet() throws {
        let site = try site()
        try site.home.write("lib>=9\napp\n", to: "requirements.txt")
        let partial = try site.sync("partial")
        #expect(partial.errors.contains("lib"), "\(partial)")
        try site.home.write("app\nno-such-thing\n", to: "requirements.txt")
        #expect(try site.sync("partial").errors.contains("no-such-thing"))
    }

    @Test("what upstream does not give beside a wheel is read from the wheel", arguments: [true, false])
    func lostMetadata(isWrong: Bool) throws {
        let site = try site(extra: ", formats: [wheel]")
        try site.home.write("pinned\n", to: "requirements.txt")
        let name = "pinned-1.0-py3-none-any.whl"
        if isWrong {
            try site.change {
                $0.edit("pinned", name) { $0.metadata = String(repeating: "ab", count: 32) }
            }
        } else {
            site.server.fault("*/\(name).metadata", .status(404))
        }
        let partial = try site.sync("partial")
        #expect(partial.errors.contains("\(name).metadata cannot be fetched"), "\(partial)")
        #expect(!partial.errors.contains("cannot be installed"), "\(partial)")
        #expect(try site.filenames("pinned") == [name] && site.filenames("lib") == ["lib-1.5-py3-none-any.whl"])
        #expect(try site.pageFiles("pinned")[0]["core-metadata"] is [String: String])
    }

    @Test("a dependency under quarantine is named")
    func quarantined() throws {
        let site = try site()
        try site.home.write("pinned\n", to: "requirements.txt")
        try site.sync()
        try site.change { $0.edit("lib") { $0.status = "quarantined" } }
        let partial = try site.sync("partial")
        #expect("\(partial)".contains("the project lib under quarantine"), "\(partial)")
        #expect(try site.filenames("pinned").count == 1)
    }
}
