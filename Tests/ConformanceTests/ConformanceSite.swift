import Foundation
import TestSupport
import Testing

/// What the real program answered.
struct Answer: CustomStringConvertible {
    let result: ProcessResult

    var status: Int32 { result.status }
    var description: String { result.report }

    /// Standard output as one JSON object; empty if it is none.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(result.standardOutput)) as? [String: Any]) ?? [:]
    }

    func list(_ key: String) -> [[String: Any]] { json[key] as? [[String: Any]] ?? [] }

    /// The first repository of a sync or status.
    var repository: [String: Any] { list("repositories").first ?? [:] }

    /// Codes, messages and paths of that repository's errors.
    var errors: String {
        let errors = repository["errors"] as? [[String: Any]] ?? []
        return errors.map { error in
            ["code", "message", "path", "url"].map { "\($0): \(error[$0] as? String ?? "-")" }.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    /// Names and versions of listed packages.
    var packages: [String] {
        list("packages").map { "\($0["name"] as? String ?? "-") \($0["version"] as? String ?? "-")" }.sorted()
    }
}

/// An upstream on loopback, and stores that the real program fills from it.
final class ConformanceSite<Upstream: ConformanceUpstream> {
    let home: TestSupport.TemporaryDirectory
    let upstream: Upstream
    let server: LoopbackServer
    let own: GPGHome
    let key: GPGHome.Key
    /// The user's public key.
    let ownKey: String
    /// Lines of the section beside those of the adapter.
    var section: [String] = []
    /// The store's name below ``home``.
    var store = "store"

    /// Offers `alpha 1.0` and `beta 1.0`, and syncs nothing yet.
    init(_ section: String...) throws {
        home = try TestSupport.TemporaryDirectory("conformance")
        upstream = try Upstream()
        for name in ["alpha", "beta"] { try upstream.add(name, "1.0") }
        try upstream.publish()
        server = try LoopbackServer(root: upstream.root)
        own = try GPGHome()
        key = try own.makeKey("Own", algorithm: "rsa2048")
        ownKey = try home.write(own.exportPublic(key), to: "own.asc")
        self.section = section
    }

    /// Runs the program on ``store``, which is made if it is not there.
    func chantal(_ words: String...) throws -> Answer {
        if !home.exists(store) { #expect(try run(["init"]).status == 0) }
        return try run(["--json"] + words)
    }

    private func run(_ words: [String]) throws -> Answer {
        var lines = ["store: \(store)", "network: {retries: 0, timeout: 20s, proxy: none}"]
        if Upstream.signsMetadata { lines.append("signing: {key: \(key.fingerprint), home: \(own.path)}") }
        lines += [
            "repositories:", "  demo:", "    type: \(Upstream.type)",
            "    upstream: \(server.url)/\(upstream.directory)",
        ]
        lines += (upstream.section + section).map { "    \($0)" }
        let path = try home.write(lines.joined(separator: "\n") + "\n", to: "chantal.yaml")
        let command = [try Project.chantal(), "--config", path] + words
        return Answer(result: try Subprocess.run(command, timeout: 120))
    }

    /// Syncs, and expects this status.
    @discardableResult
    func sync(_ status: String = "changed", sourceLocation: SourceLocation = #_sourceLocation) throws -> Answer {
        server.clearRequests()
        let answer = try chantal("sync")
        #expect(answer.repository["status"] as? String == status, "\(answer)", sourceLocation: sourceLocation)
        let isGood = status == "changed" || status == "unchanged"
        #expect(answer.status == (isGood ? 0 : 1), "\(answer)", sourceLocation: sourceLocation)
        return answer
    }

    func offer(_ name: String, _ version: String) throws {
        try upstream.add(name, version)
        try upstream.publish()
    }

    /// Inverts a byte of a file of upstream, with a new modification time.
    func corrupt(_ file: String, at offset: Int) throws {
        let path = upstream.path(file)
        var bytes = try Files.read(path)
        let index = offset < 0 ? bytes.count + offset : min(offset, bytes.count / 2)
        bytes[index] = ~bytes[index]
        try Files.write(bytes, to: path)
        try Files.setModified(path, time(nil) + 5)
    }

    var publicPath: String { home.path("\(store)/public") }

    /// Every path that is served under a name.
    func paths(_ name: String = "demo") throws -> [String] {
        try Files.walk("\(publicPath)/\(Files.linkTarget("\(publicPath)/\(name)"))").sorted()
    }

    func bytes(_ path: String, _ name: String = "demo") throws -> [UInt8] {
        try Files.read("\(publicPath)/\(name)/\(path)")
    }

    /// What must not change where nothing is committed.
    func listing() throws -> String {
        try Subprocess.run(
            ["find", "manifests", "public", "repositories", "publications", "-printf", "%p %y %i %m %s %T@ %C@ %l\n"],
            directory: home.path(store)
        ).checked().stdout.split(separator: "\n").sorted().joined(separator: "\n")
    }
}
