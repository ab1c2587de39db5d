import Basics

/// One clause on versions: an operator and a version (PEP 440, "Version specifiers").
public struct Specifier: Sendable {
    public enum Operator: String, Sendable {
        case compatible = "~="
        case equal = "=="
        case notEqual = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
        case arbitrary = "==="
    }

    public let relation: Operator
    /// The version as written, with `.*` if that is there.
    public let operand: String
    /// Nil for ``Operator/arbitrary`` with what is no version.
    public let version: Version?
    private let test: Test

    private enum Test: Sendable {
        case order(Operator, Version)
        /// A release that the version's begins with, epoch first.
        case prefix([String], isNegated: Bool)
        case compatible(Version, prefix: [String])
        /// The bound, and the first of its pre-releases where these are left out.
        case less(Version, firstPre: Version?)
        case greater(Version)
        case text(String)
    }

    /// Reads a clause, blanks around it allowed; nil for what is none.
    public init?(_ text: some StringProtocol) {
        let clause = Array(text.utf8).withUnsafeBytes { bytes -> Specifier? in
            let trimmed = bytes.trimmed
            var scanner = SpecifierScanner(trimmed)
            guard let specifier = scanner.next(), scanner.position == trimmed.count else { return nil }
            return specifier
        }
        guard let clause else { return nil }
        self = clause
    }

    /// - Parameters:
    ///   - operand: as written.
    ///   - version: nil only for `===`.
    init(_ relation: Operator, operand: String, version: Version?, isPrefix: Bool) {
        self.relation = relation
        self.operand = operand
        self.version = version
        guard relation != .arbitrary, let version else {
            test = .text(operand.lowercasedASCII)
            return
        }
        switch relation {
        case .equal where isPrefix: test = .prefix(Specifier.release(version), isNegated: false)
        case .notEqual where isPrefix: test = .prefix(Specifier.release(version), isNegated: true)
        case .compatible: test = .compatible(version, prefix: Specifier.release(version).dropLast())
        case .less:
            var parts = VersionParts(version)
            parts.dev = "0"
            parts.local = nil
            test = .less(version, firstPre: version.isPreRelease ? nil : Version(parts.description))
        case .greater: test = .greater(version)
        default: test = .order(relation, version)
        }
    }

    private static func release(_ version: Version) -> [String] {
        let parts = VersionParts(version)
        return [parts.epoch] + parts.release
    }

    /// Whether this clause asks for pre-releases: it names one.
    public var asksForPreReleases: Bool {
        if relation == .notEqual { return false }
        return version?.isPreRelease ?? false
    }

    /// Whether a version lies within the clause, pre-releases like any other.
    public func matches(_ version: Version) -> Bool {
        switch test {
        case .order(let relation, let bound):
            switch relation {
            case .equal: return Version.order(version, isPublic: !bound.hasLocal, bound) == 0
            case .notEqual: return Version.order(version, isPublic: !bound.hasLocal, bound) != 0
            case .lessOrEqual: return Version.order(version, isPublic: true, bound) <= 0
            default: return Version.order(version, isPublic: true, bound) >= 0
            }
        case .prefix(let release, let isNegated): return version.begins(with: release) != isNegated
        case .compatible(let bound, let prefix):
            return Version.order(version, isPublic: true, bound) >= 0 && version.begins(with: prefix)
        case .less(let bound, let firstPre):
            guard version < bound else { return false }
            guard let firstPre, version.isPreRelease else { return true }
            return version < firstPre
        case .greater(let bound):
            guard version > bound else { return false }
            if version.isPostRelease, !bound.isPostRelease, version.postBase == bound { return false }
            return !version.hasLocal || Version.order(version, isPublic: true, bound) != 0
        case .text(let text): return version.description == text
        }
    }

    /// Whether a text satisfies the clause: for `===` as it is, else as a version.
    public func matches(text: String) -> Bool {
        if case .text(let wanted) = test { return text.lowercasedASCII == wanted }
        return Version(text).map(matches) ?? false
    }
}

extension Specifier: Hashable, CustomStringConvertible {
    /// `==1.0` and `==1.0.0` are the same, `~=1.0` and `~=1.0.0` are not.
    public static func == (a: Specifier, b: Specifier) -> Bool {
        guard a.relation == b.relation else { return false }
        switch (a.test, b.test) {
        case (.text, _), (.prefix, _), (_, .prefix): return a.operand == b.operand
        case (.compatible(let x, _), .compatible(let y, _)): return x == y && x.trailingZeros == y.trailingZeros
        default: return a.version == b.version
        }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(relation)
        hasher.combine(version)
    }

    public var description: String { relation.rawValue + operand }
}

extension Version {
    /// Whether epoch and release begin so; a release that is too short goes on with zeros.
    fileprivate func begins(with release: [String]) -> Bool {
        var index = 0
        for (place, wanted) in release.enumerated() {
            // The epoch is there always, so an end can only be that of the release.
            guard place == 0 || key[index] != VersionKey.end else {
                return release[place...].allSatisfy { $0 == "0" }
            }
            let digits = VersionKey.number(key, at: index)
            guard key[digits].elementsEqual(wanted.utf8) else { return false }
            index = digits.upperBound
        }
        return true
    }

    /// What this is a post-release of.
    fileprivate var postBase: Version? {
        var parts = VersionParts(self)
        parts.post = nil
        parts.dev = nil
        parts.local = nil
        return Version(parts.description)
    }
}

extension String {
    var lowercasedASCII: String { String(decoding: utf8.map(\.asciiLowercased), as: UTF8.self) }
}
