/// Editions of an advisory that are alike in date and version, as one: what the first says, with the packages and references of all.
struct MergedAdvisory {
    private(set) var advisory: PublishedAdvisory
    // Known by now, so that an edition costs no look at all those before it.
    private var packages: Set<AdvisoryPackage>
    private var references: Set<DocumentElement>

    init(_ first: PublishedAdvisory) {
        advisory = first
        packages = Set(first.packages)
        references = Set(first.references)
    }

    mutating func add(_ other: PublishedAdvisory) {
        if let added = other.filtered(keeping: { !packages.contains($0) }) {
            advisory.append(
                collections: added.element.children.filter { $0.name == "pkglist" }.flatMap(\.children))
            packages.formUnion(added.packages)
        }
        let added = other.references.filter { !references.contains($0) }
        advisory.append(references: added)
        references.formUnion(added)
    }
}
