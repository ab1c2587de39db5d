import Basics
import Hashing
import Store
import TestSupport
import Testing

@testable import Mirroring

/// Hears nothing but warnings.
struct Silence: SyncObserver {
    func step(_ step: SyncStep, repository: String) {}
    func willFetch(files: Int, bytes: Int64, repository: String) {}
    func didFetch(files: Int, bytes: Int64, repository: String) {}
    func warn(_ message: String, repository: String) {}
    func ended(_ step: SyncStep, seconds: Double, cpuSeconds: Double, repository: String) {}
}

/// A repository in parts on loopback, its files on another server, and a store that mirrors it.
final class PartsFixture {
    let home: TestSupport.TemporaryDirectory
    let server: LoopbackServer
    let files: LoopbackServer
    var name = "demo"
    /// Lines of the repository's section beside its type and parts.
    var section: [String]
    var parts = ["a", "b", "c"]

    init(_ section: String...) throws {
        home = try TestSupport.TemporaryDirectory("parts")
        try home.makeDirectory("up")
        try home.makeDirectory("files")
        server = try LoopbackServer(root: home.path("up"))
        files = try LoopbackServer(root: home.path("files"))
        self.section = section.isEmpty ? ["upstream: \(server.url)"] : section
        _ = try StoreDirectory.create(at: home.path("store"))
        for part in parts { try offer(part, ["one": "1 of \(part)"]) }
    }

    /// Writes a part's page and its files.
    /// - Parameter isDeclared: whether the page tells the files' digests.
    func offer(_ part: String, _ contents: KeyValuePairs<String, String>, isDeclared: Bool = true) throws {
        var page = ""
        for (name, text) in contents {
            try home.write(text, to: "files/\(part)/\(name)")
            let digest = isDeclared ? sha256(of: Array(text.utf8)).hex : "-"
            page += "\(digest) \(name) \(files.url("\(part)/\(name)"))\n"
        }
        try home.write(page, to: "up/parts/\(part)/index.html")
    }

    func engine(largeTree: Int = SharedDirectories.worthwhile) throws -> Engine {
        let lines =
            [
                "store: store", "network: {retries: 0, timeout: 20s, proxy: none}", "repositories:", "  \(name):",
                "    type: parts", "    parts: [\(parts.joined(separator: ", "))]",
            ] + section.map { "    \($0)" }
        let path = try home.write(lines.joined(separator: "\n") + "\n", to: "chantal.yaml")
        let configuration = try Configuration.load(
            path: path, ecosystems: [PartsEcosystem.declaration], environment: [:])
        return Engine(
            configuration: configuration, store: try StoreDirectory.open(at: home.path("store")),
            ecosystems: EcosystemRegistry([PartsEcosystem.self]), cancellation: Cancellation(), observer: Silence(),
            largeTree: largeTree)
    }

    func sync(_ change: (inout SyncOptions) -> Void = { _ in }) throws -> SyncReport {
        let engine = try engine()
        var options = SyncOptions()
        change(&options)
        server.clearRequests()
        files.clearRequests()
        return engine.sync(engine.configuration.repositories[0], options)
    }

    /// Syncs, and expects this end.
    @discardableResult
    func sync(_ status: SyncReport.Status, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws
        -> SyncReport
    {
        let report = try sync()
        #expect(report.status == status, "\(report.errors)", sourceLocation: sourceLocation)
        return report
    }

    /// The parts that were asked for in the last sync, and whether conditionally.
    var asked: [String: Bool] {
        var result: [String: Bool] = [:]
        for request in server.requests(matching: "/parts/*") {
            result[String(request.path.split(separator: "/")[1])] =
                request["If-None-Match"] != nil || request["If-Modified-Since"] != nil
        }
        return result
    }

    func published(_ path: String) throws -> String { try home.text("store/public/\(name)/\(path)") }
    func isPublished(_ path: String) -> Bool { home.exists("store/public/\(name)/\(path)") }
}
