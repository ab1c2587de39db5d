import Basics
import Foundation
import Store
import TestSupport
import Testing

@testable import Mirroring
@testable import RPM

@Suite struct FilteredMirrorTests {
    /// Two versions, a dependency, a source package, debug information and a package with everything in its format.
    private func upstream(_ change: (RPMUpstream) throws -> Void = { _ in }) throws -> RPMUpstream {
        let upstream = try RPMUpstream()
        try upstream.add(RPMPackage("alpha", "1.0", fields: [("Requires", "common >= 1.0")]))
        try upstream.add(RPMPackage("alpha", "2.0", fields: [("Requires", "common >= 1.0")]))
        try upstream.add(RPMPackage("common", "1.2", epoch: 1))
        try upstream.add(
            RPMPackage(
                "rich", "3.0", summary: "B\u{e4}r & <Katze> \"x\"", description: "Two\nlines & <more>\t.",
                fields: [
                    ("Recommends", "alpha"), ("Suggests", "common"), ("Supplements", "(alpha and common)"),
                    ("Enhances", "alpha > 1"), ("Provides", "virtual = 2:1.0-1"), ("Conflicts", "old < 1"),
                    ("Obsoletes", "older"), ("Requires", "(alpha or common)"),
                ], files: [("/etc/rich.conf", "x"), ("/usr/share/rich/a & b", "y")],
                changelog: ["First & <last>", "Second"]))
        try upstream.add(RPMPackage("alpha-debuginfo", "2.0"))
        var source = RPMPackage("alpha", "2.0")
        source.isSource = true
        try upstream.add(source)
        try change(upstream)
        try upstream.publish()
        return upstream
    }

    private func site(_ upstream: RPMUpstream, _ filter: String, _ more: String...) throws -> RPMSite {
        let site = try RPMSite(upstream)
        site.section += ["filter: \(filter)"] + more
        return site
    }

    private func names(_ site: RPMSite) throws -> [String] {
        try site.packages().map { "\($0.name)-\($0.version).\($0.architecture)" }
    }

    /// An independent reader's view: differences between two repositories, field by field.
    private func differences(_ upstream: String, _ mirror: String) throws -> String {
        let script = """
            import sys, createrepo_c as cr
            FIELDS = ["name","arch","version","epoch","release","summary","description","url","time_file","time_build","rpm_license",
              "rpm_vendor","rpm_group","rpm_buildhost","rpm_sourcerpm","rpm_header_start","rpm_header_end","rpm_packager","size_package",
              "size_installed","size_archive","location_href","location_base","checksum_type","requires","provides","conflicts",
              "obsoletes","suggests","enhances","recommends","supplements","files","changelogs"]
            def load(path):
                metadata = cr.Metadata()
                metadata.locate_and_load_xml(path)
                return {k: {f: getattr(metadata.get(k), f) for f in FIELDS} for k in metadata.keys()}
            a, b = load(sys.argv[1]), load(sys.argv[2])
            for key, fields in b.items():
                for field, value in fields.items():
                    if a[key][field] != value: print(key, field, a[key][field], value)
            print(len(b))
            """
        return try Subprocess.run(["/usr/bin/python3", "-c", script, upstream, mirror]).checked().stdout
    }

    @Test(
        "the metadata of the packages kept equals upstream's, field by field, to createrepo_c's own reader; the same input gives the same bytes"
    )
    func independentReader() throws {
        let upstream = try upstream()
        let site = try site(upstream, "{exclude: [\"alpha (< 2)\"]}", "sources: true")
        try site.syncChanged()
        #expect(try differences(upstream.root, site.publicPath) == "5\n")
        let before = try site.published("repodata/repomd.xml")
        let second = try self.site(upstream, "{exclude: [\"alpha (< 2)\"]}", "sources: true")
        try second.syncChanged()
        #expect(try second.published("repodata/repomd.xml") == before)
        #expect(try site.sync().status == .unchanged)
    }

    /// A document with its packages from the last to the first.
    private func reversed(_ document: [UInt8]) -> [UInt8] {
        var parts = String(decoding: document, as: UTF8.self).components(separatedBy: "<package ")
        let head = parts.removeFirst()
        let end = "</package>"
        let tail = parts.last?.components(separatedBy: end).last ?? ""
        let packages = parts.map { "<package \($0.components(separatedBy: end)[0])\(end)\n" }
        return Array((head + packages.reversed().joined() + tail).utf8)
    }

