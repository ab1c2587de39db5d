import Basics

/// The Pythons that a distribution is for (`Requires-Python`), read as leniently as clients do.
///
/// A mirror passes the text on byte for byte; this is for selecting only. What nobody can make sense of is no constraint, as for pip.
public struct RequiresPython: Sendable {
    /// Empty if the text is empty or makes no sense.
    public let specifiers: SpecifierSet
    /// Whether the text makes no sense even leniently.
    public let isUnreadable: Bool
    /// Versions of which the lowest that is allowed is one; none if none is allowed.
    private let lowest: [Version]

    public init(_ text: some StringProtocol) {
        if let set = SpecifierSet(text) ?? RequiresPython.lenient(Array(text.utf8)) {
            specifiers = set
            isUnreadable = false
        } else {
            specifiers = SpecifierSet()
            isUnreadable = true
        }
        lowest = RequiresPython.bounds(specifiers).filter(specifiers.matches)
    }

    /// Whether a Python version may be used.
    public func allows(_ python: Version) -> Bool { specifiers.matches(python) }

    /// Whether this Python or an earlier one may be used, or none at all: uv takes a distribution then, for it reads the lower bound
    /// alone (`>=3.7,<3.11` as `>=3.7`). What makes no sense it does not take at all.
    public func allowsBelow(_ python: Version) -> Bool {
        if isUnreadable { return false }
        return allows(python) || lowest.isEmpty || lowest.contains { $0 < python }
    }

    /// Where the clauses begin and end, and what follows these.
    private static func bounds(_ specifiers: SpecifierSet) -> [Version] {
        var texts = ["0"]
        for clause in specifiers.specifiers {
            guard let parts = clause.version.map(VersionParts.init) else { continue }
            let release = parts.release.joined(separator: ".")
            texts += [release, release + ".0.0.1"]
            if clause.operand.hasSuffix("*"), let last = parts.release.last.flatMap({ Int($0) }), last < Int.max {
                texts.append((parts.release.dropLast() + ["\(last + 1)"]).joined(separator: "."))
            }
        }
        return texts.compactMap { Version($0) }
    }

    /// Repairs what is often written wrong: `>=3.6.*`, `>=3.6<4`, `!=~3.0`, `!=3.0*`, `>dev`, `>=9.0a1.0`, quotes.
    private static func lenient(_ text: [UInt8]) -> SpecifierSet? {
        guard text.count <= Version.lengthLimit else { return nil }
        var clauses: [[UInt8]] = [[]]
        var isInOperator = false
        for byte in text where byte != UInt8(ascii: "'") && byte != UInt8(ascii: "\"") {
            let isOperator = "<>=!~".utf8.contains(byte)
            // An operator after a version begins the next clause.
            if byte == UInt8(ascii: ",") || (isOperator && !isInOperator && hasVersion(clauses[clauses.count - 1])) {
                clauses.append([])
            }
            if byte != UInt8(ascii: ","), !byte.isASCIISpace { clauses[clauses.count - 1].append(byte) }
            if !byte.isASCIISpace { isInOperator = isOperator }
        }
        var result: [Specifier] = []
        for clause in clauses where !clause.isEmpty {
            guard let one = repaired(clause) else { return nil }
            result.append(one)
        }
        return SpecifierSet(result)
    }

    private static func hasVersion(_ clause: [UInt8]) -> Bool { clause.contains { $0.isASCIIDigit } }

    private static func repaired(_ clause: [UInt8]) -> Specifier? {
        var text = String(decoding: clause, as: UTF8.self)
        if let plain = Specifier(text) { return plain }
        if text.hasPrefix("!=~") { text = "!=" + text.dropFirst(3) + ".*" }
        if text == ">dev" { text = ">0.0.0dev" }
        if let repaired = Specifier(text) { return repaired }
        if text.hasSuffix("*") {
            let stem = text.dropLast(text.hasSuffix(".*") ? 2 : 1)
            return Specifier(text.hasPrefix("!=") || text.hasPrefix("==") ? stem + ".*" : stem)
        }
        // A number after a pre-release: the part that is a version counts.
        guard let point = text.lastIndex(of: "."), text[..<point].contains(where: \.isLetter) else { return nil }
        return Specifier(text[..<point])
    }
}
