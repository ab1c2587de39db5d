import Basics
import SQLite

/// Compares a generation's packages with those of its neighbours as they come, and writes the differences only.
///
/// With the generation `number`, the nearest indexed one below it (`previous`) and above it (`next`), a row that exists may have to
/// begin or end elsewhere. All changes lie between `previous` and `next`, where nobody looks until ``finish()`` says so.
final class SQLiteIndexer: GenerationIndexer {
    /// Flags of a ``RowTable`` entry.
    private enum Flag {
        /// The generation holds it.
        static let seen: UInt64 = 1
        /// Its interval reaches to the generation as it stands.
        static let covers: UInt64 = 2
        /// In the generation before; the one after.
        static let inPrevious: UInt64 = 4
        static let inNext: UInt64 = 8
        /// Its interval is open: `until` is NULL.
        static let isOpen: UInt64 = 16
        /// Written by this run.
        static let isNew: UInt64 = 32
    }

    // So many bytes of new packages are written in one transaction: about 10,000 packages, 0.2 s.
    private static let batchBytes = 3 << 20
    private static let changesPerTransaction = 20_000

    private let catalog: SQLiteCatalog
    private let claim: IndexingClaim
    private let hasher = RowHasher()
    private var table: RowTable
    private var waiting = RowBuffer(capacity: 64 << 10)
    private var waitingStarts: [Int] = []
    private var nextRow: Int64
    private var packages = 0
    private var added = 0
    private var hasFailed = false

    init(_ catalog: SQLiteCatalog, _ claim: IndexingClaim) throws {
        self.catalog = catalog
        self.claim = claim
        table = RowTable()
        nextRow = 0
        try load()
    }

    /// Fills the table with the rows of the neighbours.
    private func load() throws {
        let range = CatalogSchema.rows(of: claim.repository)
        let number = claim.number
        let (previous, next) = (claim.previous ?? -1, claim.next ?? .max)
        var scratch = RowBuffer(capacity: 4096)
        var loaded = RowTable()
        var last = range.lowerBound - 1
        try catalog.read { database in
            // Rows of neither neighbour are skipped by their first columns alone.
            try database.query(
                "SELECT id, first, until, \(CatalogSchema.columns) FROM package WHERE id BETWEEN ? AND ?",
                range.lowerBound, range.upperBound
            ) { row in
                last = row.int64(0)
                let first = row.int(1)
                let until = row.optionalInt(2) ?? .max
                var flags: UInt64 = 0
                if claim.previous != nil, first <= previous, previous < until { flags |= Flag.inPrevious }
                if claim.next != nil, first <= next, next < until { flags |= Flag.inNext }
                if flags == 0 { return }
                if first <= number, number < until { flags |= Flag.covers }
                if until == .max { flags |= Flag.isOpen }
                scratch.truncate(to: 0)
                let start = scratch.append(row, from: 3)
                loaded.insert(hasher.hash(scratch.bytes(from: start)), row: last - range.lowerBound, flags: flags)
            }
        }
        nextRow = last + 1
        table = loaded
    }

    func add(_ row: PackageRow) throws {
        let start = waiting.append(row)
        let hash = hasher.hash(waiting.bytes(from: start))
        if let before = table.mark(hash, flags: Flag.seen) {
            if before & Flag.seen == 0 { packages += 1 }
            waiting.truncate(to: start)
            return
        }
        let offset = nextRow + Int64(waitingStarts.count) - CatalogSchema.rows(of: claim.repository).lowerBound
        table.insert(hash, row: offset, flags: Flag.seen | Flag.isNew)
        waitingStarts.append(start)
        packages += 1
        added += 1
        if waiting.count >= SQLiteIndexer.batchBytes { try writeWaiting() }
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

    private func writeWaiting() throws {
        if waitingStarts.isEmpty { return }
        try write { database in
            try database.with(
                """
                INSERT INTO package(id, repository, first, until, name, version, architecture, grp, summary, path, digest, alias,
                size) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            ) { package in
                try database.with("INSERT INTO word(rowid, name, summary) VALUES(?, ?, ?)") { word in
                    try package.bind(2, claim.repository)
                    try package.bind(3, claim.number)
                    try package.bind(4, claim.next)
                    for start in waitingStarts { try write(waiting.row(at: start), package, word, database) }
                }
            }
        }
        waiting.truncate(to: 0)
        waitingStarts.removeAll(keepingCapacity: true)
    }

    // The bytes bound here stay in `waiting` until the statements are unbound.
    private func write(
        _ row: RowBuffer.EncodedRow, _ package: Statement, _ word: Statement, _ database: Connection
    ) throws {
        try package.bind(1, nextRow)
        for field in [RowBuffer.Field.name, .version, .architecture, .group, .summary, .path] {
            try package.bind(5 + field.rawValue, text: row[field], borrowed: true)
        }
        let (digest, alias) = (row[.digest], row[.alias])
        if digest.isEmpty {
            try package.bind(11, nil as Int64?)
        } else {
            try package.bind(11, blob: digest, borrowed: true)
        }
        if alias.isEmpty {
            try package.bind(12, nil as Int64?)
        } else {
            try package.bind(12, blob: alias, borrowed: true)
        }
        try package.bind(13, row.size)
        try package.run()
        try word.bind(1, nextRow)
        try word.bind(2, text: row[.name], borrowed: true)
        try word.bind(3, text: row[.summary], borrowed: true)
        try word.run()
        if let digest = Digest(bytes: digest), let checksum = AliasCode.decode(alias) {
            try SQLiteCatalog.add(alias: checksum, digest, claim.name, database)
        }
        nextRow += 1
    }

    func finish() throws -> IndexSummary {
        try writeWaiting()
        let changes = self.changes()
        var position = 0
        while position < changes.rows.count {
            let chunk = changes.rows[position..<min(position + SQLiteIndexer.changesPerTransaction, changes.rows.count)]
            try write { database in
                for change in chunk { try apply(change, database) }
            }
            position += chunk.count
        }
        try write { database in
            try database.run(
                "INSERT OR REPLACE INTO generation(repository, number, manifest) VALUES(?, ?, ?)", claim.repository,
                claim.number, claim.manifest)
            try database.run("DELETE FROM indexing WHERE repository = ?", claim.repository)
        }
        // Generations that were removed meanwhile left their rows to this run.
        try catalog.removeGarbage(of: claim.repository)
        return IndexSummary(packages: packages, added: added, removed: changes.removed)
    }

    private enum Change {
        /// Reaches to the generation from now on; ends before it; goes on after it only as a row of its own.
        case fit, end, split
    }

    /// What has to change for the generation to hold what it was given, in the order of the rows.
    private func changes() -> (rows: [(row: Int64, change: Change)], removed: Int) {
        var rows: [(row: Int64, change: Change)] = []
        var removed = 0
        let base = CatalogSchema.rows(of: claim.repository).lowerBound
        table.visit { row, flags in
            if flags & Flag.isNew != 0 { return }
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
            try database.run("UPDATE package SET until = ? WHERE id = ?", claim.number, change.row)
        case .split:
            try database.run(
                """
                INSERT INTO package(id, repository, first, until, \(CatalogSchema.columns))
                SELECT ?, repository, ?, until, \(CatalogSchema.columns) FROM package WHERE id = ?
                """, nextRow, claim.next, change.row)
            try database.run(
                "INSERT INTO word(rowid, name, summary) SELECT id, name, summary FROM package WHERE id = ?", nextRow)
            try database.run("UPDATE package SET until = ? WHERE id = ?", claim.number, change.row)
            nextRow += 1
        }
    }
}
