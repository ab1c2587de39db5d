import Foundation
import TestSupport
import Testing

@Suite("Views with a filter, from outside")
struct ViewFilterTests {
    private func warnings(_ answer: Answer, of name: String) -> [String] {
        answer.list("repositories").first { $0["repository"] as? String == name }?["warnings"] as? [String] ?? []
    }

    @Test("apt-get installs from a view alone: of what nginx needs, some is in one member and some in the other")
    func apt() throws {
        let site = try ViewSite()
        let b = try DebianUpstream([DebianSuite("stable", components: ["main", "extra"])])
        let a = try DebianUpstream()
        func add(_ upstream: DebianUpstream, _ name: String, _ depends: String? = nil, component: String = "main")
            throws
        {
            let fields = depends.map { [("Depends", $0)] } ?? []
            try upstream.add(
                DebianPackage(name, fields: fields), suite: "stable", component: component, fast: true)
        }
        try add(a, "nginx", "nginx-common, libpcre (>= 1.0)")
        try add(a, "nginx-common")
        try add(a, "php", "libpcre, nowhere (>= 2)")
        try add(a, "apache2", "libpcre")
        try a.add(DebianPackage("libc", "0.9-1"), fast: true)
        try a.add(DebianSource("nginx", "1.0-1"))
        try add(b, "libpcre", "libc (>= 1.0)", component: "extra")
        try add(b, "libc")
        try add(b, "unrelated")
        // Of a package that both have the first member's counts, with what that one needs.
        try add(b, "nginx-common", "unrelated")
        for upstream in [a, b] { try upstream.publish() }
        func configure(_ filter: String) throws {
            try site.configure(
                """
                repositories:
                  a: {type: apt, upstream: "file://\(a.root)", suites: [stable], sources: true, keyring: \(a.keyring)}
                  b: {type: apt, upstream: "file://\(b.root)", suites: [stable], keyring: \(b.keyring)}
                views:
                  web: {of: [a, b], filter: \(filter)}

                """)
        }
        try configure("{include: [nginx, php], dependencies: true}")
        let answer = try site.sync(["a": "changed", "b": "changed", "web": "changed"])
        #expect(
            try site.packages("web") == [
                "libc 1.0-1", "libpcre 1.0-1", "nginx 1.0-1", "nginx 1.0-1", "nginx-common 1.0-1", "php 1.0-1",
            ])
        let told = warnings(answer, of: "web")
        #expect(told.contains { $0.contains("php 1.0-1 needs 'nowhere (>= 2)', which nothing here provides") })
        #expect(told.contains { $0.contains("'nginx-common' 1.0-1 (amd64) of 'b' is left out") }, "\(told)")
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "unchanged"])
        let shown = try site.chantal("show", "libc", "--why")
        #expect(shown.data.contains("nginx → libpcre → libc"), "\(shown)")
        let nginx = try site.nginx()
        let client = try AptClient(sources: [
            AptClient.line("\(nginx.url)/web", components: ["main", "extra"], keyring: site.ownKey),
            AptClient.line("\(nginx.url)/web", keyring: site.ownKey, isSource: true),
        ])
        try client.update().checked()
        try client.installDownloadOnly("nginx").checked()
        #expect(
            try client.packageFiles() == [
                "libc_1.0-1_amd64.deb", "libpcre_1.0-1_amd64.deb", "nginx-common_1.0-1_amd64.deb",
                "nginx_1.0-1_amd64.deb",
            ])
        try client.source("nginx").checked()
        #expect(try nginx.errorLog == "")

        try configure("{include: [lib*], latest: 1, exclude: [libpcre]}")
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "changed"])
        #expect(try site.packages("web") == ["libc 1.0-1"])
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "unchanged"])
        // What a member gets, the view selects from at once.
        try a.add(DebianPackage("libc", "2.0-1"), fast: true)
        try a.publish()
        try site.sync(["a": "changed", "b": "unchanged", "web": "changed"])
        #expect(try site.packages("web") == ["libc 2.0-1"])
        #expect(try site.chantal("gc", "--grace", "0s").status == 0)
        #expect(try site.chantal("verify").status == 0)

        try configure("{architectures: [amd46]}")
        let failed = try site.sync(["a": "unchanged", "b": "unchanged", "web": "failed"])
        #expect(failed.data.contains("no member of the view 'web' has the architecture 'amd46'"), "\(failed)")
    }

    @Test("what a vendor's flat repository needs comes from the suite of a distribution")
    func vendor() throws {
        let site = try ViewSite()
        let (vendor, distribution) = (try DebianUpstream([DebianSuite("./")]), try DebianUpstream())
        try vendor.add(DebianPackage("agent", "2.0-1", fields: [("Depends", "libssl (>= 3), agent-tools")]), fast: true)
        try vendor.add(DebianPackage("agent-tools", fields: [("Depends", "awk")]), fast: true)
        try vendor.add(DebianPackage("agent", fields: [("Depends", "libssl")]), fast: true)
        try distribution.add(DebianPackage("libssl", "3.0-1"), fast: true)
        try distribution.add(DebianPackage("mawk", fields: [("Provides", "awk"), ("Depends", "excluded")]), fast: true)
        try distribution.add(DebianPackage("excluded"), fast: true)
        try distribution.add(DebianPackage("other"), fast: true)
        for upstream in [vendor, distribution] { try upstream.publish() }
        func configure(_ filter: String) throws {
            try site.configure(
                """
                repositories:
                  vendor: {type: apt, upstream: "file://\(vendor.root)", suites: ["./"], keyring: \(vendor.keyring)}
                  distribution: {type: apt, upstream: "file://\(distribution.root)", suites: [stable], keyring: \(distribution.keyring)}
                views:
                  web: {of: [vendor, distribution], filter: \(filter)}

                """)
        }
        try configure("{include: [\"agent (>= 2)\"], dependencies: true}")
        let answer = try site.sync(["vendor": "changed", "distribution": "changed", "web": "changed"])
        #expect(warnings(answer, of: "web") == [], "\(answer)")
        #expect(
            try site.packages("web") == [
                "agent 2.0-1", "agent-tools 1.0-1", "excluded 1.0-1", "libssl 3.0-1", "mawk 1.0-1",
            ])
        let nginx = try site.nginx()
        let client = try AptClient(
            sources: ["./", "stable"].map { AptClient.line("\(nginx.url)/web", suite: $0, keyring: site.ownKey) })
        try client.update().checked()
        try client.installDownloadOnly("agent").checked()
        #expect(try client.packageFiles().count == 5 && nginx.errorLog == "")

        try configure("{include: [agent], exclude: [excluded], dependencies: true}")
        let told = warnings(
            try site.sync(["vendor": "unchanged", "distribution": "unchanged", "web": "changed"]), of: "web")
        #expect(
            told.contains {
                $0.contains("mawk 1.0-1 needs 'excluded', which the filter leaves out (agent → agent-tools → mawk)")
            }, "\(told)")
        #expect(!(try site.packages("web")).contains("excluded 1.0-1"))
    }

    @Test("what is too young waits in a view, and comes in with time alone")
    func quarantine() throws {
        let site = try ViewSite()
        let a = try DebianUpstream()
        try a.add(DebianPackage("alpha"), fast: true)
        try a.publish()
        try site.configure(
            """
            repositories:
              a: {type: apt, upstream: "file://\(a.root)", suites: [stable], keyring: \(a.keyring)}
            views:
              web: {of: [a], filter: {min_age: 2s, min_age_initial: true}}

            """)
        try site.sync(["a": "changed", "web": "changed"])
        #expect(try site.packages("web") == [])
        Thread.sleep(forTimeInterval: 3)
        try site.sync(["a": "unchanged", "web": "changed"])
        #expect(try site.packages("web") == ["alpha 1.0-1"])
        try site.sync(["a": "unchanged", "web": "unchanged"])
    }

    @Test("a view has the architectures asked for alone, and nothing makes room for what its filter leaves out")
    func architectures() throws {
        let site = try ViewSite()
        let both = { DebianSuite("stable", architectures: ["amd64", "arm64"]) }
        let (a, b) = (try DebianUpstream([both()]), try DebianUpstream([both(), DebianSuite("./")]))
        try a.add(DebianPackage("tool", description: "a tool\nThe long text of a."), suite: "stable")
        try a.add(DebianPackage("tool", architecture: "arm64"), suite: "stable", fast: true)
        // The same path as in a.
        try b.add(DebianPackage("tool", "2.0-1", fileName: "tool_1.0-1_amd64.deb"), suite: "stable", fast: true)
        try b.add(DebianPackage("data", architecture: "all"), suite: "stable", fast: true)
        try b.add(DebianPackage("data", "2.0-1", architecture: "all"), suite: "./", fast: true)
        for upstream in [a, b] { try upstream.publish() }
        func configure(_ suites: String, _ filter: String) throws {
            try site.configure(
                """
                repositories:
                  a: {type: apt, upstream: "file://\(a.root)", suites: [stable], keyring: \(a.keyring)}
                  b: {type: apt, upstream: "file://\(b.root)", suites: \(suites), keyring: \(b.keyring)}
                views:
                  web: {of: [a, b], filter: \(filter)}

                """)
        }
        try configure("[stable]", "{architectures: [amd64], latest: 1}")
        try site.sync(["a": "changed", "b": "changed", "web": "changed"])
        #expect(try site.packages("web") == ["data 1.0-1", "tool 2.0-1"])
        let paths = try site.paths("web")
        #expect(paths.contains("pool/main/t/tool/tool_1.0-1_amd64.deb"), "\(paths)")
        #expect(!paths.contains { $0.hasPrefix("b/") || $0.contains("arm64") }, "\(paths)")
        let release = try site.published("web/dists/stable/Release")
        #expect(!release.contains("arm64") && release.contains("amd64"), "\(release)")
        let nginx = try site.nginx()
        let client = try AptClient(sources: [AptClient.line("\(nginx.url)/web", keyring: site.ownKey)])
        try client.update().checked()
        try client.installDownloadOnly("tool", "data").checked()
        #expect(try client.packageFiles() == ["data_1.0-1_all.deb", "tool_2.0-1_amd64.deb"])
        // Each suite counts its own versions.
        try configure("[stable, ./]", "{include: [data], latest: 1}")
        try site.sync(["a": "unchanged", "b": "changed", "web": "changed"])
        #expect(try site.packages("web") == ["data 1.0-1", "data 2.0-1"])
        #expect(try site.chantal("verify").status == 0 && nginx.errorLog == "")
    }

    @Test("dnf installs from a view alone: a library and a file that nginx needs are in the other member")
    func dnf() throws {
        let site = try ViewSite()
        let (a, b) = (try RPMUpstream(), try RPMUpstream())
        func add(
            _ upstream: RPMUpstream, _ name: String, requires: [String] = [], provides: [String] = [],
            files: [String]? = nil
        ) throws {
            let fields = requires.map { ("Requires", $0) } + provides.map { ("Provides", $0) }
            try upstream.add(RPMPackage(name, "1.0", fields: fields, files: files.map { $0.map { ($0, "x") } }))
        }
        try add(a, "nginx", requires: ["nginx-core = 1.0-1", "libssl.so.3()(64bit)"])
        try add(a, "nginx-core", requires: ["nowhere"])
        try add(a, "nginx-core-debuginfo")
        try add(a, "httpd")
        try add(
            b, "openssl-libs", requires: ["/usr/share/certs/bundle.pem"], provides: ["libssl.so.3()(64bit)"])
        try add(b, "certificates", files: ["/usr/share/certs/bundle.pem"])
        try add(b, "chess")
        try add(b, "unrelated")
        b.comps = ViewDocuments.comps(["games": ["chess"]])
        a.documents = [
            ("modules", "modules.yaml", ViewDocuments.module("node", "18", package: "node-18.0-1", isDefault: true))
        ]
        b.documents = [
            ("modules", "modules.yaml", ViewDocuments.module("node", "20", package: "node-20.0-1", isDefault: true))
        ]
        try a.add(RPMPackage("node", "18.0", fields: [("ModularityLabel", "node:18:1:c")]))
        try b.add(RPMPackage("node", "20.0", fields: [("ModularityLabel", "node:20:1:c")]))
        for upstream in [a, b] { try upstream.publish() }
        func configure(_ filter: String) throws {
            try site.configure(
                """
                repositories:
                  a: {type: rpm, upstream: "file://\(a.root)", keyring: \(a.keyring)}
                  b: {type: rpm, upstream: "file://\(b.root)", keyring: \(b.keyring)}
                views:
                  web: {of: [a, b], filter: \(filter)}

                """)
        }
        try configure("{include: [nginx], groups: [games], modules: [\"node:20\"], dependencies: true}")
        let answer = try site.sync(["a": "changed", "b": "changed", "web": "changed"])
        #expect(
            try site.packages("web") == [
                "certificates 1.0-1", "chess 1.0-1", "nginx 1.0-1", "nginx-core 1.0-1", "node 20.0-1",
                "openssl-libs 1.0-1",
            ])
        let told = warnings(answer, of: "web")
        #expect(told.contains { $0.contains("nginx-core-1.0-1.noarch needs 'nowhere'") && $0.contains("nginx →") })
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "unchanged"])
        let shown = try site.chantal("show", "certificates", "--why")
        #expect(shown.data.contains("nginx → openssl-libs → certificates"), "\(shown)")
        let nginx = try site.nginx()
        let client = try DNFClient([
            DNFClient.Source("\(nginx.url)/web", key: "\(site.store)/public/web/chantal-key.asc", checksMetadata: true)
        ])
        try client.installDownloadOnly("openssl-libs", "chess").checked()
        #expect(
            try client.downloads().sorted() == [
                "certificates-1.0-1.noarch.rpm", "chess-1.0-1.noarch.rpm", "openssl-libs-1.0-1.noarch.rpm",
            ])
        let modules = try client.run("module", "list").checked().stdout
        #expect(modules.contains("20") && !modules.contains("18"), "\(modules)")
        #expect(try client.run("group", "info", "games").checked().stdout.contains("chess"))
        #expect(try nginx.errorLog == "")

        try configure("{include: [\"nginx*\", \"*-libs\"], debug: false}")
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "changed"])
        #expect(try site.packages("web") == ["nginx 1.0-1", "nginx-core 1.0-1", "openssl-libs 1.0-1"])
        try configure("{groups: [gamse]}")
        let failed = try site.sync(["a": "unchanged", "b": "unchanged", "web": "failed"])
        #expect(failed.data.contains("the view has no group 'gamse'"), "\(failed)")
        #expect(failed.data.contains("did you mean 'games'?"), "\(failed)")
        #expect(try site.chantal("verify").status == 0)
    }

    @Test("pip reads of two indexes what a view's filter takes of both together")
    func pypi() throws {
        let site = try ViewSite()
        let (a, b) = (try PyPIUpstream(), try PyPIUpstream())
        try a.add(PythonPackage("only-a"), PythonPackage("Both.One", "1.0"), PythonPackage("left-out"))
        try b.add(
            PythonPackage("both_one", "2.0"), PythonPackage("both_one", "3.0"), PythonPackage("both_one", "4.0b1"),
            PythonPackage("only-b"))
        b.edit("both-one", "both_one-3.0-py3-none-any.whl") { $0.yanked = "broken" }
        for upstream in [a, b] { try upstream.publish() }
        func configure(_ filter: String) throws {
            try site.configure(
                """
                repositories:
                  a: {type: pypi, upstream: "file://\(a.root)/simple"}
                  b: {type: pypi, upstream: "file://\(b.root)/simple"}
                views:
                  web: {of: [a, b], filter: \(filter)}

                """)
        }
        try configure("{include: [BOTH_one, \"only-*\"], exclude: [only-b], latest: 1, yanked: false}")
        try site.sync(["a": "changed", "b": "changed", "web": "changed"])
        #expect(try site.packages("web") == ["both-one 2.0", "only-a 1.0"])
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "unchanged"])
        let nginx = try site.nginx()
        let client = try PythonClient(.pip)
        try client.install("\(nginx.url)/web/simple/", "both-one", "only-a").checked()
        #expect(try client.installed() == ["both_one 2.0", "only_a 1.0"])
        #expect(!(try site.published("web/simple/index.html").contains("left-out")))
        #expect(try nginx.errorLog == "")
        try configure("{include: [both-one], prereleases: true, formats: [wheel], python: [3.11], platforms: [any]}")
        #expect(try site.chantal("config", "check").status == 2)
        try configure("{include: [both-one], prereleases: true, formats: [wheel], python: [3.11]}")
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "changed"])
        #expect(
            try site.packages("web") == ["both-one 1.0", "both-one 2.0", "both-one 3.0", "both-one 4.0b1"])
        try configure("{include: [both-one], dependencies: true}")
        let refused = try site.chantal("config", "check")
        #expect(
            refused.status == 2
                && "\(refused)".contains("'dependencies' begins with 'projects' or 'requirements', and a view has none"),
            "\(refused)")
    }
}
