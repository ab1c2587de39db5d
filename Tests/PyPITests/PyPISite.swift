import Foundation
import Mirroring
import PyPI
import Store
import TestSupport
import Testing

/// What the real program answered.
struct Answer: CustomStringConvertible {
    let result: ProcessResult

    var status: Int32 { result.status }
    var data: String { result.stdout }
    var description: String { result.report }

    /// Standard output as one JSON object; empty if it is none.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(result.standardOutput)) as? [String: Any]) ?? [:]
    }

    /// The first repository of a sync or status.
    var repository: [String: Any] { (json["repositories"] as? [[String: Any]])?.first ?? [:] }

    /// Codes and messages of that repository's errors.
    var errors: String {
        let errors = repository["errors"] as? [[String: Any]] ?? []
        return errors.map { "\($0["code"] ?? "-"): \($0["message"] ?? "-") \($0["hint"] ?? "-")" }.joined(
            separator: "\n")
    }
}

/// An index on loopback, and a store that the real program fills: all is seen from outside.
final class PyPISite {
    let home: TestSupport.TemporaryDirectory
    let upstream: PyPIUpstream
    let server: LoopbackServer
    /// Lines of the repository beside type and upstream.
    var section: [String]

    init(
        _ section: [String] = [], form: PyPIUpstream.Form = .json, serials: Bool = false,
        packages: [PythonPackage] = [PythonPackage("alpha"), PythonPackage("beta", requires: ["alpha"])]
    ) throws {
        home = try TestSupport.TemporaryDirectory("pypi")
        upstream = try PyPIUpstream(form: form, serials: serials)
        try upstream.add(packages)
        try upstream.publish()
        server = try LoopbackServer(root: upstream.root)
        self.section = section
        try configure()
        #expect(try chantal("init").status == 0)
    }

    /// Writes the configuration as ``section`` says now.
    func configure() throws {
        let own = section.contains { $0.hasPrefix("upstream:") } ? [] : ["upstream: \(server.url)/simple/"]
        let lines =
            ["store: store", "network: {retries: 0, timeout: 20s}", "repositories:", "  python:", "    type: pypi"]
            + (own + section).map { "    \($0)" }
        try home.write(lines.joined(separator: "\n") + "\n", to: "chantal.yaml")
    }

    func chantal(_ words: String...) throws -> Answer {
        let command = [try Project.chantal(), "--config", home.path("chantal.yaml"), "--json"] + words
        return Answer(result: try Subprocess.run(command, timeout: 300))
    }

    /// Syncs, and expects the status.
    @discardableResult
    func sync(
        _ status: String = "changed", _ words: String..., sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws -> Answer {
        try sync(status, words, sourceLocation: sourceLocation)
    }

    @discardableResult
    func sync(
        _ status: String, _ words: [String], sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws -> Answer {
        server.clearRequests()
        let command = [try Project.chantal(), "--config", home.path("chantal.yaml"), "--json", "sync"] + words
        let answer = Answer(result: try Subprocess.run(command, timeout: 300))
        #expect(answer.repository["status"] as? String == status, "\(answer)", sourceLocation: sourceLocation)
        let good = status == "changed" || status == "unchanged"
        #expect(answer.status == (good ? 0 : 1), "\(answer)", sourceLocation: sourceLocation)
        return answer
    }

    /// Publishes upstream anew, after a change.
    func change(_ body: (PyPIUpstream) throws -> Void) throws {
        try body(upstream)
        try upstream.publish()
    }

    var publicPath: String { home.path("store/public") }

    func text(_ path: String) throws -> String { try Files.text("\(publicPath)/python/\(path)") }
    func isPublished(_ path: String) -> Bool { Files.exists("\(publicPath)/python/\(path)") }

    /// The JSON page of a project.
    func page(_ project: String) throws -> [String: Any] {
        let bytes = try Files.read("\(publicPath)/python/simple/\(project)/index.v1_json")
        return try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    func pageFiles(_ project: String) throws -> [[String: Any]] {
        try #require(try page(project)["files"] as? [[String: Any]])
    }

    func filenames(_ project: String) throws -> [String] {
        try pageFiles(project).compactMap { $0["filename"] as? String }
    }

    /// Every path that is served.
    func paths() throws -> [String] {
        let target = try Files.linkTarget("\(publicPath)/python")
        return try Files.walk("\(publicPath)/\(target)")
    }

    /// A real nginx with the documented configuration.
    func nginx() throws -> NginxServer { try NginxServer(root: publicPath) }

    /// The generation in force.
    func state() throws -> StateReader {
        let store = try StoreDirectory.open(at: home.path("store"))
        let record = try #require(try store.records.latestGeneration(of: "python"))
        let blobs = store.blobs
        return StateReader(repository: "python", manifest: try store.records.manifest(record.manifest)) {
            try blobs.open($0)
        }
    }

    /// The rows that the catalog gets.
    func packages() throws -> [PackageRow] {
        var rows: [PackageRow] = []
        try PyPIEcosystem.packages(in: state()) { rows.append($0) }
        return rows
    }
}
