import Basics
import Foundation
import Testing

@testable import Mirroring

@Suite("What is written from the declarations")
struct ConfigurationDocumentTests {
    static let ecosystems = ConfigurationFixture.ecosystems
    static let key = "0123456789ABCDEF0123456789ABCDEF01234567"

    /// Every setting there is, sections opened.
    static func everySetting() -> [any DeclaredSetting] {
        func opened(_ settings: [any DeclaredSetting]) -> [any DeclaredSetting] {
            settings + settings.flatMap { opened($0.section?.settings ?? []) }
        }
        return opened(
            RootSettings.declaration.settings + ViewSection.declaration.settings
                + ecosystems.flatMap(\.repositoryDeclaration.settings))
    }

    @Test("the example holds every key and is a configuration")
    func example() throws {
        let text = ConfigurationTemplate.example(Self.ecosystems)
        for setting in Self.everySetting() {
            #expect(text.contains("\(setting.name): ") || text.contains("\(setting.name):\n"), "\(setting.name)")
        }
        #expect(try ConfigurationFixture(text).errors() == [])
        let repositories = try ConfigurationFixture(text).load().repositories
        #expect(repositories.map(\.type) == ["demo", "plain"])
    }

    @Test("every example is a value of its key")
    func exampleValues() throws {
        let environment = ["PASSWORD": "x", "TOKEN": "x", "ACCESS": "x", "PASSPHRASE": "x"]
        let context = ParseContext(file: "example", directory: "/", environment: environment)
        for setting in Self.everySetting() {
            let node = try #require(try exampleNode(setting.example), "\(setting.name)")
            #expect(throws: Never.self, "\(setting.name)") { _ = try setting.read(node, isTwin: false, context) }
        }
    }

    @Test("taking the '#' off every key of the example gives nothing unknown")
    func uncommented() throws {
        let text = ConfigurationTemplate.example(Self.ecosystems)
            .split(separator: "\n", omittingEmptySubsequences: false).map(uncommented)
            .filter { !$0.hasPrefix("include:") }.joined(separator: "\n")
        let found = try ConfigurationFixture(text).errors([
            "PASSWORD": "x", "TOKEN": "x", "ACCESS": "x", "PASSPHRASE": "x",
        ])
        // Keys that exclude each other, and names that are only examples, may complain; spelling and indentation may not.
        #expect(found.filter { !$0.contains("'token' and 'username'") && !$0.contains("view everything") } == [])
    }

    private func uncommented(_ line: Substring) -> String {
        let content = line.drop(while: { $0 == " " })
        guard content.hasPrefix("#"), !content.hasPrefix("# ") else { return String(line) }
        return String(line.prefix(line.count - content.count) + content.dropFirst())
    }

    @Test("the first configuration uses nothing but the store")
    func initial() throws {
        let fixture = try ConfigurationFixture(ConfigurationTemplate.initial(Self.ecosystems, store: "/srv/a b: \"c\""))
        let configuration = try fixture.load()
        #expect(configuration.storePath == "/srv/a b: \"c\"")
        #expect(configuration.repositories.isEmpty)
        #expect(configuration.signing == nil)
    }

