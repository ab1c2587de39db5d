import Foundation
import TestSupport
import Testing

/// Hosted repositories of each kind, filled by the real program: `ours` (apt), `rpms` and `wheels`.
final class HostedSite {
    let home: TestSupport.TemporaryDirectory
    let own: GPGHome
    let key: GPGHome.Key
    /// The user's public key.
    let ownKey: String
    /// Lines of the section `ours`.
    var ours = ["suites: [stable, testing]", "components: [main, contrib]", "architectures: [amd64, arm64]"]
    /// Lines of the sections `rpms` and `wheels`.
    var rpms: [String] = []
    var wheels: [String] = []

    init() throws {
        home = try TestSupport.TemporaryDirectory("hosted")
        own = try GPGHome()
        key = try own.makeKey("Own", algorithm: "rsa2048")
        ownKey = try home.write(own.exportPublic(key), to: "own.asc")
        try configure()
        #expect(try run(["init"]).status == 0)
    }

    func configure(key other: GPGHome.Key? = nil) throws {
        let fingerprint = (other ?? key).fingerprint
        let lines =
            ["store: store", "signing: {key: \(fingerprint), home: \(own.path)}", "repositories:"]
            + ["  ours:", "    type: apt"] + ours.map { "    \($0)" }
            + ["  rpms:", "    type: rpm"] + rpms.map { "    \($0)" }
            + ["  wheels:", "    type: pypi"] + wheels.map { "    \($0)" }
            + ["  mirror:", "    type: pypi", "    upstream: http://127.0.0.1:1/simple/"]
        try home.write(lines.joined(separator: "\n") + "\n", to: "chantal.yaml")
    }

    private func run(_ words: [String]) throws -> Answer {
        let command = [try Project.chantal(), "--config", home.path("chantal.yaml")] + words
        return Answer(result: try Subprocess.run(command, timeout: 120))
    }

    func json(_ words: String...) throws -> Answer { try run(["--json"] + words) }

    /// Runs it, and expects a status: of the repository, or of the program where there is no such.
    @discardableResult
    func chantal(
        _ status: String, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Answer {
        let answer = try run(["--json"] + words)
        #expect(answer.repository["status"] as? String == status, "\(answer)", sourceLocation: sourceLocation)
        let isGood = status == "changed" || status == "unchanged"
        #expect((answer.status == 0) == isGood, "\(answer)", sourceLocation: sourceLocation)
        return answer
    }

    /// Builds a package; gives its file.
    func deb(_ package: DebianPackage, in folder: String = "build") throws -> String {
        try home.makeDirectory(folder)
        let path = home.path("\(folder)/\(package.fileName)")
        try package.build(to: path)
        return path
    }

    func rpm(_ package: RPMPackage, in folder: String = "build") throws -> String {
        try home.makeDirectory(folder)
        let path = home.path("\(folder)/\(package.fileName)")
        try package.build(to: path)
        return path
    }

    /// Builds a release; gives its files.
    func python(_ package: PythonPackage) throws -> [String] {
        let upstream = try PyPIUpstream(form: .json)
        try upstream.add(package)
        let folder = "python-\(UUID())"
        try home.makeDirectory(folder)
        return try Files.walk("\(upstream.root)/files").filter { !$0.hasSuffix(".metadata") }.sorted().map { path in
            let target = home.path("\(folder)/\(path.split(separator: "/").last ?? "")")
            try Files.copy("\(upstream.root)/files/\(path)", to: target)
            return target
        }
    }

    var publicPath: String { home.path("store/public") }

    func bytes(_ path: String, _ name: String) throws -> [UInt8] { try Files.read("\(publicPath)/\(name)/\(path)") }
    func text(_ path: String, _ name: String) throws -> String {
        String(decoding: try bytes(path, name), as: UTF8.self)
    }

    func paths(_ name: String) throws -> [String] {
        try Files.walk("\(publicPath)/\(Files.linkTarget("\(publicPath)/\(name)"))").sorted()
    }

    func apt(_ url: String, suite: String = "stable", components: [String] = ["main"], isSource: Bool = false) throws
        -> AptClient
    {
        try AptClient(sources: [
            AptClient.line("\(url)/ours", suite: suite, components: components, keyring: ownKey, isSource: isSource)
        ])
    }
}
