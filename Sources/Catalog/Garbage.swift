import SQLite

extension SQLiteCatalog {
    /// Removes the rows of a repository that no generation holds, if it is marked as having such.
    ///
    /// While a run indexes the repository only that run itself may do it (it gives its token), and it spares what it compares with.
    func removeGarbage(of id: Int64, token: Int64? = nil) throws {
        let found: (rows: [Int64], mark: Int)? = try read { database in
            guard let (kept, mark) = try keptGenerations(of: id, token, database) else { return nil }
            var rows: [Int64] = []
            let range = CatalogSchema.rows(of: id)
            try database.query(
                "SELECT id, first, until FROM package WHERE id BETWEEN ? AND ?", range.lowerBound, range.upperBound
            ) {
                let first = $0.int(1)
                let until = $0.optionalInt(2) ?? .max
                if !kept.contains(where: { first <= $0 && $0 < until }) { rows.append($0.int64(0)) }
            }
            return (rows, mark)
        }
        guard let (garbage, mark) = found else { return }
        noteMuchWritten()
        var position = 0
        while position < garbage.count {
            let chunk = garbage[position..<min(position + 4000, garbage.count)]
            let goesOn = try write { database in
                guard let (kept, _) = try keptGenerations(of: id, token, database) else { return false }
                for row in chunk { try SQLiteCatalog.remove(row: row, unlessIn: kept, database) }
                return true
            }
            if !goesOn { return }
            position += chunk.count
        }
        try write { database in
            guard try keptGenerations(of: id, token, database) != nil else { return }
            // Whoever removed a generation since our look counted the mark up, and looks itself.
            try database.run("UPDATE repository SET dirty = 0 WHERE id = ? AND dirty = ?", id, mark)
        }
    }

    /// The numbers that keep a row; nil if there is nothing to remove, or another run has the say.
    private func keptGenerations(
        of id: Int64, _ token: Int64?, _ database: Connection
    ) throws -> (kept: [Int], mark: Int)? {
        var mark = 0
        try database.query("SELECT dirty FROM repository WHERE id = ?", id) { mark = $0.int(0) }
        if mark == 0 { return nil }
        var kept = try StoredRepository.numbers(of: id, database)
        var mayRemove = token == nil
        try database.query("SELECT token, previous, next FROM indexing WHERE repository = ?", id) {
            mayRemove = $0.int64(0) == token
            kept.append(contentsOf: [$0.optionalInt(1), $0.optionalInt(2)].compactMap { $0 })
        }
        return mayRemove ? (kept, mark) : nil
    }

    // Rows change between the look and the removal only by a run whose rows some generation then holds.
    private static func remove(row: Int64, unlessIn kept: [Int], _ database: Connection) throws {
        try database.query(
            "SELECT first, until, \(CatalogSchema.words) FROM package WHERE id = ?", row
        ) { found in
            let (first, until) = (found.int(0), found.optionalInt(1) ?? .max)
            if kept.contains(where: { first <= $0 && $0 < until }) { return }
            // VALUES, not SELECT: before a statement that may change several rows FTS5 writes out all it has gathered.
            try database.with(
                "INSERT INTO word(word, rowid, \(CatalogSchema.words)) VALUES('delete', ?, ?, ?, ?, ?)"
            ) { word in
                try word.bind(1, row)
                for column in 2...5 { try word.bind(column, text: found.bytes(column), borrowed: true) }
                try word.run()
            }
            try database.run("DELETE FROM package WHERE id = ?", row)
        }
    }
}
