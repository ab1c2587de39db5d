import Basics
import SQLite

/// Reads packages out of statements that select ``CatalogSchema/columns``.
enum StoredPackage {
    static func row(_ statement: Statement, from column: Int) -> PackageRow {
        PackageRow(
            name: statement.string(column), version: statement.string(column + 1),
            architecture: statement.string(column + 2), group: statement.string(column + 3),
            summary: statement.string(column + 4), digest: statement.digest(column + 5),
            path: statement.string(column + 6), size: statement.int64(column + 7),
            alias: AliasCode.decode(statement.bytes(column + 8)), provides: statement.string(column + 9),
            files: statement.string(column + 10), source: statement.string(column + 11),
            homepage: statement.string(column + 12))
    }
}
