import Basics
import SQLite

/// Rows for a generation that comes after all others, gathered before anything is written.
final class SQLiteDraft: GenerationDraft {
    /// The generation that the rows were compared with.
    let previous: Int?
    /// The key of its hashes.
    let key: String
    private(set) var isComplete = true
    private var intake: RowIntake?
    private let makeSpool: () throws -> any RowSpool
    private var spool: (any RowSpool)?
    private var batches: [Int] = []

    init(previous: Int?, key: String, _ intake: RowIntake, spool: @escaping () throws -> any RowSpool) {
        self.previous = previous
        self.key = key
        self.intake = intake
        makeSpool = spool
    }

    func add(_ row: PackageRow) throws {
        guard let intake else { return }
        intake.add(row)
        if intake.isFull { try putAway(intake) }
    }

    func add(_ fields: PackageFields) throws {
        guard let intake else { return }
        intake.add(fields)
        if intake.isFull { try putAway(intake) }
    }

    func keep(name: String) { intake?.keep(name: name) }

    func giveUp() {
        isComplete = false
        (intake, spool) = (nil, nil)
    }

    private func putAway(_ intake: RowIntake) throws {
        let spool = try self.spool ?? makeSpool()
        self.spool = spool
        try intake.drain { rows in
            try spool.write(rows.bytes)
            batches.append(rows.count)
        }
    }

    /// Gives the rows away; can be done once.
    /// - Parameter write: takes what lies in the file, piece by piece; what still waits in memory stays in the intake.
    /// - Returns: nil if there is nothing to rely on.
    func take(_ write: (borrowing RowBuffer) throws -> Void) throws -> RowIntake? {
        guard let intake, isComplete else { return nil }
        var buffer = RowBuffer(capacity: batches.max() ?? 8)
        var place: Int64 = 0
        for size in batches {
            try buffer.fill(count: size) { try spool?.read(into: $0, at: place) }
            place += Int64(size)
            try write(buffer)
        }
        giveUp()
        return intake
    }
}

extension SQLiteCatalog {
    public func draftGeneration(
        of repository: String, spool: @escaping () throws -> any RowSpool
    ) throws -> any GenerationDraft {
        let key = try rowKey()
        let intake = RowIntake(try hasher(key))
        return try read { database in
            guard let found = try StoredRepository.named(repository, database), let previous = found.generations.last
            else { return SQLiteDraft(previous: nil, key: key, intake, spool: spool) }
            try intake.load(found.id, number: nil, .init(previous: previous), database)
            return SQLiteDraft(previous: previous, key: key, intake, spool: spool)
        }
    }

    /// The key of the hashes of this catalog's rows.
    func rowKey() throws -> String {
        guard let key = try value(for: CatalogSchema.keyName) else { throw keyless() }
        return key
    }

    func hasher(_ key: String) throws -> RowHasher {
        guard let hasher = RowHasher(key: key) else { throw keyless() }
        return hasher
    }

    private func keyless() -> ChantalError {
        ChantalError(
            .needsRebuild, "the catalog '\(path)' has lost the key of its packages' hashes",
            hint: "it is derived from files: `chantal doctor --rebuild` makes it anew", path: path)
    }
}
