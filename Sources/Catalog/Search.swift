import Basics
import SQLite

extension SQLiteCatalog {
    private static let mappedSize = 1 << 30

    public func search(
        words: [String], type: String?, repository: String?, states: Set<RepositoryState>, limit: Int?,
        _ body: (SearchHitFields) throws -> Void
    ) throws {
        let query = try SearchQuery(words)
        if let limit, limit <= 0 { return }
        // What is looked up lies all over the file: mapped, it need not be copied piece by piece.
        try use { try $0.execute("PRAGMA mmap_size = \(SQLiteCatalog.mappedSize)") }
        try read { database in
            let scopes = try StoredRepository.all(database).filter {
                (type == nil || type == $0.repository.type) && (repository == nil || repository == $0.name)
            }.compactMap { SearchScope($0.name, $0.repository, states) }
            _ = try PackageSearch(database: database, query: query, scopes: scopes).run(limit: limit ?? .max, body)
        }
    }
}

/// What is looked at of a repository.
struct SearchScope {
    var id: Int64
    var name: String
    var type: String
    /// The generations to look at.
    var generations: [Int]

    /// The latest generation and those of the given states; nil if there is none.
    init?(_ name: String, _ repository: StoredRepository, _ states: Set<RepositoryState>) {
        (id, self.name, type) = (repository.id, name, repository.type)
        generations = repository.generations.filter {
            $0 == repository.generations.last || states.contains(RepositoryState(repository: name, generation: $0))
        }
        if generations.isEmpty { return nil }
    }
}

/// One search. What names hold comes before what only other texts hold, and each in the order of the names: so there is no more
/// looked up than is asked for, however much matches.
struct PackageSearch {
    let database: Connection
    let query: SearchQuery
    let scopes: [SearchScope]

    /// - Returns: how many packages were looked up.
    func run(limit: Int, _ body: (SearchHitFields) throws -> Void) throws -> Int {
        var merge = HitMerge(limit: limit)
        if let beginning = query.beginning {
            try merge.run(try scopes.compactMap { try cursor($0, namesBeginningWith: beginning) }, body)
        }
        guard !merge.isFull, let expression = query.expression else { return merge.lookedUp }
        let found = try look(for: expression)
        let ranked = try scopes.map { try rank(found.part(CatalogSchema.rows(of: $0.id)), $0) }
        try merge.run(try cursors(ranked.map(\.names), HitCursor.columns), body)
        if merge.isFull { return merge.lookedUp }
        if !query.needsTexts {
            try merge.run(try cursors(ranked.map(\.others), HitCursor.columns), body)
            return merge.lookedUp
        }
        let columns = "\(HitCursor.columns), \(HitCursor.texts)"
        try merge.run(
            try cursors(ranked.map(\.others), columns) { row in
                query.isIn([row.bytes(3), row.bytes(6), row.bytes(8)], files: row.bytes(9))
            }, body)
        return merge.lookedUp
    }

    /// Names that begin with a word lie together in the index of names.
    private static let beginning = """
        FROM package WHERE repository = ?1 AND name >= ?2 COLLATE NOCASE AND name < ?2 || char(0x10ffff) COLLATE NOCASE
        """

    private func cursor(_ scope: SearchScope, namesBeginningWith beginning: String) throws -> HitCursor? {
        // One statement asks all repositories; those that have such names need one each.
        var hasAny = false
        try database.query("SELECT 1 \(PackageSearch.beginning) LIMIT 1", scope.id, beginning) { _ in hasAny = true }
        if !hasAny { return nil }
        let rows = try database.prepare(
            "SELECT \(HitCursor.columns) \(PackageSearch.beginning) ORDER BY name COLLATE NOCASE")
        try rows.bind(1, scope.id)
        try rows.bind(2, beginning)
        return HitCursor(scope, rows)
    }

