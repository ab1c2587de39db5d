import Basics
import SQLite

extension SQLiteCatalog {
    public func defects() throws -> [String] {
        var defects: [String] = []
        try use { database in
            try database.query("PRAGMA quick_check(20)") { row in
                if row.string(0) != "ok" { defects.append("the catalog's file: \(row.string(0))") }
            }
            try database.query(
                "SELECT count(*) FROM package WHERE repository <> id >> ? OR until <= first", CatalogSchema.sequenceBits
            ) { row in
                if row.int(0) > 0 { defects.append("\(row.int(0)) packages of the catalog have an impossible place") }
            }
        }
        if isReadOnly { return defects }
        do {
            // FTS5 compares its lists with the packages; the command is written as an insertion but changes nothing.
            try write { try $0.run("INSERT INTO word(word, rank) VALUES('integrity-check', 1)") }
        } catch let error as ChantalError where error.code == .needsRebuild {
            defects.append("the catalog's word lists do not fit its packages")
        }
        return defects
    }
}
