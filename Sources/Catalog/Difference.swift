import Basics
import SQLite

extension SQLiteCatalog {
    public func difference(_ first: RepositoryState, _ second: RepositoryState) throws -> PackageDifference {
        try read { database in
            let (a, b) = (try IndexedState.find(first, database), try IndexedState.find(second, database))
            var comparison = PackageComparison()
            if a.repository == b.repository {
                try comparison.scan(a.repository, (a.generation, 1), (b.generation, 2), database)
            } else {
                try comparison.scan(a.repository, (a.generation, 1), nil, database)
                try comparison.scan(b.repository, (b.generation, 2), nil, database)
            }
            let (onlyFirst, onlySecond) = comparison.differences()
            return PackageDifference(
                onlyFirst: try rows(onlyFirst, database), onlySecond: try rows(onlySecond, database))
        }
    }

    private func rows(_ ids: [Int64], _ database: Connection) throws -> [PackageRow] {
        var rows: [PackageRow] = []
        rows.reserveCapacity(ids.count)
        for id in ids {
            try database.query("SELECT \(CatalogSchema.columns) FROM package WHERE id = ?", id) {
                rows.append(StoredPackage.row($0, from: 0))
            }
        }
        return rows.sorted()
    }
}

/// Two states' packages by the hash of what makes a package the same.
private struct PackageComparison: ~Copyable {
    private let hasher = RowHasher()
    private var table = RowTable()
    // A table's entry holds 48 bits: too few for a rowid with its repository.
    private var ids: [Int64] = []
    private var scratch: [UInt8] = []

    /// Looks at the packages of one or two generations of a repository and sets each one's flag.
    mutating func scan(
        _ repository: Int64, _ a: (generation: Int, flag: UInt64), _ b: (generation: Int, flag: UInt64)?,
        _ database: Connection
    ) throws {
        let range = CatalogSchema.rows(of: repository)
        try database.with(
            """
            SELECT id, first, until, grp, name, version, architecture, digest, CASE WHEN digest IS NULL THEN alias END, size
            FROM package WHERE id BETWEEN ? AND ?
            """
        ) { row in
            try row.bind(1, range.lowerBound)
            try row.bind(2, range.upperBound)
            while try row.step() {
                let (first, until) = (row.int(1), row.optionalInt(2) ?? .max)
                var flags: UInt64 = 0
                if first <= a.generation, a.generation < until { flags |= a.flag }
                if let b, first <= b.generation, b.generation < until { flags |= b.flag }
                if flags == 0 { continue }
                let hash = identity(row)
                if table.insert(hash, row: Int64(ids.count), flags: flags) == nil { ids.append(row.int64(0)) }
            }
        }
    }

    private mutating func identity(_ row: Statement) -> RowHash {
        scratch.removeAll(keepingCapacity: true)
        for column in 3...8 {
            let bytes = row.bytes(column)
            withUnsafeBytes(of: UInt32(bytes.count)) { scratch.append(contentsOf: $0) }
            scratch.append(contentsOf: bytes)
        }
        // Without a digest the size is all that is known of the content.
        if row.isNull(7) { withUnsafeBytes(of: row.int64(9)) { scratch.append(contentsOf: $0) } }
        return scratch.withUnsafeBytes { hasher.hash($0) }
    }

    func differences() -> (first: [Int64], second: [Int64]) {
        var (first, second): ([Int64], [Int64]) = ([], [])
        table.visit { index, flags in
            if flags == 1 { first.append(ids[Int(index)]) }
            if flags == 2 { second.append(ids[Int(index)]) }
        }
        return (first.sorted(), second.sorted())
    }
}
