import Foundation
import TestSupport
import Testing

@Suite("Views and their members, from outside")
struct ViewMemberTests {
    @Test("a failed member leaves its last good state in the view, and a view without a member's state fails alone")
    func failures() throws {
        let site = try ViewSite()
        let (a, b) = (try DebianUpstream(), try DebianUpstream())
        try a.add(DebianPackage("alpha"), fast: true)
        try b.add(DebianPackage("beta"), fast: true)
        for upstream in [a, b] { try upstream.publish() }
        let release = b.path("dists/stable/InRelease")
        let good = try Files.read(release)
        try Files.write("nothing", to: release)
        try site.configure(
            """
            repositories:
              a: {type: apt, upstream: "file://\(a.root)", suites: [stable], keyring: \(a.keyring)}
              b: {type: apt, upstream: "file://\(b.root)", suites: [stable], keyring: \(b.keyring)}
            views:
              one: {of: [a]}
              web: {of: [a, b]}

            """)
        let first = try site.sync(["a": "changed", "b": "failed", "one": "changed", "web": "failed"])
        #expect(first.status == 1 && first.data.contains("needs 'b', which has no state yet"), "\(first)")
        // Nobody has asked for the view that cannot be made.
        #expect(
            try site.chantal("sync", "a").list("repositories").compactMap { $0["repository"] as? String } == [
                "a", "one",
            ])
        #expect(try site.chantal("sync", "web").status == 1)
        try Files.write(good, to: release)
        try site.sync(["a": "unchanged", "b": "changed", "one": "unchanged", "web": "changed"])
        try Files.write("nothing", to: release)
        try a.add(DebianPackage("gamma"), fast: true)
        try a.publish()
        try site.sync(["a": "changed", "b": "failed", "one": "changed", "web": "changed"])
        #expect(try site.packages("web") == ["alpha 1.0-1", "beta 1.0-1", "gamma 1.0-1"])
        #expect(try site.chantal("sync", "nothing").status == 2)
    }

    @Test("what is added to a hosted repository is in its views at once")
    func hosted() throws {
        let site = try ViewSite()
        let b = try DebianUpstream()
        try b.add(DebianPackage("beta"), fast: true)
        try b.publish()
        try DebianPackage("own", fields: [("Depends", "beta")]).build(to: site.home.path("own.deb"))
        try site.configure(
            """
            repositories:
              ours: {type: apt, suites: [stable], components: [main], architectures: [amd64]}
              b: {type: apt, upstream: "file://\(b.root)", suites: [stable], keyring: \(b.keyring)}
            views:
              web: {of: [ours, b]}

            """)
        try site.sync(["ours": "changed", "b": "changed", "web": "changed"])
        let added = try site.chantal("add", "ours", site.home.path("own.deb"))
        #expect(added.status == 0, "\(added)")
        #expect(
            added.list("repositories").compactMap { $0["status"] as? String } == ["changed", "changed"], "\(added)")
        let nginx = try site.nginx()
        let client = try AptClient(sources: [AptClient.line("\(nginx.url)/web", keyring: site.ownKey)])
        try client.update().checked()
        try client.installDownloadOnly("own").checked()
        #expect(try client.packageFiles() == ["beta_1.0-1_amd64.deb", "own_1.0-1_amd64.deb"])
        try site.sync(["ours": "unchanged", "b": "unchanged", "web": "unchanged"])
        #expect(try site.chantal("remove", "ours", "own").status == 0)
        #expect(try site.packages("web") == ["beta 1.0-1"])
    }

    @Test("a damaged package of a view is fetched again from the upstream of the member that has it")
    func repair() throws {
        let site = try ViewSite()
        let b = try DebianUpstream()
        let path = try b.add(DebianPackage("beta"), fast: true)
        try b.publish()
        try site.configure(
            """
            repositories:
              b: {type: apt, upstream: "file://\(b.root)", suites: [stable], keyring: \(b.keyring)}
            views:
              a-view: {of: [b]}

            """)
        try site.sync(["b": "changed", "a-view": "changed"])
        for words in [["verify", "--repair"], ["verify", "a-view", "--repair"]] {
            let digest = try Subprocess.run(["sha256sum", b.path(path)]).checked().stdout.prefix(64)
            let blob = "\(site.store)/blobs/sha256/\(digest.prefix(2))/\(digest)"
            try Subprocess.run(["chmod", "u+w", blob]).checked()
            try Files.flipByte(blob, at: 100)
            #expect(try site.run(["verify"]).status == 3)
            let answer = try site.run(words)
            #expect(
                answer.status == 0 && answer.list("defects").allSatisfy { $0["repaired"] as? Bool == true }, "\(answer)"
            )
            #expect(try site.run(["verify"]).status == 0)
        }
    }

    @Test("hosted RPM and Python packages are in views, and the same members give the same view")
    func same() throws {
        let (b, d) = (try RPMUpstream(), try PyPIUpstream())
        try b.add(RPMPackage("beta"))
        b.comps = ViewDocuments.comps(["tools": ["beta", "own"]])
        try d.add(PythonPackage("beta"))
        try b.publish()
        try d.publish()
        let built = try PyPIUpstream()
        let wheel = try built.add(PythonPackage("own", requires: ["beta"]))[0].filename
        let files = try TestSupport.TemporaryDirectory("own")
        try RPMPackage("own", fields: [("Requires", "beta")]).build(to: files.path("own-1.0-1.noarch.rpm"))
        let sites = try [ViewSite(), ViewSite()]
        for site in sites {
            try site.configure(
                """
                repositories:
                  a: {type: rpm}
                  b: {type: rpm, upstream: "file://\(b.root)", keyring: \(b.keyring)}
                  c: {type: pypi}
                  d: {type: pypi, upstream: "file://\(d.root)/simple"}
                views:
                  rpms: {of: [a, b], sign: false}
                  wheels: {of: [c, d]}

                """)
            try site.sync([
                "a": "changed", "b": "changed", "c": "changed", "d": "changed", "rpms": "changed", "wheels": "changed",
            ])
            for words in [["a", files.path("own-1.0-1.noarch.rpm")], ["c", built.path("files/own/\(wheel)")]] {
                let added = try site.run(["add"] + words)
                #expect(added.status == 0 && added.list("repositories").count == 2, "\(added)")
            }
            for view in ["rpms", "wheels"] {
                #expect(try site.packages(view).map { $0.split(separator: " ")[0] } == ["beta", "own"])
            }
        }
        func manifests(_ view: String) throws -> [String] {
            try sites.map { site in
                let row = try site.chantal("status").list("repositories").first { $0["repository"] as? String == view }
                return row?["manifest"] as? String ?? ""
            }
        }
        let rpms = try manifests("rpms")
        #expect(rpms[0] == rpms[1] && !rpms[0].isEmpty)
        let nginx = try sites[0].nginx()
        let dnf = try DNFClient([DNFClient.Source("\(nginx.url)/rpms")])
        try dnf.installDownloadOnly("@tools").checked()
        #expect(try dnf.downloads().sorted() == ["beta-1.0-1.noarch.rpm", "own-1.0-1.noarch.rpm"])
        let pip = try PythonClient(.pip)
        try pip.install("\(nginx.url)/wheels/simple/", "own").checked()
        #expect(try pip.installed() == ["beta 1.0", "own 1.0"])
        #expect(try nginx.errorLog == "")
    }

    @Test("a package that one member lists by SHA-1 and another by SHA-256 is there once, by SHA-256")
    func weak() throws {
        let site = try ViewSite()
        let (a, b) = (try RPMUpstream(), try RPMUpstream())
        a.options += ["--checksum", "sha"]
        for name in ["alpha", "shared"] { try a.add(RPMPackage(name)) }
        for name in ["shared", "beta"] { try b.add(RPMPackage(name)) }
        for upstream in [a, b] { try upstream.publish() }
        try site.configure(
            """
            repositories:
              a: {type: rpm, upstream: "file://\(a.root)", keyring: \(a.keyring)}
              b: {type: rpm, upstream: "file://\(b.root)", keyring: \(b.keyring)}
            views:
              web: {of: [a, b]}

            """)
        try site.sync(["a": "changed", "b": "changed", "web": "changed"])
        #expect(try site.packages("web") == ["alpha 1.0-1", "beta 1.0-1", "shared 1.0-1"])
        for list in ["primary", "filelists", "other"] {
            let path = try #require(try site.paths("web").first { $0.contains("\(list).xml") })
            let text = try Subprocess.run(["zcat", "\(site.store)/public/web/\(path)"]).checked().stdout
            for name in ["alpha", "beta", "shared"] {
                let sum = try Subprocess.run([
                    "sha256sum", (name == "beta" ? b : a).path("Packages/\(name)-1.0-1.noarch.rpm"),
                ])
                #expect(text.contains(sum.stdout.prefix(64)), "\(list): \(name)")
            }
            #expect(text.contains("packages=\"3\"") && !text.contains("type=\"sha\""))
        }
        let nginx = try site.nginx()
        let client = try DNFClient([DNFClient.Source("\(nginx.url)/web", key: site.ownArmored(), checksMetadata: true)])
        try client.installDownloadOnly("alpha", "beta", "shared").checked()
    }

    @Test("killed at random moments, a view is as it was or as it is to be, and the next sync ends well")
    func killed() throws {
        let site = try ViewSite()
        let (a, b) = (try DebianUpstream(), try DebianUpstream())
        for number in 0..<40 { try a.add(DebianPackage("a\(number)"), fast: true) }
        try b.add(DebianPackage("beta"), fast: true)
        for upstream in [a, b] { try upstream.publish() }
        func configure(order: String) throws {
            try site.configure(
                """
                repositories:
                  a: {type: apt, upstream: "file://\(a.root)", suites: [stable], keyring: \(a.keyring)}
                  b: {type: apt, upstream: "file://\(b.root)", suites: [stable], keyring: \(b.keyring)}
                views:
                  web: {of: [\(order)]}

                """)
        }
        try configure(order: "a, b")
        try site.sync(["a": "changed", "b": "changed", "web": "changed"])
        let command = [try Project.chantal(), "--config", site.home.path("chantal.yaml"), "sync", "web"]
        var length = 0.0
        for round in 0..<14 {
            // Another order is another configuration, and so another view with dates of its own.
            try configure(order: round % 2 == 0 ? "b, a" : "a, b")
            let process = try Subprocess.spawn(command)
            if round >= 2 {
                usleep(UInt32(Double.random(in: 0...length) * 1_000_000))
                process.kill(SIGKILL)
            }
            length = max(length, try process.wait().seconds)
            #expect(try site.packages("web").count == 41)
            let found = try site.chantal("verify")
            #expect(found.status == 0, "\(found)")
        }
        #expect(try site.chantal("sync").status == 0)
        try site.sync(["a": "unchanged", "b": "unchanged", "web": "unchanged"])
        let nginx = try site.nginx()
        let client = try AptClient(sources: [AptClient.line("\(nginx.url)/web", keyring: site.ownKey)])
        try client.update().checked()
        try client.installDownloadOnly("a7", "beta").checked()
    }
}
