import Basics
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

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

/// A real upstream on loopback, and a store that mirrors it.
final class MirrorFixture {
    let home: TestSupport.TemporaryDirectory
    let upstream: DebianUpstream
    let server: LoopbackServer
    let observer = WarningListener()
    /// The user's own key, for filtered repositories.
    let ownGPG: GPGHome
    let ownKey: GPGHome.Key
    let ownKeyring: String
    /// Lines of the repository's section.
    var section: [String]
    var ecosystem: any Ecosystem.Type = APTEcosystem.self
    /// Files from which on a tree shares its directories.
    var largeTree = SharedDirectories.worthwhile

    /// - Parameter section: lines beside type, upstream and keyring.
    init(_ suites: [DebianSuite] = [DebianSuite("stable")], _ section: String..., verify: Bool = true) throws {
        home = try TestSupport.TemporaryDirectory("mirror")
        upstream = try DebianUpstream(suites)
        server = try LoopbackServer(root: upstream.root)
        ownGPG = try GPGHome()
        ownKey = try ownGPG.makeKey("Own Key")
        ownKeyring = try home.write(ownGPG.exportPublic(ownKey), to: "own.asc")
        let names = suites.map { "\"\($0.name)\"" }.joined(separator: ", ")
        self.section =
            ["suites: [\(names)]", verify ? "keyring: \(upstream.keyring)" : "verify: false"] + section
        _ = try StoreDirectory.create(at: home.path("store"))
    }

    func configuration(name: String = "debian") throws -> Configuration {
        let lines =
            [
                "store: store", "network: {retries: 1, timeout: 20s, proxy: none}",
                "signing: {key: \(ownKey.fingerprint), home: \(ownGPG.path)}",
                "repositories:", "  \(name):", "    type: apt", "    upstream: \(server.url)",
            ] + section.map { "    \($0)" }
        let path = try home.write(lines.joined(separator: "\n") + "\n", to: "chantal.yaml")
        return try Configuration.load(path: path, ecosystems: [APTEcosystem.declaration], environment: [:])
    }

    func engine(name: String = "debian") throws -> Engine {
        Engine(
            configuration: try configuration(name: name), store: try StoreDirectory.open(at: home.path("store")),
            ecosystems: EcosystemRegistry([ecosystem]), cancellation: Cancellation(), observer: observer,
            largeTree: largeTree)
    }

    /// - Parameter name: what the repository is called.
    func sync(full: Bool = false, dryRun: Bool = false, as name: String = "debian") throws -> SyncReport {
        let engine = try engine(name: name)
        var options = SyncOptions()
        options.full = full
        options.dryRun = dryRun
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

    var publicPath: String { home.path("store/public/debian") }

    func published(_ path: String) throws -> [UInt8] { try Files.read("\(publicPath)/\(path)") }
    func isPublished(_ path: String) -> Bool { Files.exists("\(publicPath)/\(path)") }
    func publishedText(_ path: String) throws -> String { String(decoding: try published(path), as: UTF8.self) }

    /// Every file that is published, links resolved.
    func publishedFiles() throws -> [String] {
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: publicPath)
        return try Files.walk(home.path("store/public/\(target)")).sorted()
    }

    func state(_ generation: Int? = nil) throws -> StateReader {
        let store = try StoreDirectory.open(at: home.path("store"))
        let record = try #require(
            try generation.map { try store.records.generation($0, of: "debian") }
                ?? store.records.latestGeneration(of: "debian"))
        let blobs = store.blobs
        return StateReader(
            repository: "debian", manifest: try store.records.manifest(record.manifest), notes: record.notes
        ) { try blobs.open($0) }
    }

    /// A real apt that reads the mirror.
    func apt(suite: String = "stable", components: [String] = ["main"], keyring: String? = nil, isSource: Bool = false)
        throws -> (client: AptClient, server: LoopbackServer)
    {
        let mirror = try LoopbackServer(root: home.path("store/public"))
        let key = keyring ?? upstream.keyring
        var lines = [AptClient.line("\(mirror.url)/debian", suite: suite, components: components, keyring: key)]
        if isSource {
            lines.append(
                AptClient.line(
                    "\(mirror.url)/debian", suite: suite, components: components, keyring: key, isSource: true))
        }
        return (try AptClient(sources: lines), mirror)
    }
}
