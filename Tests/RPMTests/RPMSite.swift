import Basics
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@testable import Mirroring
@testable import RPM

/// Hears warnings.
final class WarningListener: SyncObserver {
    private let heard = Mutex<[String]>([])
    var warnings: [String] { heard.withLock { $0 } }
    func step(_ step: SyncStep, repository: String) {}
    func willFetch(files: Int, bytes: Int64, repository: String) {}
    func didFetch(files: Int, bytes: Int64, repository: String) {}
    func warn(_ message: String, repository: String) { heard.withLock { $0.append(message) } }
    func ended(_ step: SyncStep, seconds: Double, cpuSeconds: Double, repository: String) {}
}

/// An upstream on loopback, a store that mirrors it, and clients that read the mirror.
final class RPMSite {
    let home: TestSupport.TemporaryDirectory
    let server: LoopbackServer
    let observer = WarningListener()
    /// The user's own key, for filtered repositories.
    let ownGPG: GPGHome
    let ownKey: GPGHome.Key
    let ownKeyring: String
    /// Where to mirror from.
    var upstream: [String]
    /// Lines of the repository's section.
    var section: [String]
    var ecosystem: any Ecosystem.Type = RPMEcosystem.self

    init(root: String, _ section: String...) throws {
        home = try TestSupport.TemporaryDirectory("rpmsite")
        server = try LoopbackServer(root: root)
        upstream = ["upstream: \(server.url)"]
        ownGPG = try GPGHome()
        ownKey = try ownGPG.makeKey("Own Key", algorithm: "rsa2048")
        ownKeyring = try home.write(ownGPG.exportPublic(ownKey), to: "own.asc")
        self.section = section
        _ = try StoreDirectory.create(at: home.path("store"))
    }

    convenience init(_ upstream: RPMUpstream) throws {
        try self.init(root: upstream.root, "keyring: \(upstream.keyring)")
    }

    func configuration(environment: [String: String] = [:]) throws -> Configuration {
        let lines =
            [
                "store: store", "network: {retries: 1, timeout: 20s, proxy: none}",
                "signing: {key: \(ownKey.fingerprint), home: \(ownGPG.path)}", "repositories:", "  demo:",
                "    type: rpm",
            ] + (upstream + section).map { "    \($0)" }
        let path = try home.write(lines.joined(separator: "\n") + "\n", to: "chantal.yaml")
        return try Configuration.load(path: path, ecosystems: [RPMEcosystem.declaration], environment: environment)
    }

    func sync(full: Bool = false) throws -> SyncReport {
        let engine = Engine(
            configuration: try configuration(), store: try StoreDirectory.open(at: home.path("store")),
            ecosystems: EcosystemRegistry([ecosystem]), cancellation: Cancellation(), observer: observer)
        var options = SyncOptions()
        options.full = full
        server.clearRequests()
        return engine.sync(engine.configuration.repositories[0], options)
    }

    /// Syncs, and expects that it commits.
    @discardableResult
    func syncChanged(sourceLocation: Testing.SourceLocation = #_sourceLocation) throws -> SyncReport {
        let report = try sync()
        #expect(report.status == .changed, "\(report.errors)", sourceLocation: sourceLocation)
        return report
    }

    /// Syncs, and expects that it fails with this code and a message that says all this.
    func syncFails(
        _ code: ChantalError.Code, _ says: String..., sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
        let report = try sync()
        #expect(report.status == .failed, sourceLocation: sourceLocation)
        let text = report.errors.map { "\($0)" }.joined(separator: "\n")
        #expect(
            report.errors.contains { $0.code == code }, "\(report.errors.map(\.code)) \(text)",
            sourceLocation: sourceLocation)
        for part in says { #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation) }
    }

    var publicPath: String { home.path("store/public/demo") }

    func published(_ path: String) throws -> [UInt8] { try Files.read("\(publicPath)/\(path)") }
    func isPublished(_ path: String) -> Bool { Files.exists("\(publicPath)/\(path)") }

    /// Every file that is published, links resolved.
    func publishedFiles() throws -> [String] {
        try Files.walk(home.path("store/public/\(Files.linkTarget(publicPath))")).sorted()
    }

    func state() throws -> StateReader {
        let store = try StoreDirectory.open(at: home.path("store"))
        let record = try #require(try store.records.latestGeneration(of: "demo"))
        let blobs = store.blobs
        return StateReader(
            repository: "demo", manifest: try store.records.manifest(record.manifest), notes: record.notes
        ) { try blobs.open($0) }
    }

    func packages() throws -> [PackageRow] {
        var rows: [PackageRow] = []
        try RPMEcosystem.packages(in: state()) { rows.append($0) }
        return rows.sorted()
    }

    /// What clients read.
    func mirrorServer() throws -> NginxServer { try NginxServer(root: home.path("store/public")) }
}
