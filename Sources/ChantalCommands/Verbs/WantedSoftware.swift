import Basics
import FileSystem
import Mirroring
import TOML

/// One line of a list of wanted software, for `chantal map`.
struct WantedSoftware {
    /// By which any of the ecosystems knows it.
    var name: String
    /// Which part is wanted; nil for whatever has the name.
    var part: SoftwareName.Part?
    /// The packages to take in an ecosystem, by its type (`apt`), whatever else would be found; none where it is not wanted.
    var packages: [String: [String]] = [:]
    /// `FILE:LINE:COLUMN`
    var place: String

    static let fileLimit = 4 << 20

    /// Reads a list (docs/guide.md, "One list for every ecosystem"):
    ///
    /// ```toml
    /// software = ["nginx", {name = "requests", part = "python"}]
    ///
    /// [[software]]
    /// name = "ssl"
    /// part = "development"
    /// apt = "libssl-dev"
    /// rpm = []
    /// ```
    ///
    /// - Parameter types: the ecosystems' types, as keys of packages.
    /// - Throws: ``ChantalError`` naming file, line and column: `usage` for what is no such list.
    static func read(_ path: String, types: [String]) throws -> [WantedSoftware] {
        let bytes = try File.readAll(path, limit: fileLimit)
        do {
            return try read(bytes, path, types)
        } catch let error as ChantalError where error.code == .malformed {
            throw ChantalError(.usage, error.message, hint: error.hint, path: error.path)
        }
    }

    private static func read(_ bytes: [UInt8], _ path: String, _ types: [String]) throws -> [WantedSoftware] {
        let root = try TOMLDocument.parse(bytes, file: path)
        if let other = root.entries?.first(where: { $0.key != "software" }) {
            throw other.value.error("unknown key '\(other.key)'", file: path, hint: "the list is called 'software'")
        }
        guard let list = root["software"] else {
            throw ChantalError(
                .malformed, "'\(path)' has no 'software'", hint: "software = [\"nginx\", \"requests\"]", path: path)
        }
        guard let items = list.items else {
            throw list.error("'software' is \(list.kind), not a list", file: path)
        }
        return try items.map { try WantedSoftware($0, types, path) }
    }

    private init(_ node: TOMLNode, _ types: [String], _ file: String) throws {
        place = "\(file):\(node.line):\(node.column)"
        if node.string != nil {
            name = try WantedSoftware.name(node, file)
            return
        }
        guard let entries = node.entries else {
            throw node.error("\(node.kind) names no software", file: file, hint: "\"nginx\", or {name = \"nginx\"}")
        }
        let keys = ["name", "part"] + types
        if let other = entries.first(where: { !keys.contains($0.key) }) {
            throw other.value.error(
                "unknown key '\(other.key)'", file: file, hint: WantedSoftware.hint(other.key, among: keys))
        }
        guard let named = node["name"] else { throw node.error("the software has no name", file: file) }
        name = try WantedSoftware.name(named, file)
        for entry in entries where entry.key != "name" {
            if entry.key == "part" {
                let parts = SoftwareName.Part.allCases.map(\.rawValue)
                let text = entry.value.string
                guard let part = text.flatMap(SoftwareName.Part.init) else {
                    throw entry.value.error(
                        "'part' is none of \(parts.joined(separator: ", "))", file: file,
                        hint: text.flatMap { NearName.of($0, among: parts) }.map { "did you mean '\($0)'?" })
                }
                self.part = part
            } else {
                let names = entry.value.items ?? [entry.value]
                packages[entry.key] = try names.map { try WantedSoftware.name($0, file) }
            }
        }
    }

    private static func hint(_ key: String, among keys: [String]) -> String {
        (NearName.of(key, among: keys).map { "did you mean '\($0)'? " } ?? "")
            + "there are \(keys.joined(separator: ", "))"
    }

    private static func name(_ node: TOMLNode, _ file: String) throws -> String {
        guard let text = node.string, !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw node.error("this is no name of a package or of software", file: file)
        }
        return text
    }
}
