import Basics
import Foundation
import TestSupport
import Testing

@testable import PyPI

@Suite("Published pages")
struct PublishingTests {
    private func upload(
        _ site: PyPISite, _ project: String, _ name: String, _ change: (inout PyPIUpstream.File) -> Void
    ) throws {
        let files = site.upstream.projects[project]?.files ?? []
        let file = try #require(files.first { $0.filename.contains(name) })
        site.upstream.edit(project, file.filename, change)
    }

    @Test("HTML and JSON say what upstream said, escaped once and byte for byte")
    func fidelity() throws {
        let site = try PyPISite(
            ["public_url: http://127.0.0.1:1/py/"],
            packages: [
                PythonPackage("Weird.Name", "1.0", requiresPython: ">=3.8,<4"), PythonPackage("Weird.Name", "1.1"),
                PythonPackage("Weird.Name", "1.2"), PythonPackage("Weird.Name", "1.3+local.1", hasSource: true),
                PythonPackage("empty", "1.0", tags: []),
            ])
        try site.change { upstream in
            try upload(site, "weird-name", "1.0") { $0.yanked = "" }
            try upload(site, "weird-name", "1.1") { $0.yanked = "a \"b\" <c> & 'd' é" }
            try upload(site, "weird-name", "1.2") {
                $0.uploadTime = "2024-01-02T03:04:05.678901Z"
                $0.provenance = "../../files/provenance.json"
            }
            try Files.write("{\"version\": 1}", to: upstream.path("files/provenance.json"))
            upstream.edit("weird-name") {
                $0.status = "archived"
                $0.statusReason = "a & <b>"
            }
        }
        try site.sync()
        let html = try site.text("simple/weird-name/index.html")
        let json = try site.text("simple/weird-name/index.v1_json")
        #expect(html.hasPrefix("<!DOCTYPE html>"))
        #expect(html.contains("<meta name=\"pypi:repository-version\" content=\"1.4\">"))
        #expect(html.contains("content=\"a &amp; &lt;b&gt;\"") && html.contains("content=\"archived\""))
        #expect(html.contains("data-requires-python=\"&gt;=3.8,&lt;4\""))
        #expect(html.contains("data-yanked=\"\""))
        #expect(html.contains("data-yanked=\"a &quot;b&quot; &lt;c&gt; &amp; &#x27;d&#x27; é\""))
        #expect(html.components(separatedBy: "data-yanked").count == 3)
        #expect(!html.contains("<base"))
        for line in html.split(separator: "\n") where line.hasPrefix("<a ") {
            let parts = line.components(separatedBy: "#sha256=")
            #expect(parts.count == 2 && parts[0].hasPrefix("<a href=\"../../packages/weird-name/weird_name-"))
            #expect(!parts[0].contains("+") && !parts[0].contains("?"))
            #expect(line.contains("data-core-metadata=\"sha256=") == line.contains(".whl"))
            #expect(line.contains("data-dist-info-metadata=\"sha256=") == line.contains(".whl"))
        }
        #expect(html.contains("weird_name-1.3%2Blocal.1-py3-none-any.whl#"))
        #expect(json.contains("\"requires-python\":\">=3.8,<4\""))
        #expect(!json.contains("dist-info-metadata") && !json.contains("null"))
        let page = try site.page("weird-name")
        #expect(page["name"] as? String == "weird-name")
        #expect(page["versions"] as? [String] == ["1.0", "1.1", "1.2", "1.3+local.1"])
        #expect((page["project-status"] as? [String: String]) == ["status": "archived", "reason": "a & <b>"])
        let files = try site.pageFiles("weird-name")
        #expect(files.count == 5)
        for file in files {
            let name = try #require(file["filename"] as? String)
            let hashes = try #require(file["hashes"] as? [String: String])
            let bytes = try Files.read("\(site.publicPath)/python/packages/weird-name/\(name)")
            #expect(file["size"] as? Int == bytes.count)
            #expect(hashes["sha256"]?.count == 64)
            #expect((file["upload-time"] as? String) == (name.contains("1.2") ? "2024-01-02T03:04:05.678901Z" : nil))
            let metadata = file["core-metadata"]
            if name.hasSuffix(".whl") {
                #expect(site.isPublished("packages/weird-name/\(name).metadata"))
                #expect((metadata as? [String: String])?["sha256"]?.count == 64)
            } else {
                #expect(metadata as? Bool == false && !site.isPublished("packages/weird-name/\(name).metadata"))
            }
            let provenance = file["provenance"] as? String
            #expect(
                provenance
                    == (name.contains("1.2") ? "http://127.0.0.1:1/py/packages/weird-name/\(name).provenance" : nil))
        }
        #expect(files.map { $0["yanked"] as? Bool } == [true, nil, false, false, false])
        #expect(try site.text("packages/weird-name/weird_name-1.2-py3-none-any.whl.provenance") == "{\"version\": 1}")
        #expect(try site.filenames("empty") == [])
        let list = try site.text("simple/index.v1_json")
        #expect(list.contains("\"name\":\"Weird.Name\"}") && list.contains("\"projects\":["))
        #expect(try site.text("simple/index.html").contains("<a href=\"weird-name/\">Weird.Name</a>"))
        // Read by their own readers, both forms say the same.
        let url = "https://mirror.example/python/simple/weird-name/"
        var fromJSON = try PageReader.project(Array(json.utf8), url: url)
        let fromHTML = try PageReader.project(Array(html.utf8), url: url)
        (fromJSON.name, fromJSON.summary, fromJSON.homepage) = (nil, nil, nil)
        for index in fromJSON.files.indices {
            (fromJSON.files[index].size, fromJSON.files[index].uploadTime) = (nil, nil)
        }
        #expect(fromJSON == fromHTML)
    }

    @Test("nginx answers each client in the form that it prefers, HTML by default, and says that it depends on Accept")
    func negotiation() throws {
        let site = try PyPISite()
        try site.sync()
        let nginx = try site.nginx()
        let json = "application/vnd.pypi.simple.v1+json"
        for (accept, type) in [
            (nil, "text/html"), ("*/*", "text/html"), ("text/html", "text/html"),
            (
                "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01",
                json
            ),
            ("application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01", json),
            ("application/vnd.pypi.simple.latest+json", json),
            ("text/html, application/vnd.pypi.simple.v1+json;q=0.5", "text/html"),
            ("text/html;q=0.1, application/vnd.pypi.simple.v1+json;q=0.5", json),
            ("application/vnd.pypi.simple.v1+json;q=0", "text/html"),
        ] as [(String?, String)] {
            for path in ["simple/", "simple/alpha/"] {
                let head = try Subprocess.run(
                    [
                        "curl", "-sS", "-D", "-", "-o", "/dev/null", "-H", "Accept:\(accept.map { " \($0)" } ?? "")",
                        "\(nginx.url)/python/\(path)",
                    ]
                ).checked().stdout.lowercased()
                #expect(head.contains("200 ok") && head.contains("content-type: \(type)"), "\(accept ?? "-") \(head)")
                #expect(head.contains("vary: accept") && head.contains("cache-control: no-cache"), "\(head)")
            }
        }
        func status(_ path: String) throws -> String {
            try Subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "\(nginx.url)/python/\(path)"])
                .checked().stdout
        }
        #expect(try status("simple/unknown/") == "404")
        #expect(try status("simple/alpha") == "301")
        #expect(try status("packages/alpha/alpha-1.0-py3-none-any.whl.metadata") == "200")
    }

    @Test("metadata that upstream does not offer is read from the wheel")
    func metadata() throws {
        let site = try PyPISite(packages: [PythonPackage("alpha", "1.0", requires: ["beta>=2"])])
        try site.change { upstream in try upload(site, "alpha", "1.0") { $0.metadata = nil } }
        try site.sync()
        let text = try site.text("packages/alpha/alpha-1.0-py3-none-any.whl.metadata")
        #expect(text.contains("Requires-Dist: beta>=2"))
        #expect(site.server.requests(matching: "*.metadata").isEmpty)
        let files = try site.pageFiles("alpha")
        #expect(files[0]["core-metadata"] is [String: String])
        // Taken over, not read again.
        try site.change { upstream in try upstream.add(PythonPackage("alpha", "2.0")) }
        try site.sync()
        #expect(site.isPublished("packages/alpha/alpha-1.0-py3-none-any.whl.metadata"))
        try site.sync("unchanged")
    }

    @Test("a quarantined project offers nothing, at once, and no client finds a file")
    func quarantined() throws {
        let site = try PyPISite()
        try site.sync()
        try site.change { $0.edit("alpha") { $0.status = "quarantined" } }
        try site.sync()
        #expect(try site.filenames("alpha") == [] && site.filenames("beta").count == 1)
        #expect(try site.text("simple/alpha/index.html").contains("quarantined"))
    }

    @Test("names that no file may have, or that are too long for a twin, are refused or go without it")
    func names() throws {
        let project = try #require(ProjectName("a"))
        for name in [
            "../x-1.whl", "a/b.whl", ".hidden", "a-1.whl.metadata", "a\u{7}-1.whl", String(repeating: "a", count: 256),
        ] {
            #expect(throws: ChantalError.self, "\(name)") { try IndexPath.file(name, of: project) }
        }
        let long = try IndexPath.file(String(repeating: "a", count: 253), of: project)
        #expect(IndexPath.twin(long, ".metadata") == nil)
        #expect(try IndexPath.twin(IndexPath.file("a-1.whl", of: project), ".metadata") != nil)
    }
}
