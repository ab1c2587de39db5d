import Basics
import Hashing
import Store
import TestSupport
import Testing

@testable import Mirroring

/// Two repositories in parts, `left` and `right`, and the view `both` of them.
final class ViewFixture {
    let home: TestSupport.TemporaryDirectory
    let server: LoopbackServer
    /// The lines of the configuration's views.
    var views = ["both: {of: [left, right]}"]

    init() throws {
        home = try TestSupport.TemporaryDirectory("views")
        try home.makeDirectory("up")
        server = try LoopbackServer(root: home.path("up"))
        _ = try StoreDirectory.create(at: home.path("store"))
        try offer("left", ["shared": "same", "mine": "of the left"])
        try offer("right", ["shared": "same", "yours": "of the right"])
    }

    /// Writes the one part of a repository and its files.
    func offer(_ repository: String, _ contents: KeyValuePairs<String, String>) throws {
        var page = ""
        for (name, text) in contents {
            try home.write(text, to: "up/\(repository)/files/\(name)")
            page += "\(sha256(of: Array(text.utf8)).hex) \(name) \(server.url("\(repository)/files/\(name)"))\n"
        }
        try home.write(page, to: "up/\(repository)/parts/a/index.html")
    }

    func engine() throws -> Engine {
        var lines = ["store: store", "network: {retries: 0, timeout: 20s, proxy: none}", "repositories:"]
        for name in ["left", "right"] {
            lines.append("  \(name): {type: parts, parts: [a], upstream: \"\(server.url(name))\"}")
        }
        lines += ["views:"] + views.map { "  \($0)" }
        let path = try home.write(lines.joined(separator: "\n") + "\n", to: "chantal.yaml")
        let configuration = try Configuration.load(
            path: path, ecosystems: [PartsEcosystem.declaration], environment: [:])
        return Engine(
            configuration: configuration, store: try StoreDirectory.open(at: home.path("store")),
            ecosystems: EcosystemRegistry([PartsEcosystem.self]), cancellation: Cancellation(), observer: Silence())
    }

    /// Syncs a repository or view, and expects this end.
    @discardableResult
    func sync(
        _ name: String, _ status: SyncReport.Status = .changed, full: Bool = false, dryRun: Bool = false,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws -> SyncReport {
        let engine = try engine()
        var options = SyncOptions()
        options.full = full
        options.dryRun = dryRun
        let report = engine.sync(try engine.configuration.section(named: name), options)
        #expect(report.status == status, "\(report.errors)", sourceLocation: sourceLocation)
        return report
    }

    func syncAll() throws { for name in ["left", "right", "both"] { try sync(name) } }

    func published(_ path: String, _ name: String = "both") throws -> String {
        try home.text("store/public/\(name)/\(path)")
    }

    /// What must not change where nothing is committed.
    func listing() throws -> String {
        try Subprocess.run(
            [
                "find", "blobs", "manifests", "public", "repositories", "publications", "-printf",
                "%p %y %i %m %s %T@ %C@ %l\n",
            ], directory: home.path("store")
        ).checked().stdout.split(separator: "\n").sorted().joined(separator: "\n")
    }
}
