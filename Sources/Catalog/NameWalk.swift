import Basics
import SQLite

/// Finds a word of very many texts without the index: the names are walked in their order, and the texts looked at, until there are
/// as many hits as asked for. The index would first give all that there are.
///
/// If it takes longer than the index would have, the index is asked after all, for the rest.
final class NameWalk {
    private let search: PackageSearch
    private let expression: String
    private let plain = PlainTexts()
    private let ways: [NameWay]
    // How many more rows may be looked at before the index is asked.
    private var budget: Int

    /// In each repository the packages whose names hold all words, and the others; nil if the index is better.
    static func cursors(
        _ search: PackageSearch, _ expression: String, limit: Int
    ) throws -> (names: [HitCursor], others: [HitCursor])? {
        guard search.query.isPlain else { return nil }
        let ways = try search.scopes.compactMap { try NameWay($0, search.database) }
        var budget = search.walkBudget
        if budget == nil, let estimate = try WalkEstimate(search, ways, limit: limit), estimate.isLess {
            budget = estimate.budget
        }
        guard let budget else { return nil }
        let walk = NameWalk(search, expression, ways, budget: budget)
        return try walk.cursors()
    }

    private init(_ search: PackageSearch, _ expression: String, _ ways: [NameWay], budget: Int) {
        (self.search, self.expression, self.ways, self.budget) = (search, expression, ways, budget)
    }

    private static let columns = "\(HitCursor.columns), provides"

    /// Nil if a list is not there or lacks packages.
    private func cursors() throws -> (names: [HitCursor], others: [HitCursor])? {
        var (names, others): ([HitCursor], [HitCursor]) = ([], [])
        for way in ways {
            guard let held = try way.open(search.query) else { return nil }
            if !held.isEmpty {
                let rows = PackageRows(search.database, NameWalk.columns, ids: held)
                names.append(HitCursor(way.scope, rows: rows.next) { try self.isHit($0, way) })
            }
            let rows = PackageRows(search.database, NameWalk.columns, growth: 2) { try self.more(way, $0) }
            others.append(HitCursor(way.scope, rows: rows.next) { try self.isHit($0, way) })
        }
        return (names, others)
    }

    private func more(_ way: NameWay, _ count: Int) throws -> [Int64] {
        if budget < 0, way.found == nil {
            let found = try search.index(expression)
            for way in ways {
                let range = CatalogSchema.rows(of: way.scope.id)
                way.found = RowMap(found.part(range), from: range.lowerBound)
            }
        }
        return try way.next(count, search.query)
    }

    /// Whether the index would find a row, and its texts hold what the index cannot vouch for.
    private func isHit(_ row: Statement, _ way: NameWay) throws -> Bool {
        budget -= 1
        let (name, summary, provides) = (row.bytes(3), row.bytes(6), row.bytes(8))
        let query = search.query
        if let found = way.found {
            let isFound = found.contains(row.int64(0) - way.base)
            return isFound && (!query.needsTexts || query.isIn([name, summary, provides], files: name))
        }
        for word in query.words
        where !SearchQuery.holds(summary, word) && !SearchQuery.holds(name, word) && !SearchQuery.holds(provides, word)
        {
            // What the index takes for the same letter may stand there.
            if !word.isAsked || PlainTexts.isASCII(name, summary, provides) { return false }
        }
        return try PlainTexts.isASCII(name, summary, provides) || plain.isFound(expression, [name, summary, provides])
    }
}

/// One repository's names.
final class NameWay {
    let scope: SearchScope
    let base: Int64
    /// The last row.
    let last: Int64
    /// What the index found.
    var found: RowMap?

    private let database: Connection
    private var list: StoredNameList?
    private var reader: NameListReader

