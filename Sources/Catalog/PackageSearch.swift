import Basics
import SQLite

/// One search. What names hold comes before what only other texts hold, and each in the order of the names: so there is no more
/// looked up than is asked for, however much matches.
struct PackageSearch {
    let database: Connection
    let query: SearchQuery
    let scopes: [SearchScope]
    /// Names are walked, and so many rows looked at before the index is asked; nil for what takes less.
    var walkBudget: Int?

    /// - Returns: how many packages were looked up.
    func run(limit: Int, _ body: (SearchHitFields) throws -> Void) throws -> Int {
        var merge = HitMerge(limit: limit)
        if let beginning = query.beginning {
            try merge.run(try scopes.compactMap { try cursor($0, namesBeginningWith: beginning) }, body)
        }
        guard !merge.isFull, let expression = query.expression else { return merge.lookedUp }
        if let walk = try NameWalk.cursors(self, expression, limit: merge.left) {
            try merge.run(walk.names, body)
            if !merge.isFull { try merge.run(walk.others, body) }
            return merge.lookedUp
        }
        let found = try index(expression)
        let ranked = try scopes.map { try rank(found.part(CatalogSchema.rows(of: $0.id)), $0) }
        try merge.run(cursors(ranked.map(\.names), HitCursor.columns), body)
        if merge.isFull { return merge.lookedUp }
        if !query.needsTexts {
            try merge.run(cursors(ranked.map(\.others), HitCursor.columns), body)
            return merge.lookedUp
        }
        let columns = "\(HitCursor.columns), \(HitCursor.texts)"
        try merge.run(
            cursors(ranked.map(\.others), columns) { row in
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
        return HitCursor(scope, rows: { try rows.step() ? rows : nil })
    }

    private func cursors(
        _ ids: [[Int64]], _ columns: String, where fits: @escaping (Statement) throws -> Bool = { _ in true }
    ) -> [HitCursor] {
        zip(scopes, ids).compactMap { scope, ids in
            if ids.isEmpty { return nil }
            let rows = PackageRows(database, columns, ids: ids)
            return HitCursor(scope, rows: rows.next, where: fits)
        }
    }

    /// What the index finds, ascending.
    func index(_ expression: String) throws -> [Int64] {
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

        /// Those whose names begin with the word came before.
        @inline(__always)
        mutating func add(_ id: Int64, _ place: SearchQuery.Place) {
            switch place {
            case .begins: break
            case .holds: names.append(id)
            case .lacks: others.append(id)
            }
        }
    }

    private static let many = 1000

    /// Puts what was found in one repository in order.
    private func rank(_ found: ArraySlice<Int64>, _ scope: SearchScope) throws -> Ranked {
        guard found.count > PackageSearch.many, let ranked = try rankByList(found, scope) else {
            return try rankByRows(found)
        }
        return ranked
    }

    /// Nil if there is no list that has them all: an older chantal, at work at the same time, knows of none.
    private func rankByList(_ found: ArraySlice<Int64>, _ scope: SearchScope) throws -> Ranked? {
        let base = CatalogSchema.rows(of: scope.id).lowerBound
        guard let last = found.last, last - base < RowMap.largest,
            let list = try StoredNameList(scope.id, database)
        else { return nil }
        let map = RowMap(found, from: base)
        var ranked = Ranked()
        ranked.others.reserveCapacity(found.count)
        var listed = 0
        // To look for the word in all names takes as long as to look at a few of them.
        let isFrequent = Int64(found.count) > (last - base) / 8
        var reader = NameListReader(list.bytes, lookingFor: isFrequent ? query.rarest : nil)
        while let row = reader.next() {
            if !map.contains(row) { continue }
            listed += 1
            ranked.add(base + row, query.place(ofNameIn: reader))
        }
        if !reader.isAtEnd { throw NameList.damaged(database) }
        return listed == found.count ? ranked : nil
    }

    private func rankByRows(_ found: ArraySlice<Int64>) throws -> Ranked {
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
        var ranked = Ranked()
        for (name, id) in names { ranked.add(id, name.withUnsafeBytes { query.place(ofName: $0) }) }
        return ranked
    }
}
