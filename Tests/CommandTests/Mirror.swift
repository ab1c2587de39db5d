import APT
import Basics
import ChantalCommands
import Foundation
import TestSupport
import Testing

/// A store made by `init`, and a configuration that mirrors a real upstream from its directory.
final class Mirror {
    let home: TestSupport.TemporaryDirectory
    let upstream: DebianUpstream

    /// - Parameter packages: name and version of each.
    init(_ packages: KeyValuePairs<String, String> = ["alpha": "1.0", "beta": "2.0"]) throws {
        home = try TestSupport.TemporaryDirectory("commands")
        upstream = try DebianUpstream([DebianSuite("stable")])
        for (name, version) in packages { _ = try upstream.add(DebianPackage(name, version)) }
        try upstream.publish()
        #expect(Run("init", home.path).status == 0)
        try configure(["demo"])
    }

    func configure(_ repositories: [String], more: String = "") throws {
        let sections = repositories.map { name in
            "  \(name): {type: apt, upstream: 'file://\(upstream.root)', suites: [stable], keyring: \(upstream.keyring)}\n"
        }
        _ = try home.write("store: store\nrepositories:\n\(sections.joined())\(more)", to: "chantal.yaml")
    }

    /// Adds a package and publishes upstream anew.
    func add(_ name: String, _ version: String) throws {
        _ = try upstream.add(DebianPackage(name, version))
        try upstream.publish()
    }

    func run(_ words: String...) -> Run { Run(["--config", home.path("chantal.yaml")] + words) }

    func json(_ words: String...) -> [String: Any] {
        Run(["--config", home.path("chantal.yaml"), "--json"] + words).json
    }

    /// Objects under a key of a command's result.
    func list(_ key: String, _ words: String...) -> [[String: Any]] { list(key, words) }

    func list(_ key: String, _ words: [String]) -> [[String: Any]] {
        Run(["--config", home.path("chantal.yaml"), "--json"] + words).json[key] as? [[String: Any]] ?? []
    }
}
