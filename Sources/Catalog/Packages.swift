import Basics
import SQLite

/// A generation of a repository as the packages' table knows it.
struct IndexedState {
    var repository: Int64
    var generation: Int

    /// - Throws: ``ChantalError`` `not_found` if the generation is not indexed.
    static func find(_ state: RepositoryState, _ database: Connection) throws -> IndexedState {
        guard let found = try StoredRepository.named(state.repository, database),
            found.generations.contains(state.generation)
        else {
            throw ChantalError(
                .notFound, "the catalog does not know generation \(state.generation) of '\(state.repository)'",
                hint: "`chantal doctor --rebuild` makes the catalog anew")
        }
        return IndexedState(repository: found.id, generation: state.generation)
    }
}

extension SQLiteCatalog {
    public func forEachPackage(of state: RepositoryState, _ body: (PackageRow) throws -> Void) throws {
        try read { database in
            let found = try IndexedState.find(state, database)
            try database.query(
                """
                SELECT \(CatalogSchema.columns) FROM package
                WHERE repository = ?1 AND first <= ?2 AND (until IS NULL OR until > ?2)
                ORDER BY name COLLATE NOCASE, name, architecture, version, grp, path
                """, found.repository, found.generation
            ) { try body(StoredPackage.row($0, from: 0)) }
        }
    }

    public func history(ofPackage name: String, repository: String?) throws -> [PackageHistory] {
        try read { database in
            var result: [PackageHistory] = []
            for (repositoryName, found) in try StoredRepository.all(database)
            where repository == nil || repository == repositoryName {
                // A package that left for a while is two rows; once the generations between are gone it never left.
                var places: [PackageRow: Int] = [:]
                try database.query(
                    """
                    SELECT first, until, \(CatalogSchema.columns) FROM package
                    WHERE repository = ? AND name = ? COLLATE NOCASE
                    ORDER BY name, architecture, version, grp, path, first
                    """, found.id, name
                ) { row in
                    let (first, until) = (row.int(0), row.optionalInt(1) ?? .max)
                    let held = found.generations.filter { first <= $0 && $0 < until }
                    guard let earliest = held.first, let latest = held.last else { return }
                    let package = StoredPackage.row(row, from: 2)
                    let isCurrent = latest == found.generations.last
                    if let place = places[package],
                        earliest == found.generations.first(where: { $0 > result[place].last })
                    {
                        result[place].last = latest
                        result[place].isCurrent = isCurrent
                        return
                    }
                    places[package] = result.count
                    result.append(
                        PackageHistory(
                            repository: repositoryName, type: found.type, package: package, first: earliest,
                            last: latest, isCurrent: isCurrent))
                }
            }
            return result
        }
    }
}
