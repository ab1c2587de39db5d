import Foundation
import TestSupport
import Testing

@Suite("Mirrors read by pip and uv")
struct ClientTests {
    @Test("pip of three ages and uv install from a mirror of JSON and of HTML", arguments: [true, false])
    func install(json: Bool) throws {
        let site = try PyPISite(
            form: json ? .json : .html,
            packages: [
                PythonPackage("alpha", "1.0"), PythonPackage("alpha", "2.0", requiresPython: ">=3.8"),
                PythonPackage("Weird.Name_x", "1.0", requires: ["alpha>1"], hasSource: true),
                PythonPackage("from-source", "1.5", tags: [], hasSource: true),
            ])
        try site.sync()
        try site.sync("unchanged")
        let nginx = try site.nginx()
        for tool in PythonClient.Tool.allCases {
            let client = try PythonClient(tool)
            let result = try client.install("\(nginx.url)/python/simple/", "weird-name-x", "from-source")
            #expect(result.status == 0, "\(result.report)")
            #expect(try client.installed() == ["alpha 2.0", "from_source 1.5", "weird_name_x 1.0"], "\(tool)")
        }
        #expect(try nginx.errorLog == "")
    }
}

extension ClientTests {
    @Test(
        "clients resolve from metadata alone: no wheel is fetched to learn what it needs",
        arguments: [PythonClient.Tool.pip, .uv])
    func metadataFirst(tool: PythonClient.Tool) throws {
        let site = try PyPISite(packages: [
            PythonPackage("app", "1.0", requires: ["lib<2"]), PythonPackage("lib", "1.0"), PythonPackage("lib", "2.0"),
        ])
        try site.sync()
        let nginx = try site.nginx()
        let client = try PythonClient(tool)
        if tool == .uv {
            let compiled = try client.compile("\(nginx.url)/python/simple/", "app\n", "--generate-hashes").checked()
                .stdout
            let hash = try #require(try site.pageFiles("lib")[0]["hashes"] as? [String: String])["sha256"]
            #expect(compiled.contains("lib==1.0") && compiled.contains("--hash=sha256:\(hash ?? "-")"))
        } else {
            try client.run(
                [
                    "install", "--dry-run", "--no-cache-dir", "--index-url", "\(nginx.url)/python/simple/", "--target",
                    client.target, "app",
                ]
            ).checked()
        }
        let log = try nginx.accessLog
        #expect(log.contains { $0.contains(".whl.metadata 200") }, "\(log)")
        if tool == .uv { #expect(!log.contains { $0.contains(".whl 200") }, "\(log)") }
        #expect(try nginx.errorLog == "")
    }

    @Test("yanked files are taken only where they are pinned; Requires-Python keeps others away")
    func yanked() throws {
        let site = try PyPISite(packages: [
            PythonPackage("alpha", "1.0"), PythonPackage("alpha", "2.0"),
            PythonPackage("alpha", "3.0", requiresPython: ">=4"),
        ])
        try site.change { $0.edit("alpha", "alpha-2.0-py3-none-any.whl") { $0.yanked = "broken" } }
        try site.sync()
        let nginx = try site.nginx()
        for tool in PythonClient.Tool.allCases {
            let client = try PythonClient(tool)
            try client.install("\(nginx.url)/python/simple/", "alpha").checked()
            #expect(try client.installed() == ["alpha 1.0"], "\(tool)")
            try client.forget()
            let pinned = try client.install("\(nginx.url)/python/simple/", "alpha==2.0").checked()
            #expect(
                try client.installed() == ["alpha 2.0"] && (pinned.stdout + pinned.stderr).contains("broken"),
                "\(pinned.report)")
            try client.forget()
            #expect(try client.install("\(nginx.url)/python/simple/", "alpha==3.0").status != 0)
        }
    }

    @Test("uv goes back in time by upload times")
    func excludeNewer() throws {
        let site = try PyPISite(packages: [PythonPackage("alpha", "1.0"), PythonPackage("alpha", "2.0")])
        try site.change { upstream in
            for (version, year) in [("1.0", 2020), ("2.0", 2024)] {
                upstream.edit("alpha", "alpha-\(version)-py3-none-any.whl") {
                    $0.uploadTime = "\(year)-01-01T00:00:00.000000Z"
                }
            }
        }
        try site.sync()
        let nginx = try site.nginx()
        let client = try PythonClient(.uv)
        let compiled = try client.compile(
            "\(nginx.url)/python/simple/", "alpha\n", "--exclude-newer", "2022-01-01T00:00:00Z"
        ).checked()
        #expect(compiled.stdout.contains("alpha==1.0"), "\(compiled.report)")
    }

    @Test("pip download finds what other platforms need")
    func foreign() throws {
        let tags = ["cp310-cp310-win_amd64", "cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-macosx_11_0_arm64"]
        let site = try PyPISite(packages: [PythonPackage("alpha", "1.0", tags: tags)])
        try site.sync()
        let nginx = try site.nginx()
        for tag in tags {
            let parts = tag.split(separator: "-").map(String.init)
            let client = try PythonClient(.pip)
            try client.download(
                "\(nginx.url)/python/simple/", "--only-binary=:all:", "--platform", parts[2], "--python-version",
                String(parts[0].dropFirst(2)), "alpha"
            ).checked()
            #expect(try client.downloaded() == ["alpha-1.0-\(tag).whl"])
        }
    }
}
