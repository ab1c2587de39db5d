public import Basics
import SQLite

extension SQLiteCatalog {
    private static let keptAttempts = 1000
    private static let attemptColumns =
        "id, repository, pid, started_at, finished_at, result, generation, requests, files, bytes, errors"

    public func beginAttempt(repository: String, pid: Int32, startedAt: Timestamp) throws -> Int64 {
        try write { database in
            try database.run(
                "INSERT INTO attempt(repository, pid, started_at, result) VALUES(?, ?, ?, 'running')", repository,
                Int(pid),
                startedAt.seconds)
            let id = database.lastInsertedRow
            try database.run(
                """
                DELETE FROM attempt WHERE repository = ?1
                AND id <= (SELECT id FROM attempt WHERE repository = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
                AND id <> ifnull((SELECT max(id) FROM attempt WHERE repository = ?1 AND result IN ('changed', 'unchanged')), 0)
                """, repository, SQLiteCatalog.keptAttempts)
            return id
        }
    }

    public func finishAttempt(_ id: Int64, _ outcome: AttemptOutcome) throws {
        try write { database in
            let found = try database.run(
                """
                UPDATE attempt SET finished_at = ?, result = ?, generation = ?, requests = ?, files = ?, bytes = ?, errors = ?
                WHERE id = ?
                """, outcome.finishedAt.seconds, outcome.result.rawValue, outcome.generation, outcome.requests,
                outcome.files, outcome.bytes, outcome.errors, id)
            if found == 0 { throw ChantalError(.notFound, "the catalog has no attempt \(id)", path: path) }
        }
    }

    public func attempts(
        of repository: String, limit: Int, isAlive: (Attempt) throws -> Bool
    ) throws -> [Attempt] {
        var attempts: [Attempt] = []
        try use { database in
            try database.query(
                "SELECT \(SQLiteCatalog.attemptColumns) FROM attempt WHERE repository = ? ORDER BY id DESC LIMIT ?",
                repository, limit
            ) { attempts.append(SQLiteCatalog.attempt($0)) }
        }
        for index in attempts.indices where attempts[index].result == .running {
            if try !isAlive(attempts[index]) { attempts[index].result = .interrupted }
        }
        return attempts
    }

    public func lastSuccess(of repository: String) throws -> Attempt? {
        try use { database in
            var last: Attempt?
            try database.query(
                """
                SELECT \(SQLiteCatalog.attemptColumns) FROM attempt
                WHERE repository = ? AND result IN ('changed', 'unchanged') ORDER BY id DESC LIMIT 1
                """, repository
            ) { last = SQLiteCatalog.attempt($0) }
            return last
        }
    }

    private static func attempt(_ row: Statement) -> Attempt {
        Attempt(
            id: row.int64(0), repository: row.string(1), pid: Int32(truncatingIfNeeded: row.int64(2)),
            startedAt: Timestamp(seconds: row.int64(3)),
            finishedAt: row.isNull(4) ? nil : Timestamp(seconds: row.int64(4)),
            result: Attempt.Result(rawValue: row.string(5)) ?? .failed, generation: row.optionalInt(6),
            requests: row.int(7), files: row.int(8), bytes: row.int64(9), errors: row.string(10))
    }
}
