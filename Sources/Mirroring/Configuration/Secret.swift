import Basics
import FileSystem
import YAML

/// A password, token or passphrase; it shows itself as `***`, and what is in a file is read only when it is used.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private enum Source: Sendable {
        case text(String)
        case file(String)
    }

    private let source: Source

    public init(_ text: String) { source = .text(text) }
    public init(file: String) { source = .file(file) }

    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The file it stands in, if it does.
    public var file: String? {
        if case .file(let path) = source { return path }
        return nil
    }

    /// Whether both are the same text or the same file.
    static func isSame(_ a: Secret?, _ b: Secret?) -> Bool {
        switch (a?.source, b?.source) {
        case (nil, nil): true
        case (.text(let x)?, .text(let y)?), (.file(let x)?, .file(let y)?): x == y
        default: false
        }
    }

    /// The secret itself; of a file all but one line break at its end.
    /// - Throws: ``ChantalError`` if the file cannot be read, is empty, above 64 KiB, not UTF-8, or has several lines.
    public func reveal() throws -> String {
        switch source {
        case .text(let text): return text
        case .file(let path):
            var bytes = try ConfigurationFiles.read(path, limit: 65_536)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty,
                !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f })
            else {
                throw ChantalError(
                    .config, "\(path) does not hold one line of text", hint: "put the secret alone into it", path: path)
            }
            return text
        }
    }
}

extension ValueKind where Value == Secret {
    /// A secret; `KEY_file` names a file that holds it.
    public static var secret: ValueKind {
        ValueKind(
            typeName: "secret", schema: .object(["type": .list([.text("string"), .text("number")])]),
            parse: { node, context in
                let text = try context.text(node, expected: "a secret")
                if text.isEmpty { throw context.error(node, "the secret is empty") }
                return Secret(text)
            },
            show: { _ in .secret },
            parseTwin: { node, context in Secret(file: try ValueKind<String>.path.parse(node, context)) })
    }
}
