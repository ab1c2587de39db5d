import Basics

/// A value without its type: what `config show`, the schema and the digest of a section are written from.
public indirect enum SettingTree: Sendable, Equatable {
    case nothing
    case flag(Bool)
    case number(Int64)
    case text(String)
    /// A file that the configuration refers to; a digest takes its content, not its name.
    case path(String)
    /// Shown as `***`, and no part of a digest.
    case secret
    case list([SettingTree])
    /// In the order to be shown.
    case mapping([Entry])

    public struct Entry: Sendable, Equatable {
        public let key: String
        public let value: SettingTree
        public init(_ key: String, _ value: SettingTree) {
            self.key = key
            self.value = value
        }
    }

    /// A mapping from pairs.
    public static func object(_ pairs: KeyValuePairs<String, SettingTree>) -> SettingTree {
        .mapping(pairs.map { Entry($0.key, $0.value) })
    }

    /// The value of a mapping's key.
    public subscript(key: String) -> SettingTree? {
        guard case .mapping(let entries) = self else { return nil }
        return entries.first(where: { $0.key == key })?.value
    }

    /// As the reference shows a default; an empty list says nothing.
    var defaultText: String? {
        switch self {
        case .list(let items) where items.isEmpty: nil
        case .mapping(let entries) where entries.isEmpty: nil
        default: flowYAML
        }
    }

    /// Every file named within, in order.
    public var paths: [String] {
        switch self {
        case .path(let path): [path]
        case .list(let items): items.flatMap(\.paths)
        case .mapping(let entries): entries.flatMap(\.value.paths)
        default: []
        }
    }
}

extension SettingTree {
    /// As JSON (RFC 8259): indented by two spaces, or in one line if `indent` is nil.
    public func json(indent: Int? = 0) -> String {
        switch self {
        case .nothing: return "null"
        case .flag(let value): return value ? "true" : "false"
        case .number(let value): return String(value)
        case .text(let text), .path(let text): return SettingTree.quoted(text)
        case .secret: return "\"***\""
        case .list(let items):
            return SettingTree.enclosed("[", items.map { $0.json(indent: indent.map { $0 + 2 }) }, "]", indent)
        case .mapping(let entries):
            let colon = indent == nil ? ":" : ": "
            let members = entries.map { entry in
                SettingTree.quoted(entry.key) + colon + entry.value.json(indent: indent.map { $0 + 2 })
            }
            return SettingTree.enclosed("{", members, "}", indent)
        }
    }

    private static func enclosed(_ open: String, _ parts: [String], _ close: String, _ indent: Int?) -> String {
        guard let indent, !parts.isEmpty else { return open + parts.joined(separator: ",") + close }
        let margin = String(repeating: " ", count: indent)
        return "\(open)\n" + parts.map { "\(margin)  \($0)" }.joined(separator: ",\n") + "\n\(margin)\(close)"
    }

    /// A JSON string, which is a double-quoted scalar of YAML as well.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension SettingTree {
    /// As YAML in block style; lists of scalars stand on one line.
    public func yaml(indent: Int = 0) -> String {
        guard case .mapping(let entries) = self, !entries.isEmpty else { return flowYAML + "\n" }
        let margin = String(repeating: " ", count: indent)
        var result = ""
        for entry in entries {
            result += margin + SettingTree.plainOrQuoted(entry.key) + ":"
            if case .mapping(let inner) = entry.value, !inner.isEmpty {
                result += "\n" + entry.value.yaml(indent: indent + 2)
            } else {
                result += " " + entry.value.flowYAML + "\n"
            }
        }
        return result
    }

    /// As YAML on one line.
    public var flowYAML: String {
        switch self {
        case .text(let text), .path(let text): SettingTree.plainOrQuoted(text)
        case .list(let items): "[" + items.map(\.flowYAML).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{"
                + entries.map { SettingTree.plainOrQuoted($0.key) + ": " + $0.value.flowYAML }.joined(separator: ", ")
                + "}"
        case .secret: "\"***\""
        default: json(indent: nil)
        }
    }

    /// A scalar that reads back as the same text here and as a string elsewhere, quoted only if it must be.
    static func plainOrQuoted(_ text: String) -> String {
        func isWord(_ byte: UInt8) -> Bool {
            byte.isASCIILetter || byte.isASCIIDigit || "_-./+@%^=".utf8.contains(byte)
        }
        let bytes = Array(text.utf8)
        guard let first = bytes.first, first.isASCIILetter || first.isASCIIDigit || first == 0x2f || first == 0x2e,
            let last = bytes.last, last != UInt8(ascii: ":")
        else { return quoted(text) }
        let isPlain = bytes.indices.allSatisfy { index in
            isWord(bytes[index])
                || bytes[index] == UInt8(ascii: ":") && index + 1 < bytes.count && isWord(bytes[index + 1])
        }
        return isPlain && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
            ? text : quoted(text)
    }
}
