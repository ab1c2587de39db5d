import Basics
import Testing

@testable import Mirroring

@Suite("The digest of a section")
struct ConfigurationDigestTests {
    private func digest(
        _ keys: String, top: String = "", key: String = "KEY", environment: [String: String] = [:]
    ) throws -> Digest {
        let fixture = try ConfigurationFixture([
            "chantal.yaml": "store: s\n\(top)\nrepositories:\n  r: {type: demo, keyring: k, \(keys)}\n", "k": key,
        ])
        return try fixture.load(environment).repositories[0].digest()
    }

    @Test("is the same for the same meaning, wherever the file lies and however it is written")
    func same() throws {
        let upstream = "upstream: \"https://a.test/\""
        let plain = try digest(upstream)
        #expect(try digest(upstream) == plain)
        #expect(try digest("\(upstream), verify: true, on_missing: fail, translations: all") == plain)
        #expect(try digest("suites: [], upstream: [\"https://a.test/\"]") == plain)
        #expect(try digest("upstream: \"https://${H}/\"", environment: ["H": "a.test"]) == plain)
    }

    @Test("does not change with what cannot change the content: secrets, network, retention")
    func unaffected() throws {
        let upstream = "upstream: \"https://a.test/\""
        let plain = try digest(upstream)
        #expect(try digest("upstream: \"https://u:p@a.test/\"") == plain)
        #expect(
            try digest("\(upstream), username: u, password: p, network: {retries: 1}, retention: {generations: 1}")
                == plain)
        #expect(try digest(upstream, top: "network: {retries: 1}") == plain)
        let key = "signing: {key: 0123456789abcdef0123456789abcdef01234567}"
        #expect(try digest(upstream, top: key) == plain)
    }

    @Test("of a view depends on its members and their order, the key that signs, the public URL and the filter")
    func view() throws {
        func digest(_ keys: String) throws -> Digest {
            let section = try ConfigurationFixture(
                """
                store: s
                signing: {key: 0123456789abcdef0123456789abcdef01234567}
                repositories:
                  a: {type: demo, verify: false, upstream: "https://a.test/"}
                  b: {type: demo, verify: false, upstream: "https://b.test/"}
                views:
                  v: {\(keys)}

                """
            ).load([:]).section(named: "v")
            #expect(section.isView && section.isRegenerated && !section.isHosted && section.type == "demo")
            #expect((section.signing == nil) == keys.contains("sign: false"))
            return try section.digest()
        }
        let plain = try digest("of: [a, b]")
        #expect(try digest("of: [a, b], retention: {generations: 2}") == plain)
        let others = try [
            "of: [b, a]", "of: [a]", "of: [a, b], sign: false", "of: [a, b], public_url: \"https://v.test/\"",
            "of: [a, b], filter: {sections: [net]}", "of: [a, b], filter: {latest: 1}",
        ]
        .map { try digest($0) }
        #expect(Set(others + [plain]).count == 7)
    }

    @Test("changes with values, with the content of files, and with the key that signs")
    func changed() throws {
        let upstream = "upstream: \"https://a.test/\""
        let key = "signing: {key: 0123456789abcdef0123456789abcdef01234567}"
        let other = "signing: {key: 1123456789abcdef0123456789abcdef01234567}"
        let filter = "\(upstream), filter: {latest: 1}"
        let digests = [
            try digest(upstream), try digest("upstream: \"https://b.test/\""), try digest(upstream, key: "OTHER"),
            try digest("\(upstream), suites: [a, b]"), try digest("\(upstream), suites: [b, a]"),
            try digest("\(upstream), verify: false"), try digest(filter, top: key), try digest(filter, top: other),
            try digest("\(filter), sign: false", top: key), try digest("\(upstream), filter: {latest: 2}", top: key),
        ]
        #expect(Set(digests).count == digests.count)
    }

    @Test("a file that is gone is an error that names the repository and the file")
    func missing() throws {
        let fixture = try ConfigurationFixture("store: s\nrepositories:\n  r: {type: demo, keyring: k, sign: false}\n")
        let section = try fixture.load().repositories[0]
        #expect(section.referencedFiles == ["\(fixture.directory)/k"])
        let error = #expect(throws: ChantalError(.notFound, "")) { try section.digest() }
        #expect(error?.message == "repository r refers to \(fixture.directory)/k")
    }
}
