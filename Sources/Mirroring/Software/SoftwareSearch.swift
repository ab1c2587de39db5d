import Basics
import Catalog

/// What a piece of software is called in each ecosystem that is mirrored here.
///
/// A package is found by its name, by the conventions that names follow (``Ecosystem/packageNames(of:)``), by the source package that it
/// is made from, by the names that it provides, and by its homepage; sources and homepages also lead from the packages that have the
/// name to their relatives elsewhere.
public struct SoftwareSearch {
    /// What is looked for.
    public struct Question: Sendable, Hashable {
        /// By which any ecosystem knows it.
        public var name: String
        /// Nil for any part.
        public var part: SoftwareName.Part?

        public init(_ name: String, part: SoftwareName.Part? = nil) {
            self.name = name
            self.part = part
        }
    }

    /// What speaks for a package, the strongest first.
    public enum Evidence: String, Sendable, CaseIterable {
        /// It has the very name.
        case name
        /// Its homepage is that of a package with the name.
        case homepage
        /// It is made from the same source, or from a source of the name.
        case source
        /// It provides the name.
        case provides
        /// Its name follows from the name by convention.
        case convention

        var weight: Int {
            switch self {
            case .name: 8
            case .homepage, .source, .provides: 3
            case .convention: 4
            }
        }
    }

    public struct Found: Sendable {
        public let package: FoundPackage
        public let part: SoftwareName.Part
        /// In the order of ``Evidence``.
        public let evidence: [Evidence]
        var weight: Int
    }

    private let catalog: any PackageCatalog
    private let ecosystems: EcosystemRegistry
    /// The homepage of a package whose row in the catalog has none.
    private let homepage: (FoundPackage) throws -> String?

    /// - Parameter homepage: looks closer at a package that has the name.
    init(
        _ catalog: any PackageCatalog, _ ecosystems: EcosystemRegistry,
        homepage: @escaping (FoundPackage) throws -> String?
    ) {
        self.catalog = catalog
        self.ecosystems = ecosystems
        self.homepage = homepage
    }

    /// Looks for many at once, in a few looks at the catalog.
    ///
    /// - Returns: for each question what was found in the latest generations, by type, the likeliest first; of each name in a
    ///   repository every version and architecture.
    public func run(_ questions: [Question]) throws -> [[Found]] {
        let kin = try questions.map { try Kinship($0, ecosystems) }
        let named = try Dictionary(
            grouping: catalog.packages(named: Set(kin.flatMap(\.names)).sorted()), by: { $0.package.name.lowercased() })
        let provided = try catalog.packages(providing: questions.map(\.name))
        // Where nothing has the name, its source may lead to the others.
        let nameless = Set(questions.map { $0.name.lowercased() }.filter { named[$0] == nil })
        let made = try Dictionary(
            grouping: catalog.packages(bySources: nameless.sorted(), orHomepages: []), by: \.sourceName)
        var families = kin.map { $0.family(named, made: made, provided: provided[$0.question.name] ?? []) }
        for index in families.indices { try families[index].learn(homepage) }
        let relatives = try catalog.packages(
            bySources: Set(families.flatMap(\.sources)).sorted(),
            orHomepages: Set(families.flatMap(\.homepages).flatMap(Homepage.spellings)).sorted())
        return try families.map { try $0.found(named, relatives, ecosystems) }
    }
}

extension Engine {
    /// Looks through the latest generations of all repositories.
    public func softwareSearch() throws -> SoftwareSearch {
        SoftwareSearch(try openCatalogForReading(), ecosystems) { [self] found in
            try describe(found)?.homepage
        }
    }
}

/// URLs of homepages, compared without what does not matter.
enum Homepage {
    /// `http://www.example.org/x/` → `example.org/x`; nil for what is no page of its own: a host of many projects without a path.
    static func key(_ url: String) -> String? {
        guard let rest = url.rest(after: "https://") ?? url.rest(after: "http://") else { return nil }
        var key = rest.lowercased()
        if let bare = key.rest(after: "www.") { key = bare }
        if let cut = key.firstIndex(where: { $0 == "?" || $0 == "#" }) { key = String(key[..<cut]) }
        while key.hasSuffix("/") { key.removeLast() }
        return key.isEmpty ? nil : key
    }

    /// How a homepage may stand in metadata.
    static func spellings(_ key: String) -> [String] {
        ["https://", "http://"].flatMap { scheme in
            ["", "www."].flatMap { host in ["", "/"].map { scheme + host + key + $0 } }
        }
    }
}
