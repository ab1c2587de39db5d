import Basics

/// How a version must lie to another, as in a Depends field (`deb-version(7)`).
public enum VersionRelation: String, CaseIterable, Sendable {
    case earlier = "<<"
    case earlierOrEqual = "<="
    case equal = "="
    case laterOrEqual = ">="
    case later = ">>"

    /// Takes the old forms too: `<` is `<=` and `>` is `>=`, as dpkg reads them.
    public init?(_ text: some StringProtocol) {
        switch text {
        case "<": self = .earlierOrEqual
        case ">": self = .laterOrEqual
        default: self.init(rawValue: String(text))
        }
    }

    /// Whether an order (below 0, 0, above 0) is one of this relation.
    public func holds(_ order: Int) -> Bool {
        switch self {
        case .earlier: order < 0
        case .earlierOrEqual: order <= 0
        case .equal: order == 0
        case .laterOrEqual: order >= 0
        case .later: order > 0
        }
    }
}

/// A bound on versions: `>= 1.18`, `<< 2.0~`.
public struct VersionConstraint: Sendable {
    public let relation: VersionRelation
    public let version: DebianVersion

    public init(_ relation: VersionRelation, _ version: DebianVersion) {
        self.relation = relation
        self.version = version
    }

    /// Reads `>= 1.18`, also without the blank.
    /// - Throws: ``ChantalError`` `malformed` if the relation or the version is not one of dpkg's.
    public init(parsing text: String) throws {
        func refuse(_ reason: String) -> ChantalError {
            ChantalError(
                .malformed, "'\(text)' is no version constraint: \(reason)",
                hint: "write a relation of dpkg's (<<, <=, =, >=, >>) and a version, like '>= 1.18'")
        }
        let trimmed = text.drop(while: { $0 == " " || $0 == "\t" })
        let sign = trimmed.prefix(while: { $0 == "<" || $0 == ">" || $0 == "=" })
        guard let relation = VersionRelation(sign) else { throw refuse("its relation is unknown") }
        var rest = Array(trimmed[sign.endIndex...].utf8)
        while rest.last?.isASCIISpace == true { rest.removeLast() }
        let version = DebianVersion(rest.drop(while: { $0.isASCIISpace }))
        if let defect = version.bytes.withUnsafeBytes(DebianVersion.defect) { throw refuse(defect) }
        self.init(relation, version)
    }

    /// Whether a version lies within the bound.
    public func allows(_ version: DebianVersion) -> Bool {
        version.bytes.withUnsafeBytes(allows)
    }

    public func allows(_ version: UnsafeRawBufferPointer) -> Bool {
        self.version.bytes.withUnsafeBytes { relation.holds(DebianVersion.order(version, $0)) }
    }
}

extension VersionConstraint: CustomStringConvertible {
    public var description: String { "\(relation.rawValue) \(version)" }
}
