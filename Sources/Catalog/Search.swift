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
        if !hits.isFull, let expression = query.nameExpression { try lookUpWords(Rank.name, expression) }
        if !hits.isFull, let expression = query.expression { try lookUpWords(Rank.text, expression) }
        return hits.sorted()
    }

    private static let columns =
        "p.id, p.first, p.until, p.name, p.version, p.architecture, p.summary, p.digest, p.provides, p.files"

    /// Names that begin with the word, in their order, until there are enough of them.
    private mutating func lookUpNames(_ id: Int64, _ prefix: String) throws {
        var count = 0
        var last = ""
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
                guard hits.wants(Rank.nameBegins, row.bytes(3)) else { break }
                guard let hit = hit(row) else { continue }
                // All of one name, for the order among them is not the index's.
                if count >= limit, ByteOrder.compare(hit.name, last, folding: true) != 0 { break }
                last = hit.name
                if hits.add(Rank.nameBegins, hit) { count += 1 }
            }
        }
    }

    private mutating func lookUpWords(_ rank: Int, _ expression: String) throws {
        // One repository's rows lie together.
        let ids = scopes.keys
        let range = ids.count == 1 ? ids.first.map(CatalogSchema.rows) : nil
        var found: [Int64] = []
        try database.query(
            "SELECT rowid FROM word WHERE word MATCH ? AND rowid BETWEEN ? AND ?", expression, range?.lowerBound ?? 0,
            range?.upperBound ?? .max
        ) { found.append($0.int64(0)) }
        // Where much is found, most would be looked up only to find that its name comes too late in the alphabet.
        if found.count > max(PackageSearch.many, limit) {
            for id in ids { try walk(id, found, rank) }
        } else {
            try database.with("SELECT \(PackageSearch.columns) FROM package p WHERE id = ?") { row in
                for id in found { _ = try add(id, row, rank) }
            }
        }
    }

    private static let many = 4000

    /// Goes through a repository's names in their order, until enough of them are among what was found.
    private mutating func walk(_ id: Int64, _ found: [Int64], _ rank: Int) throws {
        let range = CatalogSchema.rows(of: id)
        let own = found[found.lowerPlace(of: range.lowerBound)..<found.lowerPlace(of: range.upperBound + 1)]
        if own.isEmpty { return }
        var count = 0
        var last: [UInt8] = []
        try database.with("SELECT \(PackageSearch.columns) FROM package p WHERE id = ?") { row in
            try database.with(
                "SELECT id, name FROM package WHERE repository = ? ORDER BY name COLLATE NOCASE"
            ) { name in
                try name.bind(1, id)
                while try name.step() {
                    let place = own.lowerPlace(of: name.int64(0))
                    if place == own.endIndex || own[place] != name.int64(0) { continue }
                    // All names that follow come later still.
                    guard hits.wants(rank, name.bytes(1)) else { break }
                    let isSame = last.withUnsafeBytes { ByteOrder.compare($0, name.bytes(1), folding: true) == 0 }
                    if count >= limit, !isSame { break }
                    if try add(name.int64(0), row, rank) {
                        count += 1
                        last = Array(name.bytes(1))
                    }
                }
            }
        }
    }

    /// Looks a package up and adds it, if it fits and is still wanted.
    private mutating func add(_ id: Int64, _ row: Statement, _ rank: Int) throws -> Bool {
        try row.bind(1, id)
        defer { row.reset() }
        guard try row.step(), hits.wants(rank, row.bytes(3)) else { return false }
        if query.needsLook {
            let fits =
                rank == Rank.name
                ? query.isIn(name: row.bytes(3))
                : query.isIn([row.bytes(3), row.bytes(6), row.bytes(8)], files: row.bytes(9))
            if !fits { return false }
        }
        guard let hit = hit(row) else { return false }
        return hits.add(rank, hit)
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

extension RandomAccessCollection where Element == Int64, Index == Int {
    /// The first place in ascending numbers of one that is not below a number.
    fileprivate func lowerPlace(of number: Int64) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
