import Basics
import Catalog
import Store

/// What the metadata of states tells beyond the catalog.
extension Engine {
    /// What a state's published metadata says of a package that the catalog has found in it; nil if it says nothing more.
    /// - Throws: what is wrong with that metadata.
    public func describe(_ item: PackageHistory) throws -> PackageDescription? {
        try describe(item.package, records.generation(item.last, of: item.repository), item.repository)
    }

    /// What the metadata of a repository's latest state says of a package that the catalog has found there.
    func describe(_ found: FoundPackage) throws -> PackageDescription? {
        guard let record = try records.latestGeneration(of: found.repository) else { return nil }
        return try describe(found.package, record, found.repository)
    }

    private func describe(_ package: PackageRow, _ record: GenerationRecord, _ repository: String) throws
        -> PackageDescription?
    {
        let state = ResolvedState(repository: repository, record: record, snapshot: nil)
        return try ecosystems.type(record.type).describe(package, in: reader(of: state))
    }

    /// The advisories that a state has and an earlier one had not, the newest first.
    public func advisories(since first: ResolvedState, in second: ResolvedState) throws -> [Advisory] {
        let known = Set(try advisories(in: first).map(\.id))
        var seen: Set<String> = []
        return try advisories(in: second).filter { !known.contains($0.id) && seen.insert($0.id).inserted }
            .sorted { a, b in
                let (x, y) = (a.issuedAt?.seconds ?? .min, b.issuedAt?.seconds ?? .min)
                return x != y ? x > y : a.id < b.id
            }
    }

    private func advisories(in state: ResolvedState) throws -> [Advisory] {
        try ecosystems.type(state.record.type).advisories(in: reader(of: state))
    }
}
