import Basics
import Testing

@testable import Mirroring

@Suite("A wrong configuration")
struct ConfigurationErrorTests {
    /// A repository with one more line.
    private func demo(_ lines: String...) -> String {
        "store: s\nrepositories:\n  r:\n    type: demo\n    upstream: https://a.test/\n    keyring: k\n"
            + lines.map { "    \($0)\n" }.joined()
    }

    private func errors(_ text: String, _ environment: [String: String] = [:]) throws -> [String] {
        try ConfigurationFixture(text).errors(environment)
    }

    @Test("an unknown key is named with a near one, at its place")
    func unknownKeys() throws {
        #expect(
            try errors("stroe: s\n") == [
                "chantal.yaml:1:1: unknown key 'stroe' in 'chantal.yaml' [did you mean 'store'?]"
            ])
        #expect(
            try errors(demo("sutes: [a]")) == [
                "chantal.yaml:7:5: unknown key 'sutes' in 'repository of type demo' [did you mean 'suites'?]"
            ])
        #expect(
            try errors(demo("filter: {lates: 1}")).first
                == "chantal.yaml:7:14: unknown key 'lates' in 'filter' [did you mean 'latest'?]")
        #expect(try errors(demo("network: {passwrd_file: x}")).count == 1)
    }

    @Test(
        "a value of the wrong type is shown as it is written",
        arguments: [
            ("suites: stable", "7:13: expected a list of text [write it in brackets: [stable]]"),
            ("suites: {a: b}", "7:13: expected a list of text"),
            ("suites: [[a]]", "7:14: expected text, found a list"),
            ("suites: [{a: b}]", "7:14: expected text, found a mapping"),
            ("suites: [a, ]", nil),
            ("suites:", "7:12: expected a list of text"),
            ("verify: yes", "7:13: 'yes' is neither true nor false [write true]"),
            ("verify: 0", "7:13: '0' is neither true nor false [write false]"),
            ("verify: maybe", "7:13: 'maybe' is neither true nor false"),
            ("on_missing: kep", "7:17: 'kep' is not one of fail, keep [did you mean 'keep'?]"),
            ("public_url: ftp://x.test/", "7:17: the value is not a URL (http, https)"),
            ("public_url: x.test", "7:17: the value is not a URL (http, https)"),
            ("filter: {latest: 0}", "7:22: '0' is not a whole number from 1"),
            ("filter: {latest: 1.0}", "7:22: '1.0' is not a whole number from 1"),
            ("filter: {latest: 99999999999999999999}", "7:22: '99999999999999999999' is not a whole number from 1"),
            ("filter: {max_size: 5G}", "7:24: '5G' is not a size such as 500MB or 2GiB"),
            ("filter: {max_size: -1}", "7:24: '-1' is not a size such as 500MB or 2GiB"),
            ("filter: {min_age: 7}", "7:23: '7' is not a duration such as 30s, 5m, 12h or 7d"),
            (
                "filter: {include: [\"[a\"]}",
                "7:24: '[a' is no pattern [write a name in which *, ? and [a-z] may stand for others]"
            ),
            ("filter: {include: [/(/]}", "7:24: '/(/' is no regular expression: Unmatched ( or \\("),
            ("filter: {include: [\"a (<< 1)\"]}", "7:24: 'a (<< 1)': only >= is known"),
            ("filter:", "7:12: expected a mapping of the keys of 'filter'"),
            ("filter: true", "7:13: expected a mapping of the keys of 'filter'"),
            ("headers: {\"a b\": x}", "7:15: 'a b' is no header name"),
            ("headers: {A: \"x\\r\\nB: y\"}", "7:18: the value holds a control character or a line break"),
            ("client_certificate: {key: k}", "7:25: 'client_certificate' needs 'cert'"),
            ("retention: {generations: 0}", "7:30: '0' is not a whole number from 1"),
            ("network: {bandwidth: 0}", "7:26: '0' is not a rate such as 50MB (a second)"),
            ("network: {timeout: 0s}", "7:24: a time-out lies between 1s and 1d"),
        ] as [(String, String?)])
    func types(line: String, message: String?) throws {
        // A filter needs a key to sign with, which is another test's matter.
        let found = try errors(demo(line, "sign: false"))
        #expect(found == (message.map { ["chantal.yaml:\($0)"] } ?? []))
    }

    @Test("everything that is wrong is told at once, and load() says how much more there is")
    func several() throws {
        let fixture = try ConfigurationFixture(
            "store: s\nmin_free: much\nrepositories:\n  A: {type: demo}\n  b: {type: dmo}\n  c: {}\n  d:\n  e: {type: plain}\n"
        )
        #expect(
            fixture.errors() == [
                "chantal.yaml:2:11: 'much' is not a size such as 500MB or 2GiB",
                "chantal.yaml:4:3: 'A' is no name for a repository [up to 64 of a-z, 0-9, '.', '_' and '-', a letter or digit first]",
                "chantal.yaml:5:13: 'dmo' is no type of repository [did you mean 'demo'?]",
                "chantal.yaml:6:3: repository c has no 'type' [types: demo, plain]",
                "chantal.yaml:7:5: expected a mapping with the keys of repository 'd'",
                "chantal.yaml:8:3: repository e: there is no upstream [keys: upstream]",
            ])
        let error = #expect(throws: ChantalError(.config, "")) { try fixture.load() }
        #expect(error?.hint == "`chantal config check` shows 5 more")
    }

    @Test("the store is required")
    func store() throws {
        #expect(try errors("") == ["chantal.yaml:1:1: the key 'store' is missing [store: /var/lib/chantal]"])
        #expect(try errors("# nothing\n").count == 1)
        #expect(try errors("store:\n") == ["chantal.yaml:1:7: there is no value; expected a path"])
        #expect(
            try errors("- a\n") == ["chantal.yaml:1:1: expected a mapping with keys such as 'store' and 'repositories'"]
        )
        #expect(try errors("store: s\nrepositories:\nviews:\n") == [])
        #expect(
            try errors("store: s\nrepositories: [a]\n") == [
                "chantal.yaml:2:15: expected a mapping from names to repositories"
            ])
    }

    @Test("variables that are not set, and broken ones, are errors")
    func variables() throws {
        #expect(try errors("store: ${NOPE}/x\n") == ["chantal.yaml:1:8: the environment variable NOPE is not set"])
        #expect(try errors("store: ${NOPE\n") == ["chantal.yaml:1:8: '${' has no '}' [write '$$' for a dollar sign]"])
        #expect(try errors("store: ${}\n").first?.contains("'${}' names no environment variable") == true)
        #expect(try errors("store: ${A-b}\n").count == 1)
        let fixture = try ConfigurationFixture("store: \"/$${A}/${A}$/${A}\"\n")
        #expect(try fixture.load(["A": "${B}$$"]).storePath == "/${A}/${B}$$$/${B}$$")
    }

    @Test("metadata that chantal writes needs a key, or sign: false")
    func signing() throws {
        let head = "store: s\nrepositories:\n"
        let hosted = "  h:\n    type: demo\n"
        #expect(
            try errors(head + hosted) == [
                "chantal.yaml:3:3: repository h: a hosted repository is signed with your key, and there is no 'signing.key' [name a key under 'signing', or say 'sign: false' here]"
            ])
        #expect(try errors(head + hosted + "    sign: false\n") == [])
        #expect(
            try errors(demo("filter: {latest: 1}")).first?.hasPrefix("chantal.yaml:7:5: repository r: a filtered")
                == true)
        let key = "signing: {key: 0123456789abcdef0123456789abcdef01234567}\n"
        #expect(try errors(key + demo("filter: {latest: 1}")) == [])
        #expect(try errors("signing: {key: 89ABCDEF}\nstore: s\n").first?.contains("not a fingerprint") == true)
        #expect(
            try errors("signing: {home: x}\nstore: s\n") == ["chantal.yaml:1:1: 'signing' needs 'key', a fingerprint"])
        #expect(
            try errors(head + "  p:\n    type: plain\n    upstream: https://a.test/\n    filter: {latest: 1}\n") == [])
    }

    @Test("a type's own rules are asked")
    func rules() throws {
        let text = "store: s\nrepositories:\n  r:\n    type: demo\n    upstream: https://a.test/\n"
        #expect(
            try errors(text) == ["chantal.yaml:3:3: repository r: a mirror needs 'keyring' [or say 'verify: false']"])
        #expect(try errors(text + "    verify: false\n") == [])
    }

    @Test("credentials that contradict each other are refused")
    func credentials() throws {
        #expect(try errors(demo("username: a")) == ["chantal.yaml:7:5: 'username' needs 'password' beside it"])
        #expect(try errors(demo("password: a")) == ["chantal.yaml:7:5: 'password' needs 'username' beside it"])
        #expect(try errors(demo("username: a", "password: b", "token: c")).count == 1)
        #expect(
            try errors(demo("username: a", "password: b", "password_file: c")) == [
                "chantal.yaml:9:5: 'password' is given here and on line 8 [keep one of the two]"
            ])
        let two =
            "store: s\nrepositories:\n  r:\n    type: plain\n    upstream: [\"https://a:b@x.test/\", \"https://y.test/\"]\n"
        #expect(try errors(two).first?.contains("not all upstreams have the same user") == true)
    }

    @Test("views have members that exist, of one type, under a name of their own")
    func views() throws {
        let head = """
            store: s
            repositories:
              a: {type: plain, upstream: "https://a.test/"}
              b: {type: plain, upstream: "https://b.test/"}
              c: {type: demo, upstream: "https://c.test/", verify: false}
            views:

            """
        #expect(try errors(head + "  v: {of: [a, b]}\n") == [])
        #expect(
            try errors(head + "  v: {of: [a, bb]}\n") == [
                "chantal.yaml:7:7: view v: there is no repository 'bb' [did you mean 'b'?]"
            ])
        #expect(
            try errors(head + "  v: {of: [a, c]}\n") == ["chantal.yaml:7:7: view v mixes types: a is plain, c is demo"])
        #expect(
            try errors(head + "  a: {of: [b]}\n") == [
                "chantal.yaml:7:3: the name 'a' is taken already at chantal.yaml:3:3"
            ])
        #expect(try errors(head + "  v: {of: [a, a]}\n") == ["chantal.yaml:7:7: view v names a repository twice"])
        #expect(
            try errors(head + "  v: {of: [a]}\n  w: {of: [v, b]}\n") == [
                "chantal.yaml:8:7: view w: there is no repository 'v' [a view is made of repositories, not of other views]"
            ])
        #expect(try errors(head + "  v: {sign: false}\n") == ["chantal.yaml:7:3: view v has no 'of' [of: [a, b]]"])
        #expect(try errors(head + "  v: {of: []}\n") == ["chantal.yaml:7:7: view v has no members"])
        #expect(try errors(head + "  v: {of: [c]}\n").first?.contains("view v: a view is signed") == true)
    }

    @Test("a view's filter has the keys of its members' type, and what cannot work there is refused by name")
    func viewFilter() throws {
        let head = """
            store: s
            repositories:
              a: {type: plain, upstream: "https://a.test/"}
              c: {type: demo, upstream: "https://c.test/", verify: false}
            views:

            """
        #expect(
            try errors(head + "  v: {of: [c], sign: false, filter: {sections: [net], include: [\"a* (>= 1)\"]}}\n")
                == [])
        #expect(try errors(head + "  v: {of: [a], filter: {include: [\"a*\"], latest: 1}}\n") == [])
        #expect(
            try errors(head + "  v: {of: [a], filter: {sections: [net]}}\n").first?.hasPrefix(
                "chantal.yaml:6:25: unknown key 'sections' in 'filter'") == true)
        #expect(
            try errors(head + "  v: {of: [c], sign: false, filter: {include: [\"a (< 1)\"]}}\n").first?.contains(
                "only >= is known") == true)
        #expect(
            try errors(head + "  v: {of: [c], sign: false, filter: {dependencies: true}}\n") == [
                "chantal.yaml:6:38: view v: 'dependencies' is too much for a view"
            ])
        // Where the type is not known, that is what has to be put right first.
        let found = try errors(head + "  v: {of: [nothing], filter: {sections: [net]}}\n")
        #expect(found == ["chantal.yaml:6:7: view v: there is no repository 'nothing'"])
    }
}
