import Basics
import SQLite

extension SQLiteCatalog {
    public func packages(named names: [String]) throws -> [FoundPackage] {
        try read { database in
            try latest(database) { repository, generation, add in
                for name in names {
                    try database.query(
                        """
                        SELECT \(CatalogSchema.columns) FROM package WHERE repository = ?1 AND name = ?2 COLLATE NOCASE
                        AND first <= ?3 AND (until IS NULL OR until > ?3)
                        """, repository, name, generation, row: add)
                }
            }
        }
    }

    // There is no index for this: it would cost each sync more than a rare question is worth.
    public func packages(bySources sources: [String], orHomepages homepages: [String]) throws -> [FoundPackage] {
        let (sources, homepages) = (Lookup.list(sources), Lookup.list(homepages.filter { !$0.isEmpty }))
        return try read { database in
            try latest(database) { repository, generation, add in
                let range = CatalogSchema.rows(of: repository)
                try database.query(
                    """
                    SELECT \(CatalogSchema.columns) FROM package WHERE id BETWEEN ?1 AND ?2
                    AND first <= ?3 AND (until IS NULL OR until > ?3)
                    AND (CASE source WHEN '' THEN name ELSE source END IN (SELECT value FROM json_each(?4))
                        OR homepage IN (SELECT value FROM json_each(?5)))
                    """, range.lowerBound, range.upperBound, generation, sources, homepages, row: add)
            }
        }
    }

    /// Gathers rows repository by repository.
    private func latest(
        _ database: Connection,
        _ body: (_ id: Int64, _ generation: Int, _ add: (Statement) throws -> Void) throws -> Void
    ) throws -> [FoundPackage] {
        var result: [FoundPackage] = []
        for (name, found) in try StoredRepository.all(database) {
            guard let generation = found.generations.last else { continue }
            var rows: Set<PackageRow> = []
            try body(found.id, generation) { rows.insert(StoredPackage.row($0, from: 0)) }
            result += rows.sorted().map { FoundPackage(repository: name, type: found.type, package: $0) }
        }
        return result
    }
}

private enum Lookup {
    /// Any number of texts as one value, for SQLite's json_each().
    static func list(_ texts: [String]) -> String {
        String(decoding: JSONValue.array(texts.map { .string($0) }).encoded(), as: UTF8.self)
    }
}
