import Basics
import Foundation
import Testing
import YAML

@testable import Mirroring

/// Keys of an invented type, of every kind.
enum DemoSettings {
    static let suites = Setting<[String]>(
        "suites", .list(of: .text), default: [], defaultText: "all", example: "[stable]", isEssential: true,
        summary: "suites to mirror")
    static let keyring = Setting<String?>(
        "keyring", .path, example: "demo.gpg", isEssential: true, summary: "keys to trust")
    static let translations = Setting<AllOr<String>>(
        "translations", .allOrList(of: .text), default: .all, example: "[en]", summary: "languages")
    static let sections = Setting<[String]?>(
        "sections", .list(of: .text), example: "[net]", summary: "sections to take")

    static let ecosystem = EcosystemDeclaration(
        type: "demo", summary: "Repositories of an invented kind.", settings: [suites, keyring, translations],
        filterSettings: [sections], signsMetadata: true, canBeHosted: true, exampleName: "stable",
        checkConstraint: { $0.hasPrefix(">=") ? nil : "only >= is known" },
        check: { section in
            if section.isView, section.filterRules.dependencies {
                return [
                    SettingProblem(key: FilterSettings.dependencies.name, "'dependencies' is too much for a view")
                ]
            }
            guard !section.isHosted, !section.isView, section.value(keyring) == nil,
                section.value(CommonSettings.verify)
            else {
                return []
            }
            return [SettingProblem("a mirror needs 'keyring'", hint: "or say 'verify: false'")]
        })
    static let plain = EcosystemDeclaration(
        type: "plain", summary: "Repositories without signatures.",
        settings: [
            Setting<MissingPolicy>("on_missing", .choice, default: .keep, example: "keep", summary: "what to do")
        ], signsMetadata: false, canBeHosted: false, exampleName: "files", checkConstraint: { _ in nil },
        check: { _ in [] })
}

/// A directory with configuration files.
final class ConfigurationFixture {
    let directory: String

    init(_ files: [String: String]) throws {
        directory =
            FileManager.default.temporaryDirectory.appendingPathComponent("chantal-config-\(UUID().uuidString)").path
        for (name, text) in files { try write(name, Array(text.utf8)) }
    }

    convenience init(_ text: String) throws { try self.init(["chantal.yaml": text]) }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: "\(directory)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    var path: String { "\(directory)/chantal.yaml" }
    static let ecosystems = [DemoSettings.ecosystem, DemoSettings.plain]

    func load(_ environment: [String: String] = [:]) throws -> Configuration {
        try Configuration.load(path: path, ecosystems: ConfigurationFixture.ecosystems, environment: environment)
    }

    /// The errors, the directory cut off.
    func errors(_ environment: [String: String] = [:]) -> [String] {
        Configuration.check(path: path, ecosystems: ConfigurationFixture.ecosystems, environment: environment).errors
            .map {
                let text = "\($0.description)\($0.hint.map { " [\($0)]" } ?? "")"
                return text.replacingOccurrences(of: "\(directory)/", with: "")
            }
    }
}

/// An example's value as a node.
func exampleNode(_ text: String) throws -> YAMLNode? {
    try YAMLDocument.parse(Array("value: \(text)\n".utf8), file: "example")?["value"]
}
