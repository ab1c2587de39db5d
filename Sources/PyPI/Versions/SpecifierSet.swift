import Basics

/// Clauses that all have to hold, as in `>=1.0,!=1.5,<2` (PEP 440); with none every version is allowed.
public struct SpecifierSet: Sendable, Hashable {
    /// In the order of their texts, none twice.
    public let specifiers: [Specifier]

    /// Most clauses that one set may have.
    static let countLimit = 1000

    public init() { specifiers = [] }

    public init(_ specifiers: [Specifier]) {
        if specifiers.count < 2 {
            self.specifiers = specifiers
        } else {
            var seen: Set<Specifier> = []
            self.specifiers = specifiers.sorted { $0.description < $1.description }
                .filter { seen.insert($0).inserted }
        }
    }

    /// Reads clauses with commas between them, blanks and empty places allowed; nil if one is none.
    public init?(_ text: some StringProtocol) {
        var found: [Specifier] = []
        for part in text.utf8.split(separator: UInt8(ascii: ",")) {
            if part.allSatisfy({ $0 == 0x20 || (0x09...0x0d).contains($0) }) { continue }
            guard found.count < SpecifierSet.countLimit, let one = Specifier(String(decoding: part, as: UTF8.self))
            else { return nil }
            found.append(one)
        }
        self.init(found)
    }

    public var isEmpty: Bool { specifiers.isEmpty }

    /// Whether a clause names a pre-release, so that they are asked for.
    public var asksForPreReleases: Bool { specifiers.contains(where: \.asksForPreReleases) }

    /// Whether a clause names exactly one version (`==1.0`, `===1.0`), which a yanked file may then be taken for (PEP 592).
    public var pinsVersion: Bool {
        specifiers.contains {
            $0.relation == .arbitrary || ($0.relation == .equal && !$0.operand.utf8.ends(with: ".*"))
        }
    }

    /// Whether a version lies within all clauses, pre-releases like any other.
    public func matches(_ version: Version) -> Bool {
        for specifier in specifiers where !specifier.matches(version) { return false }
        return true
    }

    /// Whether a version is contained, it being the only one.
    /// - Parameter preReleases: true takes them, false leaves them out; by default the only version is taken, pre-release or not.
    public func contains(_ version: Version, preReleases: Bool? = nil) -> Bool {
        if preReleases == false, version.isPreRelease { return false }
        return matches(version)
    }

    /// The same for a text; what is no version can only satisfy `===`.
    public func contains(text: String, preReleases: Bool? = nil) -> Bool {
        if preReleases == false, let version = Version(text), version.isPreRelease { return false }
        return specifiers.allSatisfy { $0.matches(text: text) }
    }

    /// The items that are contained. By default pre-releases only if a clause names one, or if there is nothing else
    /// (PEP 440, "Handling of pre-releases").
    public func filter<Item>(_ items: [Item], preReleases: Bool? = nil, version: (Item) -> Version) -> [Item] {
        let found = items.filter { matches(version($0)) }
        switch preReleases ?? (asksForPreReleases ? true : nil) {
        case true: return found
        case false: return found.filter { !version($0).isPreRelease }
        default:
            let final = found.filter { !version($0).isPreRelease }
            return final.isEmpty ? found : final
        }
    }

    /// The clauses of both.
    public func union(_ other: SpecifierSet) -> SpecifierSet {
        if other.isEmpty { return self }
        return isEmpty ? other : SpecifierSet(specifiers + other.specifiers)
    }
}

extension SpecifierSet: CustomStringConvertible {
    public var description: String { specifiers.map(\.description).joined(separator: ",") }
}

extension String.UTF8View {
    /// Whether these bytes end so.
    func ends(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount
            && suffix(text.utf8CodeUnitCount).elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
