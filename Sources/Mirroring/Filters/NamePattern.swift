import Basics
import YAML

/// A pattern for names: a glob that matches the whole name, or `/regex/` that matches anywhere in it, and after it a version
/// constraint in the ecosystem's own syntax: `nginx*`, `/^linux-image-.*-amd64$/`, `nginx (>= 1.22)`, `numpy>=2`.
public struct NamePattern: Sendable {
    private enum Matcher: Sendable {
        case glob(Glob)
        case regex(RegularExpression)
    }

    /// As written.
    public let text: String
    /// `>= 1.22`, without parentheses around it; nil if there is none.
    public let constraint: String?
    private var matcher: Matcher

    /// - Parameter takesConstraint: false if all of the text is the pattern, as for paths.
    /// - Throws: ``ChantalError`` `config` for a pattern that is none.
    public init(_ text: String, takesConstraint: Bool = true) throws {
        do {
            try self.init(reading: text, takesConstraint: takesConstraint)
        } catch let problem as PatternProblem {
            throw ChantalError(.config, "'\(text)' \(problem.message)", hint: problem.hint)
        }
    }

    /// Throws problems that do not quote the text: it may hold what came from the environment.
    fileprivate init(reading text: String, takesConstraint: Bool) throws {
        self.text = text
        let bytes = Array(text.utf8)
        var end = bytes.count
        if takesConstraint, bytes.first == UInt8(ascii: "/") {
            guard let close = bytes.lastIndex(of: UInt8(ascii: "/")), close > 1 else {
                throw PatternProblem("is no pattern: a regular expression stands between two '/'")
            }
            end = close + 1
            matcher = .regex(try RegularExpression(String(decoding: bytes[1..<close], as: UTF8.self)))
        } else {
            if takesConstraint { end = NamePattern.endOfName(bytes) }
            guard end > 0, let glob = Glob(bytes[..<end]) else {
                throw PatternProblem(
                    "is no pattern", hint: "write a name in which *, ? and [a-z] may stand for others")
            }
            matcher = .glob(glob)
        }
        constraint = try NamePattern.constraint(bytes[end...])
    }

    /// Where the version constraint begins: at a space, a parenthesis or an operator outside of brackets.
    private static func endOfName(_ bytes: [UInt8]) -> Int {
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: " "), UInt8(ascii: "("), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "="):
                return index
            case UInt8(ascii: "!"), UInt8(ascii: "~"):
                if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "=") { return index }
            case UInt8(ascii: "\\"): index += 1
            case UInt8(ascii: "["):
                // As in Glob: a bracket that comes first belongs to the set.
                index += 1
                if index < bytes.count, bytes[index] == UInt8(ascii: "!") || bytes[index] == UInt8(ascii: "^") {
                    index += 1
                }
                index += 1
                while index < bytes.count, bytes[index] != UInt8(ascii: "]") { index += 1 }
            default: break
            }
            index += 1
        }
        return bytes.count
    }

    private static func constraint(_ bytes: ArraySlice<UInt8>) throws -> String? {
        func trimmed(_ part: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            var part = part.drop(while: \.isASCIISpace)
            while part.last?.isASCIISpace == true { part.removeLast() }
            return part
        }
        var part = trimmed(bytes)
        if part.isEmpty { return nil }
        if part.first == UInt8(ascii: "(") {
            guard part.last == UInt8(ascii: ")") else {
                throw PatternProblem("has no closing parenthesis")
            }
            part = trimmed(part.dropFirst().dropLast())
        }
        guard let first = part.first, "<>=!~".utf8.contains(first) else {
            throw PatternProblem(
                "has something other than a version constraint after the name",
                hint: "write it as in 'nginx (>= 1.22)'")
        }
        return String(decoding: part, as: UTF8.self)
    }

    /// Whether a name matches, whatever its version.
    public func matches(name: UnsafeRawBufferPointer) -> Bool {
        switch matcher {
        case .glob(let glob): glob.matches(name)
        case .regex(let regex): regex.matches(name)
        }
    }

    /// The pattern for names in another spelling: a glob's bytes are changed, a regular expression stays as it is.
    /// - Parameter respell: takes and gives the name's part of the text; a result that is no glob changes nothing.
    public func respelled(_ respell: ([UInt8]) -> [UInt8]) -> NamePattern {
        guard case .glob = matcher else { return self }
        let bytes = Array(text.utf8)
        guard let glob = Glob(respell(Array(bytes[..<NamePattern.endOfName(bytes)]))) else { return self }
        var other = self
        other.matcher = .glob(glob)
        return other
    }

    public func matches(name: [UInt8]) -> Bool { name.withUnsafeBytes { matches(name: $0) } }

    public func matches(name: String) -> Bool {
        var name = name
        return name.withUTF8 { matches(name: UnsafeRawBufferPointer($0)) }
    }
}

/// Why a text is no pattern: the rest of a sentence that begins with the text.
struct PatternProblem: Error {
    let message: String
    let hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

extension NamePattern: Equatable {
    public static func == (a: NamePattern, b: NamePattern) -> Bool { a.text == b.text }
}

extension ValueKind where Value == NamePattern {
    /// A pattern for names with a version constraint that `check` accepts: it returns what is wrong, or nil.
    public static func namePattern(checkConstraint: @escaping @Sendable (String) -> String?) -> ValueKind {
        pattern("pattern", takesConstraint: true) { $0.constraint.flatMap(checkConstraint) }
    }

    /// A glob on paths.
    public static var pathGlob: ValueKind { pattern("glob", takesConstraint: false) { _ in nil } }

    private static func pattern(
        _ name: String, takesConstraint: Bool, _ check: @escaping @Sendable (NamePattern) -> String?
    ) -> ValueKind {
        ValueKind(
            typeName: name, schema: ValueKind<String>.text.schema,
            parse: { node, context in
                let text = try context.text(node, expected: "a \(name)")
                let raw = node.text ?? ""
                do {
                    let pattern = try NamePattern(reading: text, takesConstraint: takesConstraint)
                    guard let problem = check(pattern) else { return pattern }
                    // The ecosystem may quote the constraint.
                    let shown = raw == text ? problem : "the version constraint is not understood"
                    throw context.error(node, "'\(raw)': \(shown)")
                } catch let problem as PatternProblem {
                    throw context.error(node, "'\(raw)' \(problem.message)", hint: problem.hint)
                }
            },
            show: { .text($0.text) })
    }
}
