import Basics
import Testing

@testable import Mirroring

@Suite("Secrets of a configuration")
struct ConfigurationSecretTests {
    static let text = """
        store: s
        network: {proxy: "http://puser:PROXYPW@proxy.test:3128"}
        signing: {key: 0123456789abcdef0123456789abcdef01234567, passphrase: "${PHRASE}"}
        repositories:
          a:
            type: plain
            upstream: ["https://us%65r:p%40ss@a.test:8443/x?y=z@w", "https://us%65r:p%40ss@b.test/"]
            headers: {X-Key: HEADERPW, X-Other: "${PHRASE}"}
          b:
            type: plain
            upstream: https://b.test/
            username: ci
            password_file: pw
          c: {type: plain, upstream: "https://c.test/", token: "${PHRASE}"}

        """
    static let environment = ["PHRASE": "sesame$open"]

    @Test("are nowhere in what is shown or printed")
    func hidden() throws {
        let fixture = try ConfigurationFixture(["chantal.yaml": Self.text, "pw": "FILEPW\n"])
        let configuration = try fixture.load(Self.environment)
        var dumped = ""
        dump(configuration, to: &dumped)
        for shown in [configuration.yaml(), "\(configuration)", "\(configuration.repositories)", dumped] {
            for secret in ["PROXYPW", "puser", "sesame", "p@ss", "p%40ss", "us%65r", "HEADERPW", "FILEPW"] {
                #expect(!shown.contains(secret), "\(secret)")
            }
        }
    }

    @Test("are there for those who ask")
    func revealed() throws {
        let fixture = try ConfigurationFixture(["chantal.yaml": Self.text, "pw": "FILEPW\r\n"])
        let configuration = try fixture.load(Self.environment)
        #expect(try configuration.signing?.passphrase?.reveal() == "sesame$open")
        #expect(configuration.signing?.key == "0123456789ABCDEF0123456789ABCDEF01234567")
        let (a, b, c) = (configuration.repositories[0], configuration.repositories[1], configuration.repositories[2])
        #expect(a.upstream == ["https://a.test:8443/x?y=z@w", "https://b.test/"])
        #expect(try credentials(a) == "user:p@ss")
        #expect(try credentials(b) == "ci:FILEPW")
        #expect(try credentials(c) == "bearer sesame$open")
        #expect(
            try a.headers.map { "\($0.key)=\(try $0.value.reveal())" } == ["X-Key=HEADERPW", "X-Other=sesame$open"])
        guard case .url(let proxy) = a.network.proxy else {
            Issue.record("no proxy")
            return
        }
        #expect(proxy.text == "http://proxy.test:3128")
        #expect(try proxy.password?.reveal() == "PROXYPW")
    }

    private func credentials(_ section: RepositorySection) throws -> String {
        switch section.credentials {
        case .none: "none"
        case .basic(let user, let password): "\(user):\(try password.reveal())"
        case .bearer(let token): "bearer \(try token.reveal())"
        }
    }

    @Test("a value from the environment is in no error, whatever key it stands at")
    func errors() throws {
        for line in [
            "min_free: ${PHRASE}", "retention: {generations: \"${PHRASE}\"}", "network: {proxy: \"${PHRASE}\"}",
            "signing: {key: \"${PHRASE}\"}", "network: {timeout: \"${PHRASE}\"}",
            "repositories: {r: {type: \"${PHRASE}\"}}",
            "repositories: {r: {type: demo, verify: \"${PHRASE}\"}}",
            "repositories: {r: {type: demo, on_missing: \"${PHRASE}\"}}",
            "repositories: {r: {type: demo, sign: false, filter: {include: [\"${PHRASE}\"]}}}",
            "repositories: {r: {type: demo, upstream: \"https://u:${PHRASE}@/\"}}",
            "repositories: {r: {type: demo, upstream: \"https://u:${PHRASE}/x@h.test/\"}}",
        ] {
            let found = try ConfigurationFixture("store: s\n\(line)\n").errors(["PHRASE": "sesame [open"])
            #expect(!found.isEmpty, "\(line)")
            #expect(!found.joined().contains("sesame"), "\(line): \(found)")
        }
    }

    @Test("a secret's file holds one line")
    func files() throws {
        let fixture = try ConfigurationFixture(["empty": "\n", "two": "a\nb\n", "good": "a b"])
        #expect(throws: ChantalError(.config, "")) { try Secret(file: "\(fixture.directory)/empty").reveal() }
        #expect(throws: ChantalError(.config, "")) { try Secret(file: "\(fixture.directory)/two").reveal() }
        #expect(throws: ChantalError(.notFound, "")) { try Secret(file: "\(fixture.directory)/none").reveal() }
        #expect(try Secret(file: "\(fixture.directory)/good").reveal() == "a b")
    }
}