    /// Nil if it has no packages.
    init?(_ scope: SearchScope, _ database: Connection) throws {
        let range = CatalogSchema.rows(of: scope.id)
        var last: Int64?
        try database.query(
            "SELECT max(id) FROM package WHERE id BETWEEN ? AND ?", range.lowerBound, range.upperBound
        ) { if !$0.isNull(0) { last = $0.int64(0) } }
        guard let last else { return nil }
        (self.scope, self.database, self.last, base) = (scope, database, last, range.lowerBound)
        reader = NameListReader(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Opens the list and reads it through.
    /// - Returns: the packages whose names hold all words; nil if the list is not there or lacks some.
    func open(_ query: SearchQuery) throws -> [Int64]? {
        guard self.last - base < RowMap.largest, let list = try StoredNameList(scope.id, database) else { return nil }
        var held: [Int64] = []
        var reader = NameListReader(list.bytes, lookingFor: query.rarest)
        var last: Int64 = -1
        while let row = reader.next() {
            guard (0..<(1 << CatalogSchema.sequenceBits)).contains(row) else { throw NameList.damaged(database) }
            last = max(last, row)
            if query.place(ofNameIn: reader) == .holds { held.append(base + row) }
        }
        if !reader.isAtEnd { throw NameList.damaged(database) }
        // Rows are numbered one after the other: one that came later would be above all.
        if base + last < self.last { return nil }
        self.list = list
        self.reader = NameListReader(list.bytes, lookingFor: query.rarest)
        return held
    }

    /// Packages that follow whose names do not hold all words.
    func next(_ count: Int, _ query: SearchQuery) throws -> [Int64] {
        var rows: [Int64] = []
        while rows.count < count, let row = reader.next() {
            if let found, !found.contains(row) { continue }
            if query.place(ofNameIn: reader) == .lacks { rows.append(base + row) }
        }
        return rows
    }
}

/// What a walk would take, from a few rows of all.
struct WalkEstimate {
    private static let samples = 32
    // Of neighbours, for they lie on one page.
    private static let sampleSize = 4
    // With fewer, two words may have been together by chance.
    private static let fewestHits = 6
    /// With fewer packages the index is as fast as anything.
    private static let fewest: Int64 = 30_000
    // Measured: what a row takes, found by the index and looked at in a walk, in nanoseconds.
    private static let indexed = 170.0
    private static let looked = 600.0

    /// How many rows may be looked at in the time that the index would take.
    let budget: Int
    /// Whether far fewer will be.
    let isLess: Bool

    /// Nil if too few match for it to be told.
    init?(_ search: PackageSearch, _ ways: [NameWay], limit: Int) throws {
        let total = ways.reduce(0) { $0 + $1.last - $1.base + 1 }
        guard total >= WalkEstimate.fewest, limit <= total / 20 else { return nil }
        let query = search.query
        var asked = Array(repeating: 0, count: query.words.count)
        var matches: [(name: [UInt8], isHit: Bool)] = []
        var (place, next) = (Int64(0), total / Int64(2 * WalkEstimate.samples))
        for way in ways {
            let count = way.last - way.base + 1
            while next < place + count {
                try search.database.query(
                    """
                    SELECT first, until, name, summary, provides FROM package WHERE id BETWEEN ? AND ? LIMIT ?
                    """, way.base + next - place, way.last, WalkEstimate.sampleSize
                ) { row in
                    let texts = [row.bytes(2), row.bytes(3), row.bytes(4)]
                    let held = query.words.map { word in texts.contains { SearchQuery.holds($0, word) } }
                    for index in held.indices where held[index] && query.words[index].isAsked { asked[index] += 1 }
                    let (first, until) = (row.int(0), row.optionalInt(1) ?? .max)
                    let isHit = held.allSatisfy { $0 } && way.scope.generations.contains { first <= $0 && $0 < until }
                    matches.append((texts[0].map(\.asciiLowercased), isHit))
                }
                next += total / Int64(WalkEstimate.samples)
            }
            place += count
        }
        matches.sort { $0.name.lexicographicallyPrecedes($1.name) }
        let places = matches.indices.filter { matches[$0].isHit }
        guard places.count >= WalkEstimate.fewestHits else { return nil }
        // As they lie at the beginning, if they are rarer there.
        let first = places.prefix(WalkEstimate.fewestHits)
        let distance = max(
            Double(matches.count) / Double(places.count), Double(first[first.endIndex - 1] + 1) / Double(first.count))
        let share = asked.reduce(0) { $0 + Double($1) } / Double(matches.count)
        budget = Int(share * Double(total) * WalkEstimate.indexed / WalkEstimate.looked)
        isLess = 1.5 * Double(limit) * distance < Double(budget)
    }
}

/// An index of a single row, for texts that are not all ASCII: what letters the index takes for the same, it knows best.
private final class PlainTexts {
    private var database: Connection?

    static func isASCII(
        _ name: UnsafeRawBufferPointer, _ summary: UnsafeRawBufferPointer, _ provides: UnsafeRawBufferPointer
    ) -> Bool { isASCII(summary) && isASCII(name) && isASCII(provides) }

    private static func isASCII(_ text: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while place + 8 <= text.count {
            if text.loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
            place += 8
        }
        while place < text.count {
            if text[place] >= 0x80 { return false }
            place += 1
        }
        return true
    }

    func isFound(_ expression: String, _ texts: [UnsafeRawBufferPointer]) throws -> Bool {
        let database = try self.database ?? Connection(path: ":memory:", mode: .readWrite)
        if self.database == nil {
            try database.execute("CREATE VIRTUAL TABLE word USING fts5(\(CatalogSchema.words), columnsize=0)")
            self.database = database
        }
        try database.with("INSERT INTO word(name, summary, provides) VALUES(?, ?, ?)") { word in
            for (index, text) in texts.enumerated() { try word.bind(index + 1, text: text, borrowed: true) }
            try word.run()
        }
        var isFound = false
        try database.query("SELECT 1 FROM word WHERE word MATCH ?", expression) { _ in isFound = true }
        try database.run("DELETE FROM word")
        return isFound
    }
}
