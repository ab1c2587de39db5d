import Basics
import YAML

/// One YAML document of modules.yaml, with the bytes it was read from (libmodulemd's yaml_specs).
struct ModuleDocument: Sendable {
    enum Kind: Hashable, Sendable {
        /// A build of a stream: `modulemd`, `modulemd-stream`.
        case stream
        case defaults, obsoletes, translations
        /// What this reader does not know, and copies.
        case other(String)
    }

    let kind: Kind
    /// Empty for a kind that is not known.
    let module: String
    /// Text as written: `2.10` is no number. Empty if it names none, as defaults may.
    let stream: String
    /// Name, stream, version, context and architecture of a stream's build; what stands for one.
    let build: String
    /// `name-epoch:version-release.arch` of the packages that belong to it.
    let artifacts: [String]
    /// A number that grows with each edition of defaults and obsoletes.
    let modified: Int64
    /// From the line after `---` (or with it, where it holds more) to before `...`, with a line end.
    let bytes: [UInt8]
    /// In the file, from 1.
    let line: Int
    /// Of defaults: the line within ``bytes`` that names the default stream, from 1.
    let defaultLine: Int?

    /// - Parameters:
    ///   - bytes: one document, without its marks.
    ///   - line: where it starts.
    /// - Returns: nil if there is nothing but comments.
    /// - Throws: `malformed` that names the line, for what is no YAML or lacks what its kind needs.
    init?(_ bytes: [UInt8], file: String, line: Int) throws {
        func refuse(_ reason: String, at place: Int = 1) -> ChantalError {
            ChantalError(
                .malformed, "\(file), line \(line + place - 1): \(reason)", hint: "upstream has to repair it",
                path: file)
        }
        let root: YAMLNode
        do {
            guard let node = try YAMLDocument.parse(bytes, file: "\(file) (the document at line \(line))") else {
                return nil
            }
            root = node
        } catch let error as ChantalError {
            throw ChantalError(.malformed, error.message, hint: "upstream has to repair it", path: file)
        }
        guard let name = root["document"]?.text else { throw refuse("a document without `document`") }
        self.bytes = bytes
        self.line = line
        let data = root["data"]
        var defaultLine: Int?
        func text(_ key: String) -> String { data?[key]?.text ?? "" }
        switch name {
        case "modulemd", "modulemd-stream":
            kind = .stream
            module = text("name")
            stream = text("stream")
            build = [module, stream, text("version"), text("context"), text("arch")].joined(separator: ":")
            artifacts = try ModuleDocument.artifacts(data) { refuse($0, at: $1) }
        case "modulemd-defaults", "modulemd-obsoletes", "modulemd-translations":
            kind = name == "modulemd-defaults" ? .defaults : name == "modulemd-obsoletes" ? .obsoletes : .translations
            module = text("module")
            stream = text("stream")
            build = ""
            artifacts = []
            if kind == .defaults { defaultLine = data?.entries?.first { $0.key == "stream" }?.line }
        default:
            kind = .other(name)
            (module, stream, build, artifacts) = ("", "", "", [])
        }
        self.defaultLine = defaultLine
        modified = Int64(text("modified").utf8.filter(\.isASCIIDigit).prefix(18).reduce(0) { $0 * 10 + Int($1 - 0x30) })
        if case .other = kind { return }
        if root["version"]?.text == nil { throw refuse("a document without `version`") }
        if module.isEmpty { throw refuse("a document that names no module") }
        if stream.isEmpty, kind != .defaults { throw refuse("a document that names no stream") }
    }

    private static func artifacts(
        _ data: YAMLNode?, _ refuse: (String, Int) -> ChantalError
    ) throws -> [String] {
        guard let list = data?["artifacts"]?["rpms"], !list.isEmpty else { return [] }
        guard let items = list.items else { throw refuse("`artifacts.rpms` is no list", list.line) }
        return try items.map { item in
            guard let text = item.text else { throw refuse("an artifact that is no text", item.line) }
            return text
        }
    }

    /// The document without its default stream: the default profiles of the streams that are kept go on to count.
    func withoutDefaultStream() -> [UInt8] {
        guard let defaultLine else { return bytes }
        var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        guard lines.indices.contains(defaultLine - 1) else { return bytes }
        lines.remove(at: defaultLine - 1)
        return Array(lines.joined(separator: [0x0a]))
    }
}