    private func cursors(
        _ ids: [[Int64]], _ columns: String, where fits: @escaping (Statement) -> Bool = { _ in true }
    ) throws -> [HitCursor] {
        var cursors: [HitCursor] = []
        for (scope, ids) in zip(scopes, ids) where !ids.isEmpty {
            let rows = try database.prepare(
                "SELECT \(columns) FROM json_each(?) CROSS JOIN package ON package.id = value")
            cursors.append(HitCursor(scope, rows, ids: ids, where: fits))
        }
        return cursors
    }

    /// What the index finds, ascending.
    private func look(for expression: String) throws -> [Int64] {
        // One repository's rows lie together.
        let range = scopes.count == 1 ? scopes.first.map { CatalogSchema.rows(of: $0.id) } : nil
        let sql = "SELECT rowid FROM word WHERE word MATCH ?1" + (range == nil ? "" : " AND rowid BETWEEN ?2 AND ?3")
        return try database.with(sql) { row in
            try row.bind(1, expression)
            if let range {
                try row.bind(2, range.lowerBound)
                try row.bind(3, range.upperBound)
            }
            var found: [Int64] = []
            while try row.step() { found.append(row.int64(0)) }
            return found
        }
    }

    private struct Ranked {
        /// Those whose names hold all words, and those where other texts are needed for it, by name.
        var names: [Int64] = []
        var others: [Int64] = []
    }

    private static let many = 1000
    private static let largestMap: Int64 = 1 << 28

    /// Puts what was found in one repository in order, without those whose names begin with the word: they came first.
    private func rank(_ found: ArraySlice<Int64>, _ scope: SearchScope) throws -> Ranked {
        var ranked = Ranked()
        guard let last = found.last else { return ranked }
        func add(_ name: UnsafeRawBufferPointer, _ id: Int64) {
            switch query.place(ofName: name) {
            case .begins: break
            case .holds: ranked.names.append(id)
            case .lacks: ranked.others.append(id)
            }
        }
        let base = CatalogSchema.rows(of: scope.id).lowerBound
        if found.count > PackageSearch.many, last - base < PackageSearch.largestMap {
            var map = RowMap(last - base)
            for id in found { map.insert(id - base) }
            var listed = 0
            try NameList.read(scope.id, database, isWanted: map.contains) {
                add($0, base + $1)
                listed += 1
            }
            if listed == found.count { return ranked }
            // An older chantal, at work at the same time, knows of no list.
            ranked = Ranked()
        }
        var names: [(name: [UInt8], id: Int64)] = []
        try database.with("SELECT name FROM package WHERE id = ?") { row in
            for id in found {
                try row.bind(1, id)
                if try row.step() { names.append((row.bytes(0).map(\.asciiLowercased), id)) }
                row.reset()
            }
        }
        names.sort { a, b in
            let order = a.name.withUnsafeBytes { a in b.name.withUnsafeBytes { ByteOrder.compare(a, $0) } }
            return order == 0 ? a.id < b.id : order < 0
        }
        for (name, id) in names { name.withUnsafeBytes { add($0, id) } }
        return ranked
    }
}

/// Numbers of rows, a bit for each that may be.
private struct RowMap {
    private var words: [UInt64]

    init(_ largest: Int64) {
        words = Array(repeating: 0, count: Int(largest >> 6) + 1)
    }

    @inline(__always)
    mutating func insert(_ row: Int64) { words[Int(row >> 6)] |= 1 << UInt64(row & 63) }

    @inline(__always)
    func contains(_ row: Int64) -> Bool {
        row >= 0 && row >> 6 < words.count && words[Int(row >> 6)] >> UInt64(row & 63) & 1 != 0
    }
}

extension RandomAccessCollection where Element == Int64, Index == Int {
    /// The part of ascending numbers that lies in a range.
    fileprivate func part(_ range: ClosedRange<Int64>) -> SubSequence {
        self[lowerPlace(of: range.lowerBound)..<lowerPlace(of: range.upperBound + 1)]
    }

    /// The first place in ascending numbers of one that is not below a number.
    private func lowerPlace(of number: Int64) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
