import Foundation
import TestSupport
import Testing

/// A store that the real program fills from several upstreams, which lie on this machine, with a key of the user's own.
final class ViewSite {
    let home: TestSupport.TemporaryDirectory
    let own: GPGHome
    let key: GPGHome.Key
    /// The user's public key.
    let ownKey: String
    /// The configuration below `store` and `signing`.
    var configuration = ""

    init() throws {
        home = try TestSupport.TemporaryDirectory("views")
        own = try GPGHome()
        key = try own.makeKey("Own", algorithm: "rsa2048")
        ownKey = try home.write(own.exportPublic(key, armored: false), to: "own.gpg")
    }

    /// The same, as dnf reads it.
    func ownArmored() throws -> String { try home.write(own.exportPublic(key), to: "own.asc") }

    var store: String { home.path("store") }
    func nginx() throws -> NginxServer { try NginxServer(root: "\(store)/public") }

    func configure(_ text: String) throws {
        configuration = text
        try home.write(
            "store: store\nsigning: {key: \(key.fingerprint), home: \(own.path)}\n\(text)", to: "chantal.yaml")
        if !home.exists("store") { #expect(try chantal("init").status == 0) }
    }

    func chantal(_ words: String...) throws -> Answer { try run(words) }

    func run(_ words: [String]) throws -> Answer {
        let command = [try Project.chantal(), "--config", home.path("chantal.yaml"), "--json"] + words
        return Answer(result: try Subprocess.run(command, timeout: 120))
    }

    /// Syncs all, and expects these ends by name.
    @discardableResult
    func sync(_ expected: KeyValuePairs<String, String>, sourceLocation: SourceLocation = #_sourceLocation) throws
        -> Answer
    {
        let answer = try chantal("sync")
        let found = answer.list("repositories").map {
            "\($0["repository"] as? String ?? ""): \($0["status"] as? String ?? "")"
        }
        #expect(found == expected.map { "\($0.key): \($0.value)" }, "\(answer)", sourceLocation: sourceLocation)
        return answer
    }

    func published(_ path: String) throws -> String { try home.text("store/public/\(path)") }

    /// Every path that is served under a name.
    func paths(_ name: String) throws -> [String] {
        try Files.walk("\(store)/public/\(Files.linkTarget("\(store)/public/\(name)"))").sorted()
    }

    /// `NAME VERSION` of what a state lists.
    func packages(_ state: String) throws -> [String] {
        try chantal("list", state).list("packages")
            .map { "\($0["name"] as? String ?? "") \($0["version"] as? String ?? "")" }.sorted()
    }

    /// Carries a view into another store, and expects the same tree there.
    func carry(_ name: String) throws -> Inside {
        let bundle = home.path("\(name).tar")
        let answer = try chantal("export", "-o", bundle, name)
        #expect(answer.status == 0, "\(answer)")
        let inside = try Inside()
        try inside.take(bundle)
        #expect(try inside.chantal("verify").status == 0)
        return inside
    }
}