    @Test("what config show prints reads back as the same configuration")
    func show() throws {
        let fixture = try ConfigurationFixture([
            "chantal.yaml": """
            store: s
            network: {bandwidth: 1536KiB, timeout: 90s}
            signing: {key: \(Self.key), passphrase_file: p}
            repositories:
              r:
                type: demo
                upstream: https://a.test/
                keyring: "a ${X} key: #1"
                suites: ["true", "3.10", "", "x: y", "- a", "é", "a$$b", "$${X}", "*star", "null", "a'b\\"c"]
                network: {retries: 0}
                filter: {include: ["/^a.*$/", "b* (>= 1:2~3)"], min_age: 36h, max_size: 1.5MiB}
              h: {type: demo}
            views:
              v: {of: [r, h], filter: {sections: [net], include: ["a* (>= 1)"]}}
            """
        ])
        let configuration = try fixture.load(["X": "$HOME"])
        let shown = configuration.yaml()
        let again = try ConfigurationFixture(shown)
        #expect(again.errors() == [], "\(shown)")
        let copy = try again.load()
        func body(_ text: String) -> [Substring] { text.split(separator: "\n").filter { !$0.hasPrefix("#") } }
        #expect(body(copy.yaml()) == body(shown))
        #expect(
            copy.repositories[0].value(DemoSettings.suites) == configuration.repositories[0].value(DemoSettings.suites))
        #expect(copy.repositories[0].network.timeout == 90)
        #expect(shown.contains("    retries: 0\n") || shown.contains("      retries: 0\n"))
        #expect(shown.contains("min_age: 36h"))
        #expect(shown.contains("bandwidth: 1536KiB"))
    }

    @Test("the schema is JSON that knows every key and no other")
    func schema() throws {
        let json = ConfigurationSchema.json(Self.ecosystems)
        let root = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(root["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        let definitions = try #require(root["$defs"] as? [String: Any])
        for ecosystem in Self.ecosystems {
            let definition = try #require(definitions["repository-\(ecosystem.type)"] as? [String: Any])
            let properties = try #require(definition["properties"] as? [String: Any])
            #expect(Set(properties.keys) == Set(ecosystem.repositoryDeclaration.keys + ["type"]))
            #expect(definition["additionalProperties"] as? Bool == false)
        }
        let view = try #require(definitions["view"] as? [String: Any])
        let filter = try #require((view["properties"] as? [String: Any])?["filter"] as? [String: Any])
        #expect((filter["anyOf"] as? [Any])?.count == Self.ecosystems.count)
        #expect((root["properties"] as? [String: Any])?.keys.contains("repositories") == true)
    }

    @Test("the schema's pattern of sizes and durations takes what the reader takes, and no more")
    func patterns() throws {
        func pattern(_ kind: ValueKind<Int64>) throws -> Regex<AnyRegexOutput> {
            guard case .list(let alternatives)? = kind.schema["anyOf"],
                case .text(let text)? = alternatives.last?["pattern"]
            else { throw CocoaError(.formatting) }
            return try Regex(text)
        }
        let (size, rate, duration) = (try pattern(.size), try pattern(.rate), try pattern(.duration))
        for text in ["0", "5", "5GB", "5 GiB", "1.5MiB", "5kB", "5B", "5G", "GB", "5gb", "5MB/s", "-1", "5  GB", ""] {
            #expect(text.contains(size) == (Quantity.bytes(text) != nil), "\(text)")
        }
        #expect("5MB/s".contains(rate) && "50MB".contains(rate) && !"5M".contains(rate))
        for text in ["30s", "5m", "12h", "7d", "0", "30", "1w", "1.5h", "s", ""] {
            #expect(text.contains(duration) == (Quantity.seconds(text) != nil), "\(text)")
        }
        #expect("${NAME}".contains(size) && "${NAME}".contains(duration) && !"${}".contains(size))
    }

    @Test("the reference names every key with its type and its default")
    func reference() {
        let rows = ConfigurationReference.markdown(Self.ecosystems).split(separator: "\n").filter { $0.hasPrefix("|") }
        for setting in Self.everySetting() {
            let found = rows.contains { $0.hasPrefix("| `\(setting.name)`") }
            #expect(found, "\(setting.name)")
        }
        #expect(rows.contains { $0.hasPrefix("| `password`, `password_file` | secret | – |") })
        #expect(rows.contains { $0.hasPrefix("| `connections` | number 1–256 | 16 |") })
        #expect(rows.filter { unescapedBars($0) != 5 } == [])
    }

    private func unescapedBars(_ line: Substring) -> Int {
        line.replacingOccurrences(of: "\\|", with: "").filter { $0 == "|" }.count
    }
}
