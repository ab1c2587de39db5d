import Foundation
import TestSupport
import Testing

/// One store with a repository of each kind: what software is called in each, from outside.
@Suite("Software across ecosystems")
struct SoftwareTests {
    private let home: TestSupport.TemporaryDirectory

    init() throws {
        home = try TestSupport.TemporaryDirectory("software")
        let debian = try DebianUpstream([DebianSuite("stable")])
        func add(_ name: String, _ source: String, _ homepage: String? = nil) throws {
            let fields = homepage.map { [("Homepage", $0)] } ?? []
            try debian.add(DebianPackage(name, source: source, fields: fields), fast: true)
        }
        try add("nginx", "nginx", "https://nginx.example.org")
        try add("python3-requests", "requests", "https://requests.example.org/")
        try add("libssl3", "openssl", "https://openssl.example.org/")
        try add("libssl-dev", "openssl", "https://openssl.example.org/")
        try add("zlib1g-dev", "zlib", "http://zlib.example.org/")
        try add("debian-only", "debian-only")
        try debian.publish()
        let rpms = try RPMUpstream()
        for name in ["nginx", "python3-requests", "zlib-devel"] { try rpms.add(RPMPackage(name)) }
        try rpms.add(RPMPackage("openssl-devel"))
        try rpms.publish()
        let python = try PyPIUpstream()
        try python.add(PythonPackage("requests", "2.0"))
        try python.publish()
        try home.write(
            """
            store: store
            repositories:
              debian: {type: apt, upstream: "file://\(debian.root)", suites: [stable], keyring: \(debian.keyring)}
              rocky: {type: rpm, upstream: "file://\(rpms.root)", keyring: \(rpms.keyring)}
              python: {type: pypi, upstream: "file://\(python.root)/simple/"}

            """, to: "chantal.yaml")
        for words in [["init"], ["sync"]] { #expect(try chantal(words).status == 0) }
    }

    private func chantal(_ words: [String]) throws -> Answer {
        Answer(
            result: try Subprocess.run(
                [try Project.chantal(), "--config", home.path("chantal.yaml")] + words, timeout: 120))
    }

    /// `part type name` of each package found, with what speaks for it.
    private func across(_ name: String) throws -> [String: [String]] {
        let answer = try chantal(["--json", "search", "--across", name])
        #expect(answer.status == 0, "\(answer)")
        var result: [String: [String]] = [:]
        for part in answer.list("software") {
            for found in part["found"] as? [[String: Any]] ?? [] {
                let words = [part["part"], found["type"], found["name"]].map { $0 as? String ?? "-" }
                result[words.joined(separator: " ")] = found["by"] as? [String]
            }
        }
        return result
    }

    @Test("a name leads to what the others call it, and says why: name, source, homepage, conventions")
    func search() throws {
        let requests = try across("requests")
        let everywhere: Set = [
            "python pypi requests", "python apt python3-requests", "python rpm python3-requests",
        ]
        #expect(Set(requests.keys) == everywhere)
        #expect(requests["python pypi requests"]?.first == "name")
        #expect(requests["python apt python3-requests"]?.contains("convention") == true)
        let debian = try across("python3-requests")
        #expect(Set(debian.keys) == everywhere)
        #expect(Set(try across("nginx").keys) == ["program apt nginx", "program rpm nginx"])
        let tls = try across("libssl-dev")
        #expect(tls["library apt libssl3"]?.contains("source") == true)
        #expect(Set(try across("zlib-devel").keys).contains("development rpm zlib-devel"))
        #expect(try across("nothing-of-the-kind").isEmpty)
        #expect(try chantal(["search", "--across", "two", "words"]).status == 2)
    }

    private func map(_ list: String, to client: String) throws -> Answer {
        let file = try home.write(list, to: "software.toml")
        return try chantal(["map", file, "--to", client])
    }

    @Test("one list becomes an install list for apt, dnf and pip; what is missing is named, with exit 1")
    func lists() throws {
        let list = """
            software = ["nginx", {name = "requests", part = "python"}]
            [[extra]]
            """
        let wrong = try map(list, to: "apt")
        #expect(wrong.status == 2 && wrong.result.stderr.contains("software.toml:2:1"), "\(wrong)")
        for (text, place, near) in [
            ("software = [{nam = \"nginx\"}]\n", "1:20", "'name'"),
            ("software = [\n  {name = \"nginx\", parts = \"python\"}]\n", "2:28", "'part'"),
            ("software = [{name = \"nginx\", part = \"pyton\"}]\n", "1:37", "'python'"),
            ("software = [\"nginx\"\n[", "2:1", "comma"),
        ] {
            let answer = try map(text, to: "apt")
            #expect(answer.status == 2 && answer.data.isEmpty, "\(answer)")
            #expect(answer.prose.contains("software.toml:\(place)") && answer.prose.contains(near), "\(answer)")
        }

        let good = """
            [[software]]
            name = "requests"
            part = "python"

            [[software]]
            name = "tls headers"
            """
        #expect(try map(good, to: "apt").status == 2)
        let wanted = """
            software = [
              {name = "requests", part = "python"},
              {name = "ssl", part = "development", rpm = "openssl-devel", pypi = []},
              {name = "nginx", pypi = []},
            ]
            """
        for (client, names) in [
            ("apt", "python3-requests\nlibssl-dev\nnginx\n"), ("dnf", "python3-requests\nopenssl-devel\nnginx\n"),
            ("pip", "requests\n"),
        ] {
            let answer = try map(wanted, to: client)
            #expect(answer.status == 0 && answer.result.stdout == names, "\(client): \(answer)")
        }
        let missing = try map("software = [\"debian-only\", \"nginx\"]\n", to: "dnf")
        #expect(missing.status == 1 && missing.result.stdout == "nginx\n")
        #expect(missing.result.stderr.contains("software.toml:1:13: 'debian-only'"), "\(missing)")
        let json = try chantal(["--json", "map", home.path("software.toml"), "--to", "dnf"])
        #expect(json.list("missing").map { $0["wanted"] as? String } == ["debian-only"], "\(json)")
        #expect(try map(wanted, to: "yum").status == 2)

        let partly = try map("software = [{name = \"tls\", apt = [\"libssl3\", \"nope\"]}]\n", to: "apt")
        #expect(partly.status == 1 && partly.data == "libssl3\n", "\(partly)")
        #expect(partly.prose.contains("type apt as nope\n"), "\(partly)")
        let both = try chantal(["--json", "map", home.path("software.toml"), "--to", "apt"])
        #expect(both.list("packages").first?["packages"] as? [String] == ["libssl3"], "\(both)")
        #expect(both.list("missing").first?["packages"] as? [String] == ["nope"], "\(both)")
    }
}

/// Where no package has the name that everyone else uses.
@Suite("Software that only its source package is named like")
struct SourceNameTests {
    private let site: MirrorSite

