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

    public func packages(bySource source: String) throws -> [FoundPackage] {
        try scan("(source = ?3 OR source = '' AND name = ?3)", source)
    }

    public func packages(byHomepage homepage: String) throws -> [FoundPackage] {
        homepage.isEmpty ? [] : try scan("homepage = ?3", homepage)
    }

    /// There is no index for this: it would cost each sync more than a rare question is worth.
    private func scan(_ condition: String, _ value: String) throws -> [FoundPackage] {
        try read { database in
            try latest(database) { repository, generation, add in
                let range = CatalogSchema.rows(of: repository)
                try database.query(
                    """
                    SELECT \(CatalogSchema.columns) FROM package WHERE id BETWEEN ?1 AND ?2 AND \(condition)
                    AND first <= ?4 AND (until IS NULL OR until > ?4)
                    """, range.lowerBound, range.upperBound, value, generation, row: add)
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
