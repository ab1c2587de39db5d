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
        let homepages = homepages.filter { !$0.isEmpty }
        if sources.isEmpty, homepages.isEmpty { return [] }
        let (sourceList, homepageList) = (Lookup.list(sources), Lookup.list(homepages))
        return try read { database in
            try latest(database) { repository, generation, add in
                let range = CatalogSchema.rows(of: repository)
                try database.query(
                    """
                    SELECT \(CatalogSchema.columns) FROM package WHERE id BETWEEN ?1 AND ?2
                    AND first <= ?3 AND (until IS NULL OR until > ?3)
                    AND (CASE source WHEN '' THEN name ELSE source END COLLATE NOCASE IN (SELECT value FROM json_each(?4))
                        OR homepage IN (SELECT value FROM json_each(?5)))
                    """, range.lowerBound, range.upperBound, generation, sourceList, homepageList, row: add)
            }
        }
    }

    public func packages(providing names: [String]) throws -> [String: [FoundPackage]] {
        try read { database in
            var repositories: [Int64: (name: String, found: StoredRepository)] = [:]
            for (name, found) in try StoredRepository.all(database) { repositories[found.id] = (name, found) }
            var result: [String: [FoundPackage]] = [:]
            for name in names where result[name] == nil {
                guard let expression = Lookup.expression(provided: name) else { continue }
                let wanted = name.utf8.map(\.asciiLowercased)
                var rows: Set<FoundPackage> = []
                try database.query(
                    """
                    SELECT repository, first, until, provides, \(CatalogSchema.columns) FROM package
                    WHERE id IN (SELECT rowid FROM word WHERE word MATCH ?)
                    """, expression
                ) { row in
                    guard let (repository, found) = repositories[row.int64(0)], let latest = found.generations.last,
                        row.int(1) <= latest, latest < row.optionalInt(2) ?? .max,
                        Lookup.holds(row.bytes(3), wanted)
                    else { return }
                    rows.insert(
                        FoundPackage(
                            repository: repository, type: found.type, package: StoredPackage.row(row, from: 4)))
                }
                result[name] = rows.sorted {
                    $0.repository == $1.repository ? $0.package < $1.package : $0.repository < $1.repository
                }
            }
            return result
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

    /// Asks the index for a provided name, of which it knows the words only; nil for what it cannot find.
    static func expression(provided name: String) -> String? {
        let bytes = Array(name.utf8)
        guard bytes.contains(where: { $0.isASCIILetter || $0.isASCIIDigit || $0 >= 0x80 }),
            !bytes.contains(where: { $0 <= 0x20 })
        else { return nil }
        return "provides : \"" + String(decoding: bytes.flatMap { $0 == 0x22 ? [$0, $0] : [$0] }, as: UTF8.self) + "\""
    }

    /// Whether a list with blanks between its names has one, in any case of ASCII letters.
    static func holds(_ list: UnsafeRawBufferPointer, _ name: [UInt8]) -> Bool {
        list.split(separator: UInt8(ascii: " ")).contains { item in
            item.count == name.count && zip(item, name).allSatisfy { $0.asciiLowercased == $1 }
        }
    }
}
