import Basics
import Catalog
import Store
import Synchronization
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

/// APT, and how often a state's metadata was read for the catalog.
private struct CountedAPT: Ecosystem {
    /// By the repository's name.
    static let readings = Mutex<[String: Int]>([:])

    let inner: APTEcosystem

    static var declaration: EcosystemDeclaration { APTEcosystem.declaration }
    init(_ section: RepositorySection) throws { inner = try APTEcosystem(section) }
    func plan(_ session: SyncSession) throws -> PlanOutcome { try inner.plan(session) }
    static func compareVersions(_ a: String, _ b: String) -> Int { APTEcosystem.compareVersions(a, b) }

    static func packages(in state: StateReader, since previous: () throws -> StateReader?, into rows: any PackageSink)
        throws
    {
        readings.withLock { $0[state.repository, default: 0] += 1 }
        try APTEcosystem.packages(in: state, since: previous, into: rows)
    }
}

/// What the catalog knows of a mirror.
@Suite struct CatalogRowsTests {
    private func fixture(_ section: String...) throws -> MirrorFixture {
        var stable = DebianSuite("stable")
        stable.components = ["main", "contrib"]
        stable.architectures = ["amd64", "arm64"]
        let fixture = try MirrorFixture([stable, DebianSuite("stable-updates")], "sources: true", "udebs: true")
        fixture.section += section
        fixture.ecosystem = CountedAPT.self
        let upstream = fixture.upstream
        try upstream.add(
            DebianPackage(
                "tool", source: "toolbox", description: "does things — größer\nand more",
                fields: [
                    ("Provides", "mail-transport-agent, tool-api (= 3), odd(x)"), ("Homepage", "https://tool.example/"),
                ]))
        try upstream.add(DebianPackage("common", architecture: "all"))
        try upstream.add(DebianPackage("extra", "2:1~rc1-1"), component: "contrib")
        try upstream.add(DebianPackage("fix", architecture: "amd64"), suite: "stable-updates")
        try upstream.add(DebianPackage("installer", isUdeb: true))
        try upstream.add(DebianSource("toolbox"))
        try upstream.publish()
        return fixture
    }

    private func indexed(_ fixture: MirrorFixture, as name: String) throws -> [PackageRow] {
        let engine = try fixture.engine(name: name)
        let latest = try #require(try engine.records.latestGeneration(of: name))
        var rows: [PackageRow] = []
        try engine.openCatalog().forEachPackage(of: RepositoryState(repository: name, generation: latest.number)) {
            rows.append($0)
        }
        return rows
    }

    /// What reading the published metadata gives.
    private func published(_ fixture: MirrorFixture, as name: String) throws -> [PackageRow] {
        let engine = try fixture.engine(name: name)
        let record = try #require(try engine.records.latestGeneration(of: name))
        let reader = StateReader(repository: name, manifest: try engine.records.manifest(record.manifest)) {
            try engine.store.blobs.open($0)
        }
        var rows: Set<PackageRow> = []
        try APTEcosystem.packages(in: reader) { rows.insert($0) }
        return rows.sorted()
    }

    private func readings(_ name: String) -> Int { CountedAPT.readings.withLock { $0[name] ?? 0 } }

    @Test("the plan gathers what the published metadata tells, so that it is not read again")
    func gathered() throws {
        let fixture = try fixture()
        #expect(try fixture.sync(as: "gathered").status == .changed)
        let rows = try indexed(fixture, as: "gathered")
        #expect(try rows == published(fixture, as: "gathered"))
        #expect(
            rows.map { "\($0.group) \($0.name) \($0.architecture)" } == [
                "stable/main common all", "stable/contrib extra amd64", "stable-updates/main fix amd64",
                "stable/main installer amd64", "stable/main tool amd64", "stable/main toolbox source",
            ])
        let tool = try #require(rows.first { $0.name == "tool" })
        #expect(tool.source == "toolbox" && tool.homepage == "https://tool.example/")
        #expect(tool.provides == "mail-transport-agent tool-api odd" && tool.summary == "does things — größer")
        #expect(tool.digest != nil && rows.allSatisfy { $0.name == "tool" || $0.source.isEmpty })

        try fixture.upstream.add(DebianPackage("tool", "2.0-1"))
        try fixture.upstream.remove("extra")
        try fixture.upstream.publish()
        #expect(try fixture.sync(as: "gathered").status == .changed)
        let second = try indexed(fixture, as: "gathered")
        #expect(try second == published(fixture, as: "gathered"))
        #expect(second.contains { $0.version == "2.0-1" } && !second.contains { $0.name == "extra" })
        #expect(readings("gathered") == 0)
        #expect(try fixture.engine(name: "gathered").openCatalog().defects().isEmpty)
    }

    @Test("where a package is missing the metadata is read: its row has no digest")
    func missing() throws {
        let fixture = try fixture("allow_missing: [\"pool/main/c/*\"]")
        let path = try #require(
            try Files.walk(fixture.upstream.root).first { $0.contains("pool/main/c/common/") && $0.hasSuffix(".deb") })
        let bytes = try Files.read(fixture.upstream.path(path))
        try fixture.upstream.lose(path)
        #expect(try fixture.sync(as: "missing").status == .changed)
        let rows = try indexed(fixture, as: "missing")
        #expect(try rows == published(fixture, as: "missing"))
        #expect(rows.first { $0.name == "common" }?.digest == nil)
        #expect(rows.filter { $0.digest == nil }.count == 1)
        #expect(readings("missing") == 1)
        // The next one compares with these rows.
        try Files.write(bytes, to: fixture.upstream.path(path))
        try fixture.upstream.add(DebianPackage("late"))
        try fixture.upstream.publish()
        #expect(try fixture.sync(as: "missing").status == .changed)
        #expect(try indexed(fixture, as: "missing") == published(fixture, as: "missing"))
        #expect(try indexed(fixture, as: "missing").allSatisfy { $0.digest != nil } && readings("missing") == 1)
    }

    @Test("where no SHA-256 is declared the metadata is read, once the files are there")
    func otherHash() throws {
        let fixture = try MirrorFixture([DebianSuite("stable")])
        fixture.ecosystem = CountedAPT.self
        try fixture.upstream.change { $0.stanzaHashes = ["MD5sum", "SHA512"] }
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        #expect(try fixture.sync(as: "other").status == .changed)
        let rows = try indexed(fixture, as: "other")
        #expect(try rows == published(fixture, as: "other"))
        #expect(rows.first?.alias?.algorithm == .sha512 && rows.first?.digest != nil)
        #expect(readings("other") == 1)
    }
}
