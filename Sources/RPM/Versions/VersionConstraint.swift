import Basics

/// How a version must lie to another, as in the dependencies of a spec file.
public enum VersionRelation: String, CaseIterable, Sendable {
    case less = "<"
    case lessOrEqual = "<="
    case equal = "="
    case greaterOrEqual = ">="
    case greater = ">"

    /// Takes `==` for `=`.
    init?(_ text: some StringProtocol) {
        if text == "==" { self = .equal } else { self.init(rawValue: String(text)) }
    }

    /// Whether an order (below 0, 0, above 0) is one of this relation.
    public func holds(_ order: Int) -> Bool {
        switch self {
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .equal: order == 0
        case .greaterOrEqual: order >= 0
        case .greater: order > 0
        }
    }
}

/// A bound on versions: `>= 1:1.18`, `= 1.20.1-3.el9`. Without a release it takes any.
public struct VersionConstraint: Sendable {
    public let relation: VersionRelation
    public let version: EVR

    /// Reads `>= 1.18`, also without the blank.
    /// - Throws: ``ChantalError`` `malformed` for another relation and for what is no version.
    public init(parsing text: String) throws {
        func refuse(_ reason: String) -> ChantalError {
            ChantalError(
                .malformed, "'\(text)' is no version constraint: \(reason)",
                hint: "write a relation (<, <=, =, >=, >) and a version, like '>= 1:1.18-3'")
        }
        let trimmed = text.drop(while: { $0 == " " || $0 == "\t" })
        let sign = trimmed.prefix(while: { $0 == "<" || $0 == ">" || $0 == "=" })
        guard let relation = VersionRelation(sign) else { throw refuse("its relation is unknown") }
        var rest = Array(trimmed[sign.endIndex...].utf8)
        while rest.last?.isASCIISpace == true { rest.removeLast() }
        let version = EVR(rest.drop(while: { $0.isASCIISpace }))
        guard version.bytes.contains(where: { $0.isASCIIDigit || $0.isASCIILetter }),
            version.bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw refuse("its version is none") }
        self.relation = relation
        self.version = version
    }

    /// Whether a version lies within the bound.
    public func allows(_ version: EVR) -> Bool {
        version.bytes.withUnsafeBytes { other in
            self.version.bytes.withUnsafeBytes { relation.holds(EVR.boundOrder(other, $0)) }
        }
    }
}

extension VersionConstraint: CustomStringConvertible {
    public var description: String { "\(relation.rawValue) \(version)" }
}
