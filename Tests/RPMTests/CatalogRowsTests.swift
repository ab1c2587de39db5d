import Basics
import Catalog
import Store
import Synchronization
import TestSupport
import Testing
import XML

@testable import Mirroring
@testable import RPM

/// RPM, and how often a state's metadata was read for the catalog.
private struct CountedRPM: Ecosystem {
    static let readings = Mutex(0)

    let inner: RPMEcosystem

    static var declaration: EcosystemDeclaration { RPMEcosystem.declaration }
    init(_ section: RepositorySection) throws { inner = try RPMEcosystem(section) }
    func plan(_ session: SyncSession) throws -> PlanOutcome { try inner.plan(session) }
    static func compareVersions(_ a: String, _ b: String) -> Int { RPMEcosystem.compareVersions(a, b) }

    static func packages(in state: StateReader, since previous: () throws -> StateReader?, into rows: any PackageSink)
        throws
    {
        readings.withLock { $0 += 1 }
        try RPMEcosystem.packages(in: state, since: previous, into: rows)
    }
}

/// What the catalog knows of a mirror.
@Suite struct CatalogRowsTests {
    private func indexed(_ site: RPMSite) throws -> [PackageRow] {
        let store = try StoreDirectory.open(at: site.home.path("store"))
        let latest = try #require(try store.records.latestGeneration(of: "demo"))
        var rows: [PackageRow] = []
        try SQLiteCatalog(path: store.catalogPath).forEachPackage(
            of: RepositoryState(repository: "demo", generation: latest.number)
        ) { rows.append($0) }
        return rows
    }

    @Test("the plan gathers what primary.xml tells, so that it is not read again")
    func gathered() throws {
        let upstream = try RPMUpstream()
        try upstream.add(
            RPMPackage(
                "tool", summary: "does things",
                fields: [("Provides", "tool-api = 3")],
                files: [("/usr/bin/tool", "#!/bin/sh\n"), ("/usr/share/tool/data", "x"), ("/etc/tool.conf", "y")]))
        try upstream.add(RPMPackage("plain"))
        try upstream.publish()
        let site = try RPMSite(upstream)
        site.ecosystem = CountedRPM.self
        try site.syncChanged()
        let rows = try indexed(site)
        #expect(try rows == site.packages())
        let tool = try #require(rows.first { $0.name == "tool" })
        #expect(tool.provides == "tool-api" && tool.homepage.hasPrefix("https://"), "\(tool)")
        #expect(tool.files.split(separator: "\n").sorted() == ["/etc/tool.conf", "/usr/bin/tool"], "\(tool)")
        #expect(tool.source.isEmpty && tool.digest != nil)

        try upstream.add(RPMPackage("plain", "2.0"))
        try upstream.publish()
        try site.syncChanged()
        #expect(try indexed(site) == site.packages())
        #expect(try indexed(site).count == 3)
        #expect(CountedRPM.readings.withLock { $0 } == 0)
    }

    @Test("a package provides what is neither its own name nor told twice; paths come whole")
    func fields() throws {
        let text = """
            <metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="1">
            <package type="rpm"><name>bash</name><arch>x86_64</arch><version epoch="0" ver="5" rel="1"/>
            <checksum type="sha256" pkgid="YES">\(String(repeating: "a", count: 64))</checksum><summary> a shell </summary>
            <url>https://bash.example</url><size package="7"/><location href="Packages/bash.rpm"/><format>
            <file>/etc/a&amp;b</file>
            <rpm:sourcerpm>sh-utils-5-1.src.rpm</rpm:sourcerpm><rpm:requires><rpm:entry name="libc"/></rpm:requires>
            <rpm:provides><rpm:entry name="bash" flags="EQ" ver="5"/><rpm:entry name="bash(x86-64)"/><rpm:entry name="bash-doc"/>
            <rpm:entry name="config(bash)"/><rpm:entry name="sh" flags="EQ" ver="5"/><rpm:entry name="sh"/></rpm:provides>
            <rpm:recommends><rpm:entry name="never"/></rpm:recommends>
            <file>/usr/bin/bash</file><file type="dir">/etc/skel</file></format></package></metadata>
            """
        var found: [PackageRow] = []
        let reader = PrimaryReader(wantsRows: true) { package in
            try package.withFields(path: package.location().path, package.checksum(), digest: nil) {
                found.append(PackageRow($0))
            }
        }
        let parser = try XMLParser(file: "primary.xml", root: "metadata", handler: reader)
        try Array(text.utf8).withUnsafeBytes { try parser.write($0) }
        try parser.finish()
        let row = try #require(found.first)
        #expect(row.provides == "bash-doc config(bash) sh")
        #expect(row.files == "/etc/a&b\n/usr/bin/bash\n/etc/skel")
        #expect(row.source == "sh-utils" && row.homepage == "https://bash.example" && row.summary == "a shell")
        #expect(row.name == "bash" && row.version == "5-1" && row.size == 7 && row.path == "Packages/bash.rpm")
    }
}
