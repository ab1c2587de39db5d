import Foundation
import TestSupport
import Testing

@Suite("Views, from outside")
struct ViewTests {
    @Test("dnf reads two repositories as one: packages, groups, advisories and modules of both")
    func rpm() throws {
        let site = try ViewSite()
        let (a, b) = (try RPMUpstream(), try RPMUpstream())
        a.comps = ViewDocuments.comps(["tools": ["only-a", "both"]])
        b.comps = ViewDocuments.comps(["tools": ["only-b"], "games": ["chess"]])
        a.documents = [
            ("updateinfo", "updateinfo.xml", ViewDocuments.updates([("EX-1", "only-a", "1"), ("EX-3", "both", "1")])),
            (
                "modules", "modules.yaml",
                ViewDocuments.module("node", "18", package: "node-18.0-1", isDefault: true)
            ),
        ]
        b.documents = [
            ("updateinfo", "updateinfo.xml", ViewDocuments.updates([("EX-2", "only-b", "1"), ("EX-3", "both", "2")])),
            (
                "modules", "modules.yaml",
                ViewDocuments.module("node", "20", package: "node-20.0-1", isDefault: true)
                    + ViewDocuments.module("perl", "5.30", package: "perl-5.30-1", isDefault: true)
            ),
        ]
        for name in ["only-a", "both"] { try a.add(RPMPackage(name)) }
        try a.add(RPMPackage("node", "18.0", fields: [("ModularityLabel", "node:18:1:c")]))
        for name in ["only-b", "chess"] { try b.add(RPMPackage(name)) }
        try b.add(RPMPackage("both", summary: "Another build"))
        try b.add(RPMPackage("both", "2.0"))
        try b.add(RPMPackage("node", "20.0"))
        try b.add(RPMPackage("perl", "5.30"))
        for upstream in [a, b] { try upstream.publish() }
        try site.configure(
            """
            repositories:
              a: {type: rpm, upstream: "file://\(a.root)", keyring: \(a.keyring)}
              b: {type: rpm, upstream: "file://\(b.root)", keyring: \(b.keyring)}
            views:
              web: {of: [a, b], public_url: "http://views.example.org/web/"}

            """)
        let answer = try site.sync(["a": "changed", "b": "changed", "web": "changed"])
        let warnings = answer.list("repositories")[2]["warnings"] as? [String] ?? []
        #expect(warnings.contains { $0.contains("both-0:1.0-1.noarch' of 'b'") }, "\(warnings)")
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "unchanged"])
        #expect(
            try site.packages("web") == [
                "both 1.0-1", "both 2.0-1", "chess 1.0-1", "node 18.0-1", "node 20.0-1", "only-a 1.0-1",
                "only-b 1.0-1", "perl 5.30-1",
            ])

        let nginx = try site.nginx()
        let client = try DNFClient([
            DNFClient.Source("\(nginx.url)/web", key: "\(site.store)/public/web/chantal-key.asc", checksMetadata: true)
        ])
        try client.installDownloadOnly("only-a", "only-b", "both", "perl", "node").checked()
        // The default of the first member that has any counts: node 18.
        #expect(
            try client.downloads().sorted() == [
                "both-2.0-1.noarch.rpm", "node-18.0-1.noarch.rpm", "only-a-1.0-1.noarch.rpm",
                "only-b-1.0-1.noarch.rpm", "perl-5.30-1.noarch.rpm",
            ])
        let groups = try client.run("group", "info", "tools", "games").checked().stdout
        for name in ["only-a", "both", "only-b", "chess"] { #expect(groups.contains(name), "\(groups)") }
        let text = try updateInfo(site)
        for id in ["EX-1", "EX-2", "EX-3"] { #expect(text.components(separatedBy: "<id>\(id)</id>").count == 2) }
        #expect(text.contains("version=\"2\""), "\(text)")
        let modules = try client.run("module", "list").checked().stdout
        for stream in ["18 [d]", "20", "5.30 [d]"] { #expect(modules.contains(stream), "\(modules)") }
        #expect(!modules.contains("20 [d]"))
        let older = try client.run("repoquery", "--show-duplicates", "both", "--qf", "%{version} %{summary}").checked()
        #expect(older.stdout.contains("1.0 Package both for tests") && !older.stdout.contains("Another build"))
        #expect(try site.published("web/mirrorlist") == "http://views.example.org/web@1/\n")
        #expect(try nginx.errorLog == "")
        try frozen(site) {
            try a.add(RPMPackage("only-a", "3.0"))
            try a.publish()
        }
        let inside = try site.carry("web")
        let carried = try NginxServer(root: "\(inside.store)/public")
        let other = try DNFClient([DNFClient.Source("\(carried.url)/web", key: site.ownArmored(), checksMetadata: true)]
        )
        try other.installDownloadOnly("only-a").checked()
        #expect(try other.downloads() == ["only-a-3.0-1.noarch.rpm"])
    }

    private func updateInfo(_ site: ViewSite) throws -> String {
        let path = try #require(try site.paths("web").first { $0.contains("updateinfo") })
        return try Subprocess.run(["zcat", "\(site.store)/public/web/\(path)"]).checked().stdout
    }

    /// A snapshot of the view `web` keeps what it holds while its members move on.
    private func frozen(_ site: ViewSite, _ change: () throws -> Void) throws {
        #expect(try site.chantal("snapshot", "create", "web", "before").status == 0)
        let before = try site.packages("web@before")
        try change()
        let answer = try site.chantal("sync", "a")
        let names = answer.list("repositories").compactMap { $0["repository"] as? String }
        #expect(answer.status == 0 && names == ["a", "web"], "\(answer)")
        #expect(try site.packages("web@before") == before && site.packages("web") != before)
        let differences = try site.chantal("diff", "web@before", "web")
        #expect(differences.list("added").count + differences.list("changed").count > 0, "\(differences)")
        #expect(try site.chantal("gc", "--grace", "0s").status == 0)
        #expect(try site.chantal("verify").status == 0)
        let rows = try site.chantal("status").list("repositories")
        let view = rows.first { $0["repository"] as? String == "web" }
        #expect(view?["members"] as? [String] == ["a", "b"] && view?["made_of"] as? [String] == ["a@2", "b@1"])
        #expect(view?["state"] as? String == "changed")
        let listed = try site.chantal("repository", "list").list("repositories")
        #expect(listed.map { $0["members"] as? [String] ?? [] } == [[], [], ["a", "b"]])
    }

    @Test("pip reads two indexes as one, and of a file that both have the first")
    func pypi() throws {
        let site = try ViewSite()
        let (a, b) = (try PyPIUpstream(), try PyPIUpstream())
        try a.add(PythonPackage("only-a"), PythonPackage("Both.One", "1.0", summary: "of a"))
        try b.add(
            PythonPackage("only-b", requires: ["both-one>=1.5"]), PythonPackage("both_one", "1.0", summary: "of b"),
            PythonPackage("both_one", "2.0"))
        b.edit("both-one", "both_one-2.0-py3-none-any.whl") {
            $0.requiresPython = ">=3.8"
            $0.provenance = "../../files/provenance.json"
        }
        try Files.write("{\"version\": 1}", to: b.path("files/provenance.json"))
        // What the first that has it warns of, nobody offers.
        a.addProject("risky")
        a.edit("risky") { $0.status = "quarantined" }
        try b.add(PythonPackage("risky"))
        for upstream in [a, b] { try upstream.publish() }
        try site.configure(
            """
            repositories:
              a: {type: pypi, upstream: "file://\(a.root)/simple"}
              b: {type: pypi, upstream: "file://\(b.root)/simple", public_url: "http://b.example.org/"}
            views:
              web: {of: [a, b], public_url: "http://views.example.org/web/"}

            """)
        let answer = try site.sync(["a": "changed", "b": "changed", "web": "changed"])
        let warnings = answer.list("repositories")[2]["warnings"] as? [String] ?? []
        #expect(warnings.contains { $0.contains("both_one-1.0-py3-none-any.whl' of 'b'") }, "\(warnings)")
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "unchanged"])
        #expect(try site.packages("web") == ["both-one 1.0", "both-one 2.0", "only-a 1.0", "only-b 1.0"])
        let nginx = try site.nginx()
        for tool in [PythonClient.Tool.pip, .uv] {
            let client = try PythonClient(tool)
            try client.install("\(nginx.url)/web/simple/", "only-a", "only-b").checked()
            #expect(try client.installed() == ["both_one 2.0", "only_a 1.0", "only_b 1.0"])
        }
        let client = try PythonClient(.pip)
        try client.download("\(nginx.url)/web/simple/", "both-one==1.0").checked()
        let file = "both_one-1.0-py3-none-any.whl"
        #expect(try Files.read("\(client.downloads)/\(file)") == Files.read(a.path("files/both-one/\(file)")))
        #expect(try site.published("web/simple/index.html").contains(">Both.One</a>"))
        let page = try site.published("web/simple/both-one/index.html")
        #expect(
            page.contains(
                "data-provenance=\"http://views.example.org/web/packages/both-one/both_one-2.0-py3-none-any.whl.provenance\""
            ))
        #expect(try site.published("web/simple/risky/index.html").contains("quarantined"))
        #expect(!(try site.paths("web").contains { $0.contains("packages/risky") }))
        #expect(page.contains("data-requires-python=\"&gt;=3.8\""), "\(page)")
        #expect(try nginx.errorLog == "")
        try frozen(site) {
            try a.add(PythonPackage("only-a", "3.0"))
            try a.publish()
        }
        let inside = try site.carry("web")
        #expect(try Files.text("\(inside.store)/public/web/simple/only-a/index.html").contains("only_a-3.0"))
    }

    @Test("apt reads two archives as one, suite by suite, and of a version that both have the first")
    func apt() throws {
        let site = try ViewSite()
        var both = DebianSuite("stable", components: ["main", "extra"], architectures: ["amd64", "arm64"])
        both.allPackages = .separate
        let (a, b) = (try DebianUpstream([DebianSuite("stable")]), try DebianUpstream([both, DebianSuite("testing")]))
        try a.add(DebianPackage("only-a", fields: [("Depends", "only-b, common")]))
        try a.add(DebianPackage("both", content: Array("of a".utf8)), fast: true)
        try a.add(DebianPackage("same"), fast: true)
        try a.add(DebianSource("src", "1.0-1"))
        try b.add(
            DebianPackage("only-b", description: "only in b\nThe long text of b."), suite: "stable", component: "extra")
        try b.add(DebianPackage("common", architecture: "all"), suite: "stable")
        try b.add(DebianPackage("both", content: Array("of b".utf8)), suite: "stable", fast: true)
        try b.add(DebianPackage("both", "2.0-1"), suite: "stable", fast: true)
        try b.add(DebianPackage("same"), suite: "stable", fast: true)
        // The same path as in a, of a version that a does not have: it moves.
        try b.add(DebianPackage("same", "3.0-1", fileName: "same_1.0-1_amd64.deb"), suite: "testing", fast: true)
        try b.add(DebianPackage("foreign", architecture: "arm64"), suite: "stable", fast: true)
        for upstream in [a, b] { try upstream.publish() }
        try site.configure(
            """
            repositories:
              a: {type: apt, upstream: "file://\(a.root)", suites: [stable], sources: true, keyring: \(a.keyring)}
              b: {type: apt, upstream: "file://\(b.root)", suites: [stable, testing], keyring: \(b.keyring)}
            views:
              web: {of: [a, b]}

            """)
        let answer = try site.sync(["a": "changed", "b": "changed", "web": "changed"])
        let warnings = answer.list("repositories")[2]["warnings"] as? [String] ?? []
        #expect(warnings.contains { $0.contains("'both' 1.0-1 (amd64) of 'b'") }, "\(warnings)")
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "unchanged"])
        let release = try site.published("web/dists/stable/Release")
        for line in ["Components: main extra", "Architectures: amd64 all arm64", "Acquire-By-Hash: yes"] {
            #expect(release.contains("\(line)\n"), "\(release)")
        }
        let nginx = try site.nginx()
        let sources = ["stable": ["main", "extra"], "testing": ["main"]].flatMap { suite, components in
            [false, true].filter { !$0 || suite == "stable" && components == ["main", "extra"] }.map { isSource in
                AptClient.line(
                    "\(nginx.url)/web", suite: suite, components: isSource ? ["main"] : components,
                    keyring: site.ownKey,
                    isSource: isSource)
            }
        }
        let client = try AptClient(sources: sources, foreign: ["arm64"])
        try client.update().checked()
        try client.installDownloadOnly("only-a", "both=1.0-1", "same=3.0-1", "foreign:arm64").checked()
        #expect(
            try client.packageFiles() == [
                "both_1.0-1_amd64.deb", "common_1.0-1_all.deb", "foreign_1.0-1_arm64.deb", "only-a_1.0-1_amd64.deb",
                "only-b_1.0-1_amd64.deb", "same_3.0-1_amd64.deb",
            ])
        let path = "pool/main/b/both/both_1.0-1_amd64.deb"
        #expect(try Files.read("\(client.archives)/both_1.0-1_amd64.deb") == Files.read(a.path(path)))
        #expect(try site.paths("web").contains("b/pool/main/s/same/same_1.0-1_amd64.deb"))
        #expect(try client.run("apt-cache", "show", "only-b").checked().stdout.contains("The long text of b."))
        try client.source("src").checked()
        let versions = try client.run("apt-cache", "madison", "both").checked().stdout
        #expect(versions.contains("2.0-1") && versions.split(separator: "\n").count == 2, "\(versions)")
        #expect(try nginx.errorLog == "")
        try frozen(site) {
            try a.add(DebianPackage("only-a", "3.0-1"), fast: true)
            try a.publish()
        }
        let inside = try site.carry("web")
        let carried = try NginxServer(root: "\(inside.store)/public")
        try client.setSources([AptClient.line("\(carried.url)/web", keyring: site.ownKey)])
        try client.update().checked()
        try client.installDownloadOnly("only-a").checked()
        #expect(try client.packageFiles().contains("only-a_3.0-1_amd64.deb"))
    }

    @Test("flat archives unite at the root, and a view may go unsigned; members may be filtered")
    func flat() throws {
        let site = try ViewSite()
        let (a, b) = (try DebianUpstream([DebianSuite("./")]), try DebianUpstream([DebianSuite("./")]))
        try a.add(DebianPackage("alpha"), fast: true)
        try a.add(DebianPackage("left-out"), fast: true)
        try b.add(DebianPackage("beta"), fast: true)
        for upstream in [a, b] { try upstream.publish() }
        try site.configure(
            """
            repositories:
              a: {type: apt, upstream: "file://\(a.root)", suites: ["./"], keyring: \(a.keyring), filter: {exclude: [left-out]}}
              b: {type: apt, upstream: "file://\(b.root)", suites: ["./"], keyring: \(b.keyring)}
            views:
              web: {of: [a, b], sign: false}

            """)
        try site.sync(["a": "changed", "b": "changed", "web": "changed"])
        #expect(try site.packages("web") == ["alpha 1.0-1", "beta 1.0-1"])
        #expect(!(try site.paths("web").contains { $0.contains("InRelease") || $0.contains("chantal-key") }))
        let nginx = try site.nginx()
        let client = try AptClient(sources: [AptClient.line("\(nginx.url)/web", suite: "./", keyring: nil)])
        try client.update().checked()
        try client.installDownloadOnly("alpha", "beta").checked()
        #expect(try nginx.errorLog == "")
    }
}
