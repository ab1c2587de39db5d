import TestSupport
import Testing

@Suite("Advisories, from outside")
struct AdvisoryTests {
    private let updates = """
        <?xml version="1.0" encoding="UTF-8"?>
        <updates>
          <update from="updates@example.org" status="final" type="security" version="2">
            <id>EX-2026:1</id>
            <title>Important: alpha and beta</title>
            <issued date="2026-01-01 00:00:00"/>
            <updated date="2026-01-02 00:00:00"/>
            <severity>Important</severity>
            <description>A file could be read by anybody.</description>
            <references>
              <reference href="https://example.org/CVE-2026-0001" id="CVE-2026-0001" type="cve" title="CVE-2026-0001"/>
            </references>
            <pkglist>
              <collection short="updates">
                <name>Updates</name>
                <package name="alpha" version="2.0" release="1" epoch="1" arch="noarch" src="alpha-2.0-1.src.rpm">
                  <filename>alpha-2.0-1.noarch.rpm</filename>
                  <reboot_suggested>1</reboot_suggested>
                </package>
                <package name="beta" version="2.0" release="1" epoch="0" arch="noarch" src="beta-2.0-1.src.rpm">
                  <filename>beta-2.0-1.noarch.rpm</filename>
                </package>
              </collection>
            </pkglist>
          </update>
          <update from="updates@example.org" status="final" type="bugfix" version="1">
            <id>EX-2026:2</id>
            <title>beta</title>
            <issued date="2026-01-03 00:00:00"/>
            <pkglist>
              <collection short="updates">
                <package name="beta" version="2.0" release="1" epoch="0" arch="noarch">
                  <filename>beta-2.0-1.noarch.rpm</filename>
                </package>
              </collection>
            </pkglist>
          </update>
        </updates>

        """

    /// `id kind package` of each line that `dnf updateinfo list` prints.
    private func list(_ client: DNFClient) throws -> [String] {
        try client.run("--quiet", "updateinfo", "list").checked().stdout.split(separator: "\n")
            .map { $0.split(separator: " ").joined(separator: " ") }.sorted()
    }

    @Test(
        "dnf lists the advisories for what is installed: all of a verbatim mirror, of a filtered one those of what it kept"
    )
    func dnf() throws {
        let upstream = try RPMUpstream()
        let installed = try [RPMPackage("alpha", "1.0", epoch: 1), RPMPackage("beta", "1.0")].map {
            upstream.path(try upstream.add($0))
        }
        try upstream.add(RPMPackage("alpha", "2.0", epoch: 1))
        try upstream.add(RPMPackage("beta", "2.0"))
        upstream.documents = [("updateinfo", "updateinfo.xml", updates)]
        try upstream.publish()
        let site = try MirrorSite()
        func section(_ name: String, _ more: String) -> String {
            "  \(name): {type: rpm, upstream: \"file://\(upstream.root)\", keyring: \(upstream.keyring)\(more)}\n"
        }
        try site.configure(
            more: section("whole", "") + section("newest", ", sign: false, filter: {latest: 1}")
                + section("alone", ", sign: false, filter: {exclude: [beta]}"))
        for name in ["whole", "newest", "alone"] {
            let answer = try site.json("sync", name)
            #expect(answer.status == 0, "\(answer)")
        }
        let server = try NginxServer(root: "\(site.store)/public")
        func client(_ name: String) throws -> DNFClient {
            let client = try DNFClient([.init("\(server.url)/\(name)")])
            try client.makecache().checked()
            #expect(try list(client) == [], "nothing is installed yet")
            for path in installed { try client.markInstalled(path) }
            return client
        }
        let everything = [
            "EX-2026:1 Important/Sec. alpha-1:2.0-1.noarch", "EX-2026:1 Important/Sec. beta-2.0-1.noarch",
            "EX-2026:2 bugfix beta-2.0-1.noarch",
        ]
        for name in ["whole", "newest"] {
            let dnf = try client(name)
            #expect(try list(dnf) == everything, "\(name)")
            let info = try dnf.run("updateinfo", "info").checked().stdout
            for part in [
                "Important: alpha and beta", "Update ID: EX-2026:1", "CVE-2026-0001",
                "A file could be read by anybody.",
                "Severity: Important", "Update ID: EX-2026:2", "2026-01-02",
            ] {
                #expect(info.contains(part), "\(name) lacks \(part): \(info)")
            }
        }
        let alone = try client("alone")
        #expect(try list(alone) == [everything[0]])
        let info = try alone.run("updateinfo", "info").checked().stdout
        #expect(info.contains("EX-2026:1") && !info.contains("EX-2026:2"), "\(info)")
    }
}