    @Test("the same packages in another order upstream give the same bytes, and no new generation")
    func anotherOrder() throws {
        let upstream = try upstream()
        let filter = "{exclude: [\"alpha (< 2)\"]}"
        let site = try site(upstream, filter, "sources: true")
        try site.syncChanged()
        let before = try site.published("repodata/repomd.xml")
        let signature = try site.published("repodata/repomd.xml.asc")
        let names = ["alpha", "alpha", "alpha-debuginfo", "common", "rich"]
        func order() throws -> [String] {
            // Those of earlier states stay for a while.
            let root = String(decoding: try site.published("repodata/repomd.xml"), as: UTF8.self)
            let name = try #require(
                Files.names("\(site.publicPath)/repodata").first {
                    $0.hasSuffix("-primary.xml.gz") && root.contains($0)
                })
            let text = try Subprocess.run(["zcat", "\(site.publicPath)/repodata/\(name)"]).checked().stdout
            return text.components(separatedBy: "<name>").dropFirst().map { String($0.prefix { $0 != "<" }) }
        }
        #expect(try order() == names)
        for record in ["primary", "other"] { try upstream.rewrite(record, reversed) }
        let report = try site.sync()
        #expect(report.status == .unchanged, "\(report.errors)")
        #expect(try site.published("repodata/repomd.xml.asc") == signature)
        #expect(try StoreDirectory.open(at: site.home.path("store")).records.generations(of: "demo") == [1])
        // What was found to be the same is not looked at again.
        #expect(try site.sync().status == .unchanged)
        #expect(site.server.requests.count == 1)
        // A mirror that never saw the other order.
        let second = try self.site(upstream, filter, "sources: true")
        try second.syncChanged()
        #expect(try second.published("repodata/repomd.xml") == before)
        #expect(try differences(upstream.root, second.publicPath) == "5\n")
        // What the filter leaves out changes nothing, either; what it takes does.
        try upstream.add(RPMPackage("alpha", "1.1"))
        try upstream.publish()
        #expect(try site.sync().status == .unchanged)
        try upstream.add(RPMPackage("alpha", "2.1"))
        try upstream.publish()
        try site.syncChanged()
        #expect(try order() == ["alpha"] + names)
        #expect(try site.published("repodata/repomd.xml.asc") != signature)
    }

    @Test("dnf and zypper read a filtered mirror with the user's key, and upstream's signature is nowhere")
    func clients() throws {
        let upstream = try upstream()
        let site = try site(upstream, "{latest: 1, debug: false}")
        try site.syncChanged()
        #expect(try names(site) == ["alpha-2.0-1.noarch", "common-1:1.2-1.noarch", "rich-3.0-1.noarch"])
        let server = try site.mirrorServer()
        let url = "\(server.url)/demo"
        let dnf = try DNFClient([.init(url, key: site.ownKeyring, checksMetadata: true)])
        try dnf.makecache().checked()
        try dnf.installDownloadOnly("alpha").checked()
        // `rich` comes along because it supplements the two: weak dependencies have survived.
        #expect(
            try dnf.downloads() == ["alpha-2.0-1.noarch.rpm", "common-1.2-1.noarch.rpm", "rich-3.0-1.noarch.rpm"])
        #expect(try dnf.run("repoquery", "--whatprovides", "/etc/rich.conf").checked().stdout.contains("rich-0:3.0-1"))
        let stranger = try DNFClient([.init(url, key: upstream.keyring, checksMetadata: true)])
        #expect(try stranger.makecache().status != 0)
        try ZypperClient(url, key: site.ownKeyring).refresh().checked()
        #expect(site.isPublished("chantal-key.asc") && site.isPublished("chantal-key.gpg"))
        #expect(try site.published("repodata/repomd.xml.key") == site.published("chantal-key.asc"))
    }

    @Test("names, constraints, architectures, sizes and debug packages select")
    func selections() throws {
        let upstream = try upstream()
        func selected(_ filter: String, _ more: String...) throws -> [String] {
            let site = try RPMSite(upstream)
            site.section += ["filter: \(filter)"] + more
            try site.syncChanged()
            return try names(site)
        }
        #expect(try selected("{include: [\"alpha (>= 2.0)\"]}") == ["alpha-2.0-1.noarch"])
        #expect(try selected("{include: [\"/^(rich|common)$/\"]}") == ["common-1:1.2-1.noarch", "rich-3.0-1.noarch"])
        #expect(
            try selected("{include: [common, \"alpha = 1.0\"]}") == ["alpha-1.0-1.noarch", "common-1:1.2-1.noarch"])
        #expect(try selected("{architectures: [x86_64], include: [alpha], latest: 1}") == ["alpha-2.0-1.noarch"])
        #expect(
            try selected("{include: [alpha], latest: 1}", "sources: true") == ["alpha-2.0-1.noarch", "alpha-2.0-1.src"])
    }

    @Test("a quarantine by build time holds what is young back, and lets it through when its time has come")
    func quarantine() throws {
        let upstream = try upstream()
        let site = try site(upstream, "{min_age: 7d}")
        try site.syncChanged()
        let now = Int64(try Subprocess.run(["date", "+%s"]).checked().stdout.dropLast()) ?? 0
        try upstream.add(RPMPackage("young", buildTime: now - 86_400))
        try upstream.add(RPMPackage("old", buildTime: now - 30 * 86_400))
        try upstream.publish()
        try site.syncChanged()
        let found = try names(site)
        #expect(found.contains("old-1.0-1.noarch") && !found.contains("young-1.0-1.noarch"))
    }

    private let comps = """
        <?xml version="1.0"?>
        <comps>
          <group><id>tools</id><name>Tools</name><packagelist><packagereq type="mandatory">alpha</packagereq></packagelist></group>
          <group><id>rest</id><name>Rest</name><packagelist><packagereq type="mandatory">gone</packagereq></packagelist></group>
        </comps>

        """

    @Test("groups select their packages, and those without packages are not published")
    func groups() throws {
        let upstream = try upstream { $0.comps = comps }
        let site = try site(upstream, "{groups: [tools], include: [common], latest: 1}")
        try site.syncChanged()
        #expect(try names(site) == ["alpha-2.0-1.noarch", "common-1:1.2-1.noarch"])
        let server = try site.mirrorServer()
        let dnf = try DNFClient([.init("\(server.url)/demo")])
        let groups = try dnf.run("group", "list", "--hidden").checked().stdout
        #expect(groups.contains("Tools") && !groups.contains("Rest"), "\(groups)")
        site.section = ["keyring: \(upstream.keyring)", "filter: {groups: [toolz]}"]
        try site.syncFails(.notFound, "no group 'toolz'")
    }

    private func module(_ stream: String, _ version: String) -> String {
        """
        ---
        document: modulemd
        version: 2
        data:
          name: node
          stream: "\(stream)"
          version: 1
          context: "00000001"
          arch: x86_64
          summary: Node \(stream)
          description: Node \(stream)
          license: {module: [MIT]}
          profiles:
            default: {rpms: [node]}
          artifacts:
            rpms:
            - node-0:\(version)-1.noarch
        ...

        """
    }

    private let moduleDefaults = """
        ---
        document: modulemd-defaults
        version: 1
        data:
          module: node
          stream: "2.10"
          profiles:
            "2.10": [default]
            "3": [default]
        ...

        """

    private let updates = """
        <?xml version="1.0"?>
        <updates>
        <update from="x" status="final" type="security" version="1"><id>EX-1</id><title>alpha</title><issued date="2026-01-01 00:00:00"/>
        <pkglist><collection><package name="alpha" version="2.0" release="1" epoch="0" arch="noarch"><filename>alpha-2.0-1.noarch.rpm</filename></package>
        </collection></pkglist></update>
        <update from="x" status="final" type="bugfix" version="1"><id>EX-2</id><title>gone</title><issued date="2026-01-01 00:00:00"/>
        <pkglist><collection><package name="gone" version="2.0" release="1" epoch="0" arch="noarch"><filename>gone-2.0-1.noarch.rpm</filename></package>
        </collection></pkglist></update>
        </updates>

        """

    @Test(
        "a filter on one stream lists that stream only, installs it, and drops the packages of the others; advisories lose what is gone"
    )
    func modulesAndAdvisories() throws {
        let upstream = try upstream { upstream in
            try upstream.add(RPMPackage("node", "2.10.1", fields: [("ModularityLabel", "node:2.10:1:00000001")]))
            try upstream.add(RPMPackage("node", "3.0.1", fields: [("ModularityLabel", "node:3:1:00000001")]))
            upstream.documents = [
                ("modules", "modules.yaml", module("2.10", "2.10.1") + module("3", "3.0.1") + moduleDefaults),
                ("updateinfo", "updateinfo.xml", updates),
            ]
        }
        let whole = try RPMSite(upstream)
        try whole.syncChanged()
        let verbatim = try whole.mirrorServer()
        let all = try DNFClient([.init("\(verbatim.url)/demo", key: upstream.keyring, checksMetadata: true)])
        let both = try all.run("module", "list", "node").checked().stdout
        #expect(both.contains("2.10") && both.contains(" 3 "), "\(both)")
        let site = try site(upstream, "{modules: [\"node:3\"], latest: 1}")
        try site.syncChanged()
        #expect(try !names(site).contains("node-2.10.1-1.noarch"))
        let server = try site.mirrorServer()
        let dnf = try DNFClient([.init("\(server.url)/demo", key: site.ownKeyring, checksMetadata: true)])
        let list = try dnf.run("module", "list", "node").checked().stdout
        #expect(list.contains(" 3 ") && !list.contains("2.10"), "\(list)")
        try dnf.run("module", "enable", "node:3").checked()
        try dnf.installDownloadOnly("node").checked()
        #expect(try dnf.downloads() == ["node-3.0.1-1.noarch.rpm"])
        let advisories = try dnf.run("updateinfo", "list", "--all").checked().stdout
        #expect(!advisories.contains("EX-2"), "\(advisories)")
        let record = try Subprocess.run(["sh", "-c", "zcat \(site.publicPath)/repodata/*updateinfo.xml.gz"]).checked()
            .stdout
        #expect(record.contains("EX-1") && !record.contains("EX-2"))
        site.section = ["keyring: \(upstream.keyring)", "filter: {modules: [\"node:4\"]}"]
        try site.syncFails(.notFound, "no module stream 'node:4'")
    }

    @Test(
        "packages with characters that XML does not have do not keep a filtered mirror from being read",
        .enabled(if: Fixtures.arePresent))
    func cured() throws {
        let root = try TemporaryDirectory("cured")
        for path in try Files.walk(Fixtures.path("hostile/control_char")) {
            try Files.write(Fixtures.read("hostile/control_char/\(path)"), to: root.path(path))
        }
        for name in try Files.names(Fixtures.path("hostile/_Packages")) {
            try Files.write(Fixtures.read("hostile/_Packages/\(name)"), to: root.path("Packages/\(name)"))
        }
        let site = try RPMSite(root: root.path, "verify: false")
        try site.syncFails(.malformed, "not well formed")
        site.section.append("filter: {latest: 1}")
        try site.syncChanged()
        #expect(try site.packages().map(\.name) == ["bear", "lion"])
        let server = try site.mirrorServer()
        try DNFClient([.init("\(server.url)/demo")]).makecache().checked()
    }

    @Test("packages that lie elsewhere are fetched from there and published within the repository")
    func elsewhere() throws {
        let upstream = try upstream()
        let other = try TestSupport.TemporaryDirectory("elsewhere")
        let server = try LoopbackServer(root: other.path)
        let path = "Packages/rich-3.0-1.noarch.rpm"
        try Files.write(Files.read(upstream.path(path)), to: other.path("pool/\(path)"))
        upstream.options += ["--baseurl", "\(server.url)/pool/", "--skip-stat"]
        for name in try Files.names(upstream.path("Packages")) {
            try Files.write(Files.read(upstream.path("Packages/\(name)")), to: other.path("pool/Packages/\(name)"))
        }
        try upstream.publish()
        let site = try RPMSite(upstream)
        try site.syncFails(.unsafePath, "lies at another place")
        site.section.append("filter: {include: [rich]}")
        try site.syncChanged()
        #expect(site.isPublished(path))
        #expect(try site.published(path) == Files.read(upstream.path(path)))
        let text = try Subprocess.run(["sh", "-c", "zcat \(site.publicPath)/repodata/*primary.xml.gz"]).checked().stdout
        #expect(text.contains("<location href=\"\(path)\"/>"), "\(text)")
    }

    @Test("filelists and other that upstream lacks are computed from the packages")
    func withoutLists() throws {
        let upstream = try upstream()
        let reference = try Subprocess.run(["cp", "-r", upstream.root, "\(upstream.root).whole"]).checked()
        #expect(reference.status == 0)
        defer { try? Files.remove("\(upstream.root).whole") }
        try upstream.rewriteRepomd { text in
            var text = text
            for type in ["filelists", "other"] {
                if let start = text.range(of: "  <data type=\"\(type)\">"),
                    let end = text.range(of: "</data>\n", range: start.upperBound..<text.endIndex)
                {
                    text.removeSubrange(start.lowerBound..<end.upperBound)
                }
            }
            return text
        }
        let site = try site(upstream, "{latest: 1}")
        try site.syncChanged()
        #expect(try differences("\(upstream.root).whole", site.publicPath) == "4\n")
    }

    @Test("sign: false publishes no signature and no key")
    func unsigned() throws {
        let upstream = try upstream()
        let site = try site(upstream, "{latest: 1}", "sign: false")
        try site.syncChanged()
        #expect(!site.isPublished("repodata/repomd.xml.asc") && !site.isPublished("chantal-key.asc"))
    }
}
