import Foundation
import TestSupport
import Testing

/// What the real program answered.
struct Answer: CustomStringConvertible {
    let result: ProcessResult

    var status: Int32 { result.status }
    var data: String { result.stdout }
    var prose: String { result.stderr }
    var description: String { result.report }

    /// Standard output as one JSON object; empty if it is none.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(result.standardOutput)) as? [String: Any]) ?? [:]
    }

    /// The objects under a key.
    func list(_ key: String) -> [[String: Any]] { json[key] as? [[String: Any]] ?? [] }

    /// The first repository of a sync or status.
    var repository: [String: Any] { list("repositories").first ?? [:] }

    /// Codes, messages, hints and paths of that repository's errors.
    var errors: String {
        let errors = repository["errors"] as? [[String: Any]] ?? []
        return errors.map { error in
            ["code", "message", "hint", "path", "url"].map { "\($0): \(error[$0] as? String ?? "-")" }
                .joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}

/// A real upstream on loopback, and a store that the real program fills: all is seen from outside.
final class MirrorSite {
    let home: TestSupport.TemporaryDirectory
    let upstream: DebianUpstream
    let server: LoopbackServer
    /// Lines at the top level of the configuration.
    var top: [String] = []
    /// The lines of the repository `debian`.
    var section: [String]

    /// - Parameters:
    ///   - section: lines beside type, upstream, suites and keyring.
    ///   - packages: called before upstream is published for the first time.
    init(
        _ suites: [DebianSuite] = [DebianSuite("stable")], _ section: [String] = [],
        packages: (DebianUpstream) throws -> Void = { upstream in
            try upstream.add(DebianPackage("alpha"), fast: true)
            try upstream.add(DebianPackage("beta"), fast: true)
        }
    ) throws {
        home = try TestSupport.TemporaryDirectory("site")
        upstream = try DebianUpstream(suites)
        try packages(upstream)
        try upstream.publish()
        server = try LoopbackServer(root: upstream.root)
        let names = suites.map { "\"\($0.name)\"" }.joined(separator: ", ")
        self.section =
            ["upstream: \(server.url)", "suites: [\(names)]", "keyring: \(upstream.keyring)"] + section
        try configure()
        #expect(try chantal("init").status == 0)
    }

    /// Writes the configuration as ``top`` and ``section`` say now.
    func configure(more: String = "") throws {
        let network = top.contains { $0.hasPrefix("network:") } ? [] : ["network: {retries: 0, timeout: 20s}"]
        let lines = ["store: store"] + network + top + ["repositories:", "  debian:", "    type: apt"]
        try home.write(
            (lines + section.map { "    \($0)" }).joined(separator: "\n") + "\n" + more, to: "chantal.yaml")
    }

    /// Puts another URL, or a list of them, in the place of upstream's.
    func setUpstream(_ value: String) throws {
        section[0] = "upstream: \(value)"
        try configure()
    }

    func chantal(_ words: String..., environment: [String: String] = [:]) throws -> Answer {
        try run(words, environment)
    }

    func json(_ words: String..., environment: [String: String] = [:]) throws -> Answer {
        try run(["--json"] + words, environment)
    }

    private func run(_ words: [String], _ environment: [String: String]) throws -> Answer {
        let command = [try Project.chantal(), "--config", home.path("chantal.yaml")] + words
        return Answer(result: try Subprocess.run(command, environment: environment, timeout: 60))
    }

    /// Syncs, and expects the status.
    @discardableResult
    func sync(
        _ status: String = "changed", environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Answer {
        let answer = try run(["--json", "sync"], environment)
        #expect(answer.repository["status"] as? String == status, "\(answer)", sourceLocation: sourceLocation)
        let good = status == "changed" || status == "unchanged"
        #expect(answer.status == (good ? 0 : 1), "\(answer)", sourceLocation: sourceLocation)
        return answer
    }

    /// Adds a package, and publishes upstream anew.
    func add(_ name: String, _ version: String = "1.0-1") throws {
        try upstream.add(DebianPackage(name, version), fast: true)
        try upstream.publish()
    }

    var store: String { home.path("store") }
    func published(_ path: String, _ name: String = "debian") throws -> [UInt8] {
        try Files.read("\(store)/public/\(name)/\(path)")
    }

    /// Every path that is served under a name.
    func paths(_ name: String = "debian") throws -> [String] {
        let target = try Files.linkTarget("\(store)/public/\(name)")
        return try Files.walk("\(store)/public/\(target)")
    }

    /// Kind, inode, size, modes and times of everything in the parts of the store that a client or a state depends on.
    func listing() throws -> String {
        try Subprocess.run(
            [
                "find", "blobs", "manifests", "public", "repositories", "publications", "-printf",
                "%p %y %i %n %m %s %T@ %C@ %l\n",
            ], directory: store
        ).checked().stdout.split(separator: "\n").sorted().joined(separator: "\n")
    }
}