    init() throws {
        site = try MirrorSite { upstream in
            for (name, source, provides) in [
                ("zlib1g", "zlib", ""), ("zlib1g-dev", "zlib", ""), ("python3-yaml", "pyyaml", "python3-pyaml"),
                ("nginx-core", "nginx", "nginx"), ("nginx-common", "nginx", ""), ("exim4", "exim4", "mail-agent"),
                ("exim4-doc", "exim4", ""), ("libnginx-mod-x", "other", "nginx-abi"),
            ] {
                let fields = provides.isEmpty ? [] : [("Provides", provides)]
                try upstream.add(DebianPackage(name, source: source, fields: fields), fast: true)
            }
        }
        try site.sync()
    }

    private func across(_ name: String) throws -> [String: [String]] {
        let answer = try site.json("search", "--across", name)
        let found = answer.list("software").flatMap { $0["found"] as? [[String: Any]] ?? [] }
        return Dictionary(
            uniqueKeysWithValues: found.map { ($0["name"] as? String ?? "-", $0["by"] as? [String] ?? []) })
    }

    @Test("it is found by its source, and by what a package provides")
    func search() throws {
        #expect(try across("zlib") == ["zlib1g": ["source"], "zlib1g-dev": ["source"]])
        #expect(try across("PyYAML") == ["python3-yaml": ["source"]])
        #expect(try across("nginx") == ["nginx-core": ["source", "provides"], "nginx-common": ["source"]])
        #expect(try across("mail-agent") == ["exim4": ["provides"]])
        #expect(try across("nothing-of-the-kind").isEmpty)
    }

    @Test("a list of wanted software finds it too, the part that is asked for")
    func map() throws {
        let list = try site.home.write(
            """
            software = [{name = "zlib", part = "development"}, {name = "pyyaml", part = "python"}, "nginx", "zlib"]

            """, to: "software.toml")
        let answer = try site.chantal("map", list, "--to", "apt")
        #expect(answer.data == "zlib1g-dev\npython3-yaml\nnginx-core\nzlib1g\n", "\(answer)")
        #expect(answer.status == 0)
    }
}
