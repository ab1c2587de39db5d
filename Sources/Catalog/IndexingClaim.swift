public import Basics
import SQLite

/// The right to write a repository's packages, and what is compared with.
struct IndexingClaim {
    var repository: Int64
    var name: String
    var number: Int
    var manifest: Digest
    /// The nearest indexed generations.
    var previous: Int?
    var next: Int?
    var token: Int64

    /// Takes the right, from whoever had it.
    static func take(
        _ name: String, _ type: String, _ number: Int, _ manifest: Digest, _ database: Connection
    ) throws -> IndexingClaim {
        try database.run(
            "INSERT INTO repository(name, type) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET type = ?2", name, type)
        guard let found = try StoredRepository.named(name, database) else {
            throw ChantalError(.bug, "the catalog lost the repository '\(name)' that was just added")
        }
        var undone = try database.run("DELETE FROM indexing WHERE repository = ?", found.id)
        undone += try database.run("DELETE FROM generation WHERE repository = ? AND number = ?", found.id, number)
        if undone > 0 { try database.run("UPDATE repository SET dirty = dirty + 1 WHERE id = ?", found.id) }
        let claim = IndexingClaim(
            repository: found.id, name: name, number: number, manifest: manifest,
            previous: found.generations.last { $0 < number }, next: found.generations.first { $0 > number },
            token: .random(in: .min ... .max))
        try database.run(
            "INSERT INTO indexing(repository, token, number, previous, next) VALUES(?, ?, ?, ?, ?)", claim.repository,
            claim.token, number, claim.previous, claim.next)
        return claim
    }

    /// Within each transaction that writes.
    func check(_ database: Connection) throws {
        var isMine = false
        try database.query("SELECT token FROM indexing WHERE repository = ?", repository) {
            isMine = $0.int64(0) == token
        }
        if !isMine {
            throw ChantalError(
                .locked,
                "generation \(number) of '\(name)' is being indexed by another process, or was removed meanwhile",
                hint: "nothing is lost: the catalog catches up when it is next opened")
        }
    }

    /// Between two generations, draws rows that only one of the two holds back to that one, so that none covers this one.
    func makeRoom(_ database: Connection) throws {
        guard let next else { return }
        let range = CatalogSchema.rows(of: repository)
        if let previous {
            try database.run(
                "UPDATE package SET until = ?1 + 1 WHERE id BETWEEN ?3 AND ?4 AND first <= ?1 AND until > ?1 + 1 AND until <= ?2",
                previous, next, range.lowerBound, range.upperBound)
        }
        try database.run(
            """
            UPDATE package SET first = ?2 WHERE id BETWEEN ?3 AND ?4 AND first > ?1 AND first < ?2
            AND (until IS NULL OR until > ?2)
            """, previous ?? .min, next, range.lowerBound, range.upperBound)
    }
}

extension SQLiteCatalog {
    public func beginGeneration(
        repository: String, type: String, number: Int, manifest: Digest
    ) throws -> any GenerationIndexer {
        noteMuchWritten()
        try removeNameless()
        let claim = try write { try IndexingClaim.take(repository, type, number, manifest, $0) }
        try removeGarbage(of: claim.repository, token: claim.token)
        try write { database in
            try claim.check(database)
            try claim.makeRoom(database)
        }
        return try SQLiteIndexer(self, claim)
    }
}
