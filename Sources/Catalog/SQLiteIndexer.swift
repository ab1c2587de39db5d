import Basics
import SQLite

/// Compares a generation's packages with those of its neighbours as they come, and writes the differences only.
///
/// With the generation `number`, the nearest indexed one below it (`previous`) and above it (`next`), a row that exists may have to
/// begin or end elsewhere. All changes lie between `previous` and `next`, where nobody looks until ``finish()`` says so.
final class SQLiteIndexer: GenerationIndexer {
    private typealias Flag = RowIntake.Flag

    private static let changesPerTransaction = 20_000

    private let catalog: SQLiteCatalog
    private let claim: IndexingClaim
    private let key: String
    // Nil until the first row or draft.
    private var intake: RowIntake?
    private var nextRow: Int64
    private let firstRow: Int64
    private var hasFailed = false

    var previous: Int? { claim.previous }

    init(_ catalog: SQLiteCatalog, _ claim: IndexingClaim) throws {
        self.catalog = catalog
        self.claim = claim
        key = try catalog.rowKey()
        nextRow = try catalog.read { database in
            let range = CatalogSchema.rows(of: claim.repository)
            var last = range.lowerBound - 1
            try database.query(
                "SELECT max(id) FROM package WHERE id BETWEEN ? AND ?", range.lowerBound, range.upperBound
            ) { if !$0.isNull(0) { last = $0.int64(0) } }
            return last + 1
        }
        firstRow = nextRow
    }

    /// The rows so far; at first those of the neighbours are learned.
    private func rows() throws -> RowIntake {
        if let intake { return intake }
        let new = RowIntake(try catalog.hasher(key))
        try catalog.read { database in
            try new.load(
                claim.repository, number: claim.number, .init(previous: claim.previous, next: claim.next), database)
        }
        intake = new
        return new
    }

    func add(_ row: PackageRow) throws {
        let rows = try rows()
        rows.add(row)
        if rows.isFull { try writeWaiting(rows) }
    }

    func add(_ fields: PackageFields) throws {
        let rows = try rows()
        rows.add(fields)
        if rows.isFull { try writeWaiting(rows) }
    }

    func keep(name: String) throws { try rows().keep(name: name) }

    func add(_ draft: any GenerationDraft) throws -> Bool {
        // While the repository's sync is locked nobody else changes the rows that the draft was compared with.
        guard intake == nil, let draft = draft as? SQLiteDraft, draft.isComplete, draft.key == key,
            draft.previous == claim.previous, claim.next == nil
        else { return false }
        intake = try draft.take { try write($0) }
        return intake != nil
    }

    /// One transaction of this run. After a failure nothing more is written: a generation is whole or not at all.
    private func write(_ body: (Connection) throws -> Void) throws {
        if hasFailed {
            throw ChantalError(.bug, "indexing generation \(claim.number) of '\(claim.name)' goes on after a failure")
        }
        do {
            try catalog.write { database in
                try claim.check(database)
                try body(database)
            }
        } catch {
            hasFailed = true
            throw error
        }
    }

    private func writeWaiting(_ rows: RowIntake) throws { try rows.drain { try write($0) } }

