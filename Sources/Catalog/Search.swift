import Basics
import SQLite

extension SQLiteCatalog {
    public func search(
        words: [String], type: String?, repository: String?, states: Set<RepositoryState>, limit: Int?
    ) throws -> [SearchHit] {
        let query = try SearchQuery(words)
        if let limit, limit <= 0 { return [] }
        return try read { database in
            var search = PackageSearch(database, query, limit: min(limit ?? .max, 1 << 40))
            for (name, found) in try StoredRepository.all(database)
            where (type == nil || type == found.type) && (repository == nil || repository == name) {
                search.look(in: found, name, states)
            }
            return try search.run()
        }
    }
}

/// One search: ranks are looked through one after the other, until there are enough hits.
private struct PackageSearch {
    private struct Scope {
        var name: String
        var type: String
        /// The generations to look at.
        var generations: [Int]
    }

    private enum Rank {
        static let nameBegins = 0
        static let name = 1
        static let text = 2
    }

    private let database: Connection
    private let query: SearchQuery
    private var scopes: [Int64: Scope] = [:]
    private var hits: HitList
    private let limit: Int

    init(_ database: Connection, _ query: SearchQuery, limit: Int) {
        self.database = database
        self.query = query
        self.limit = limit
        hits = HitList(limit: limit)
    }

    mutating func look(in repository: StoredRepository, _ name: String, _ states: Set<RepositoryState>) {
        let generations = repository.generations.filter {
            $0 == repository.generations.last || states.contains(RepositoryState(repository: name, generation: $0))
        }
        if generations.isEmpty { return }
        scopes[repository.id] = Scope(name: name, type: repository.type, generations: generations)
    }

    mutating func run() throws -> [SearchHit] {
        if scopes.isEmpty { return [] }
        if let prefix = query.prefix {
            for id in scopes.keys { try lookUpNames(id, prefix) }
        }
        if let expression = query.expression {
            if !hits.isFull { try lookUpWords(Rank.name, "name : (\(expression))") }
            if !hits.isFull { try lookUpWords(Rank.text, expression) }
        }
        return hits.sorted()
    }

    private static let columns = "p.id, p.first, p.until, p.name, p.version, p.architecture, p.summary, p.digest"

    /// Names that begin with the word, in their order, until there are enough of them.
    private mutating func lookUpNames(_ id: Int64, _ prefix: String) throws {
        var own: Set<[String]> = []
        var last: [UInt8] = []
        try database.with(
            """
            SELECT \(PackageSearch.columns) FROM package p
            WHERE repository = ?1 AND name >= ?2 COLLATE NOCASE AND name < ?2 || char(0x10ffff) COLLATE NOCASE
            ORDER BY name COLLATE NOCASE
            """
        ) { row in
            try row.bind(1, id)
            try row.bind(2, prefix)
            while try row.step() {
                guard let hit = hit(row) else { continue }
                // All of one name, for the order among them is not the index's.
                let folded = hit.name.utf8.map(\.asciiLowercased)
                if own.count >= limit, folded != last { break }
                own.insert([hit.name, hit.version, hit.architecture, hit.digest?.hex ?? ""])
                last = folded
                hits.add(Rank.nameBegins, hit)
            }
        }
    }

    private mutating func lookUpWords(_ rank: Int, _ expression: String) throws {
        // One repository's rows lie together.
        let ids = scopes.keys
        let range = ids.count == 1 ? ids.first.map(CatalogSchema.rows) : nil
        try database.with(
            """
            SELECT \(PackageSearch.columns) FROM word w CROSS JOIN package p ON p.id = w.rowid
            WHERE word MATCH ?1 AND w.rowid BETWEEN ?2 AND ?3
            """
        ) { row in
            try row.bind(1, expression)
            try row.bind(2, range?.lowerBound ?? 0)
            try row.bind(3, range?.upperBound ?? .max)
            while try row.step() {
                guard hits.wants(rank, row.bytes(3)) else { continue }
                if query.needsLook {
                    let fits = rank == Rank.name ? query.isIn(row.bytes(3)) : query.isIn(row.bytes(3), row.bytes(6))
                    if !fits { continue }
                }
                if let hit = hit(row) { hits.add(rank, hit) }
            }
        }
    }

    /// The row as a hit, if a generation looked at holds it.
    private func hit(_ row: Statement) -> SearchHit? {
        guard let scope = scopes[row.int64(0) >> CatalogSchema.sequenceBits] else { return nil }
        let (first, until) = (row.int(1), row.optionalInt(2) ?? .max)
        guard scope.generations.contains(where: { first <= $0 && $0 < until }) else { return nil }
        return SearchHit(
            repository: scope.name, type: scope.type, name: row.string(3), version: row.string(4),
            architecture: row.string(5), summary: row.string(6), digest: row.digest(7))
    }
}
