import Basics
import YAML

/// A place in a configuration file, from 1.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
    /// As the user named it.
    public let file: String
    public let line: Int
    public let column: Int

    /// `FILE:LINE:COLUMN`
    public var description: String { "\(file):\(line):\(column)" }

    /// A configuration error at this place.
    public func error(_ message: String, hint: String? = nil) -> ChantalError {
        ChantalError(.config, "\(description): \(message)", hint: hint, path: file)
    }
}

/// What the reading of one value may need: the file it stands in and the environment.
public struct ParseContext: Sendable {
    /// As the user named it.
    public let file: String
    /// The absolute directory of that file.
    public let directory: String
    public let environment: [String: String]

    public init(file: String, directory: String, environment: [String: String]) {
        self.file = file
        self.directory = directory
        self.environment = environment
    }

    public func location(_ node: YAMLNode) -> SourceLocation {
        SourceLocation(file: file, line: node.line, column: node.column)
    }

    /// A configuration error at a value. Never put ``text(_:)`` of a value into the message, but what stands in the file:
    /// the environment may hold secrets.
    public func error(_ node: YAMLNode, _ message: String, hint: String? = nil) -> ChantalError {
        location(node).error(message, hint: hint)
    }

    /// A file name, relative to the directory of the configuration file.
    public func resolve(_ path: String) -> String {
        path.hasPrefix("/") ? path : directory + (directory.hasSuffix("/") ? "" : "/") + path
    }

    /// The text of a scalar, `${NAME}` and `$$` replaced.
    /// - Throws: ``ChantalError`` `config` for a list or mapping, nothing, a variable that is not set, and control characters.
    public func text(_ node: YAMLNode, expected: String = "text") throws -> String {
        guard let raw = node.text else {
            throw error(node, "expected \(expected), found \(node.items == nil ? "a mapping" : "a list")")
        }
        if node.isEmpty { throw error(node, "there is no value; expected \(expected)") }
        let text = try substitute(raw, node)
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw error(node, "the value holds a control character or a line break")
        }
        return text
    }

    private func substitute(_ raw: String, _ node: YAMLNode) throws -> String {
        guard raw.utf8.contains(UInt8(ascii: "$")) else { return raw }
        var result = ""
        var rest = raw[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    throw error(node, "'${' has no '}'", hint: "write '$$' for a dollar sign")
                }
                let name = String(rest[rest.index(after: rest.startIndex)..<end])
                guard ParseContext.isVariableName(name) else {
                    throw error(
                        node, "'${\(name)}' names no environment variable", hint: "write '$$' for a dollar sign")
                }
                guard let value = environment[name] else {
                    throw error(node, "the environment variable \(name) is not set")
                }
                result += value
                rest = rest[rest.index(after: end)...]
            } else {
                result += "$"
            }
        }
        return result + rest
    }

    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isASCIILetter || first == UInt8(ascii: "_") else { return false }
        return name.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
    }
}