    private func write(_ rows: borrowing RowBuffer) throws {
        try write { database in
            try database.with(
                """
                INSERT INTO package(id, repository, first, until, name, version, architecture, grp, summary, path, provides, files,
                source, homepage, digest, alias, size, hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            ) { package in
                try database.with("INSERT INTO word(rowid, \(CatalogSchema.words)) VALUES(?, ?, ?, ?, ?)") { word in
                    try package.bind(2, claim.repository)
                    try package.bind(3, claim.number)
                    try package.bind(4, claim.next)
                    try rows.forEachRow { try write($0, package, word, database) }
                }
            }
        }
    }

    // The bytes bound here stay in their buffer until the statements are unbound.
    private func write(
        _ row: RowBuffer.EncodedRow, _ package: Statement, _ word: Statement, _ database: Connection
    ) throws {
        try package.bind(1, nextRow)
        for field in RowBuffer.Field.texts {
            try package.bind(5 + field.rawValue, text: row[field], borrowed: true)
        }
        let (digest, alias) = (row[.digest], row[.alias])
        try package.bind(15, optionalBlob: digest)
        try package.bind(16, optionalBlob: alias)
        try package.bind(17, row.size)
        try package.bind(18, blob: row.hashBytes, borrowed: true)
        try package.run()
        try word.bind(1, nextRow)
        try word.bind(2, text: row[.name], borrowed: true)
        try word.bind(3, text: row[.summary], borrowed: true)
        try word.bind(4, text: row[.provides], borrowed: true)
        try word.bind(5, text: row[.files], borrowed: true)
        try word.run()
        if let digest = Digest(bytes: digest), let checksum = AliasCode.decode(alias) {
            try SQLiteCatalog.add(alias: checksum, digest, claim.name, database)
        }
        nextRow += 1
    }

    func finish() throws -> IndexSummary {
        let rows = try rows()
        try writeWaiting(rows)
        if let previous = claim.previous {
            try catalog.read { try rows.markKept(claim.repository, previous, $0) }
        }
        let changes = self.changes(rows)
        var position = 0
        while position < changes.rows.count {
            let chunk = changes.rows[position..<min(position + SQLiteIndexer.changesPerTransaction, changes.rows.count)]
            try write { database in
                for change in chunk { try apply(change, database) }
            }
            position += chunk.count
        }
        try write { database in
            // Whatever else the generation holds, a generation before had, and so the list has it.
            if nextRow > firstRow { try NameList.write(claim.repository, database) }
            try database.run(
                "INSERT OR REPLACE INTO generation(repository, number, manifest) VALUES(?, ?, ?)", claim.repository,
                claim.number, claim.manifest)
            try database.run("DELETE FROM indexing WHERE repository = ?", claim.repository)
        }
        // Generations that were removed meanwhile left their rows to this run.
        try catalog.removeGarbage(of: claim.repository)
        return IndexSummary(packages: rows.packages, added: rows.added, removed: changes.removed)
    }

    private enum Change {
        /// Reaches to the generation from now on; ends before it; goes on after it only as a row of its own.
        case fit, end, split
    }

    /// What has to change for the generation to hold what it was given, in the order of the rows.
    private func changes(_ intake: RowIntake) -> (rows: [(row: Int64, change: Change)], removed: Int) {
        var rows: [(row: Int64, change: Change)] = []
        var removed = 0
        let base = CatalogSchema.rows(of: claim.repository).lowerBound
        intake.forEachKnown { row, flags in
            let (isSeen, covers) = (flags & Flag.seen != 0, flags & Flag.covers != 0)
            if !isSeen, flags & Flag.inPrevious != 0 { removed += 1 }
            if isSeen, !covers || claim.next == nil && flags & Flag.isOpen == 0 {
                rows.append((base + row, .fit))
            } else if !isSeen, covers {
                rows.append((base + row, flags & Flag.inNext != 0 ? .split : .end))
            }
        }
        rows.sort { $0.row < $1.row }
        return (rows, removed)
    }

    private func apply(_ change: (row: Int64, change: Change), _ database: Connection) throws {
        switch change.change {
        case .fit:
            try database.run(
                """
                UPDATE package SET first = min(first, ?1),
                until = CASE WHEN ?2 IS NULL THEN NULL WHEN until IS NULL OR until > ?1 THEN until ELSE ?2 END WHERE id = ?3
                """, claim.number, claim.next, change.row)
        case .end:
            try database.run(
                "UPDATE package SET until = ?1 WHERE id = ?2 AND (until IS NULL OR until > ?1)", claim.number,
                change.row)
        case .split:
            try database.run(
                """
                INSERT INTO package(id, repository, first, until, hash, \(CatalogSchema.columns))
                SELECT ?, repository, ?, until, hash, \(CatalogSchema.columns) FROM package WHERE id = ?
                """, nextRow, claim.next, change.row)
            try database.run(
                """
                INSERT INTO word(rowid, \(CatalogSchema.words)) SELECT id, \(CatalogSchema.words) FROM package WHERE id = ?
                """, nextRow)
            try database.run("UPDATE package SET until = ? WHERE id = ?", claim.number, change.row)
            nextRow += 1
        }
    }
}

extension Statement {
    /// Binds bytes that stay in place, or NULL for none.
    @inline(__always)
    fileprivate func bind(_ index: Int, optionalBlob bytes: UnsafeRawBufferPointer) throws {
        if bytes.isEmpty {
            try bind(index, nil as Int64?)
        } else {
            try bind(index, blob: bytes, borrowed: true)
        }
    }
}
