import Basics
import Testing

@testable import Mirroring

@Suite("A configuration")
struct ConfigurationTests {
    @Test("is read into typed values, with defaults and what it inherits")
    func typed() throws {
        let fixture = try ConfigurationFixture(
            """
            store: store
            network: {per_host: 4, bandwidth: 50MB, timeout: 2m}
            min_free: 5GB
            retention: {generations: 7}
            repositories:
              two:
                type: demo
                upstream: [https://a.test/x, "https://b.test/y"]
                keyring: keys/demo.gpg
                suites: [3.10, yes]
                network: {timeout: 5s, proxy: none}
              one:
                type: plain
                upstream: file:///srv/x
                username: ci
                password: ${PASSWORD}
            """)
        let configuration = try fixture.load(["PASSWORD": "s3cret"])
        #expect(configuration.storePath == "\(fixture.directory)/store")
        #expect(configuration.minFree == 5_000_000_000)
        #expect(configuration.network.perHost == 4)
        #expect(configuration.network.connections == 16)
        #expect(configuration.repositories.map(\.name) == ["two", "one"])
        let two = configuration.repositories[0]
        #expect(two.value(DemoSettings.suites) == ["3.10", "yes"])
        #expect(two.value(DemoSettings.keyring) == "\(fixture.directory)/keys/demo.gpg")
        #expect(two.value(DemoSettings.translations) == .all)
        #expect(two.upstream == ["https://a.test/x", "https://b.test/y"])
        #expect(two.network.timeout == 5)
        #expect(two.network.bandwidth == 50_000_000)
        #expect(two.retention.generations == 7)
        #expect(two.location.line == 6)
        #expect(!two.isHosted && !two.isRegenerated)
        let one = configuration.repositories[1]
        #expect(one.value(CommonSettings.onMissing) == .keep)
        guard case .basic(let user, let password) = one.credentials else {
            Issue.record("no credentials")
            return
        }
        #expect(user == "ci")
        #expect(try password.reveal() == "s3cret")
        #expect("\(one)".contains("s3cret") == false)
    }
}
