import Basics
import SQLite

/// Hits of one repository in the order of their names, one at a time.
final class HitCursor {
    /// What a statement gives of a row that may be a hit.
    static let columns = "package.id, first, until, name, version, architecture, summary, digest"
    /// Further texts to look at.
    static let texts = "provides, files"

    let repository: String
    let type: String
    /// Its place among the cursors of a merge.
    var number = 0
    /// The generations to look at.
    private let generations: [Int]
    private let rows: () throws -> Statement?
    private var row: Statement?
    private let fits: (Statement) throws -> Bool

    /// The rows seen so far.
    private(set) var seen = 0
    /// The name of the hit that this stands at, in place.
    private(set) var name = UnsafeRawBufferPointer(start: nil, count: 0)

    /// - Parameters:
    ///   - rows: goes to the next package and gives its ``columns``, and perhaps ``texts``; nil at the end.
    ///   - fits: a further look at a row.
    init(
        _ scope: SearchScope, rows: @escaping () throws -> Statement?,
        where fits: @escaping (Statement) throws -> Bool = { _ in true }
    ) {
        (repository, type, generations) = (scope.name, scope.type, scope.generations)
        self.rows = rows
        self.fits = fits
    }

    /// Goes to the next hit; what it stood at is no longer valid.
    /// - Returns: false if there is none.
    func next() throws -> Bool {
        while let row = try rows() {
            seen += 1
            let (first, until) = (row.int(1), row.optionalInt(2) ?? .max)
            guard generations.contains(where: { first <= $0 && $0 < until }), try fits(row) else { continue }
            self.row = row
            name = row.bytes(3)
            return true
        }
        row = nil
        return false
    }

    /// A copy of the hit that this stands at.
    func copy(to entries: inout [HitMerge.Entry], _ bytes: inout [UInt8]) {
        guard let row else { return }
        var entry = HitMerge.Entry(cursor: number, id: row.int64(0), start: bytes.count, digest: row.digest(7))
        bytes.append(contentsOf: name)
        entry.nameEnd = bytes.count
        bytes.append(contentsOf: row.bytes(4))
        entry.versionEnd = bytes.count
        bytes.append(contentsOf: row.bytes(5))
        entry.architectureEnd = bytes.count
        bytes.append(contentsOf: row.bytes(6))
        entry.end = bytes.count
        entries.append(entry)
    }
}

/// Looks up packages in a given order of their ids.
///
/// Where ids ascend without large gaps, as those of one sync do when names are in order, the table is gone through: to step over a few
/// rows takes less than to look for the next.
final class PackageRows {
    private static let largestGap: Int64 = 2
    private static let shortestRun = 16
    private static let largestPiece = 1024

    private let database: Connection
    private let columns: String
    private let more: (_ count: Int) throws -> [Int64]
    private var piece: [Int64] = []
    // Where what is asked for at present begins and ends in the piece.
    private var (position, end) = (0, 0)
    private var pieceSize: Int
    private let growth: Int
    private var isRun = false
    private var run: Statement?
    private var list: Statement?

    /// - Parameters:
    ///   - columns: those of `package`, `package.id` first.
    ///   - pieceSize: how many to begin with.
    ///   - more: gives about so many ids that follow; none at the end.
    init(
        _ database: Connection, _ columns: String, pieceSize: Int = 64, growth: Int = 4,
        more: @escaping (_ count: Int) throws -> [Int64]
    ) {
        self.database = database
        self.columns = columns
        self.pieceSize = pieceSize
        self.growth = growth
        self.more = more
    }

    /// All of these.
    convenience init(_ database: Connection, _ columns: String, ids: [Int64]) {
        var position = 0
        self.init(database, columns) { count in
            let piece = ids[position..<min(position + count, ids.count)]
            position = piece.endIndex
            return Array(piece)
        }
    }

    /// Goes to the next one that is there.
    func next() throws -> Statement? {
        while true {
            if position < end {
                if isRun, let run {
                    while try run.step() {
                        let id = run.int64(0)
                        while position < end, piece[position] < id { position += 1 }
                        if position < end, piece[position] == id {
                            position += 1
                            return run
                        }
                    }
                } else if let list, try list.step() {
                    return list
                }
                position = end
            }
            if end == piece.count {
                piece = try more(pieceSize)
                if piece.isEmpty { return nil }
                // Few at first: often no more are asked for.
                pieceSize = min(pieceSize * growth, PackageRows.largestPiece)
                (position, end) = (0, 0)
            }
            try ask()
        }
    }

    /// Asks for a run, or for all before the next one.
    private func ask() throws {
        position = end
        end = endOfRun(from: end)
        isRun = end - position >= PackageRows.shortestRun
        if isRun {
            let run = try self.run ?? database.prepare("SELECT \(columns) FROM package WHERE id BETWEEN ? AND ?")
            self.run = run
            run.reset()
            try run.bind(1, piece[position])
            try run.bind(2, piece[end - 1])
            return
        }
        while end < piece.count {
            let next = endOfRun(from: end)
            if next - end >= PackageRows.shortestRun { break }
            end = next
        }
        let list =
            try self.list
            ?? database.prepare("SELECT \(columns) FROM json_each(?) CROSS JOIN package ON package.id = value")
        self.list = list
        list.reset()
        try PackageRows.json(piece[position..<end]).withUnsafeBytes { try list.bind(1, text: $0, borrowed: false) }
    }

    private func endOfRun(from start: Int) -> Int {
        var end = start + 1
        while end < piece.count, piece[end] > piece[end - 1], piece[end] - piece[end - 1] <= PackageRows.largestGap {
            end += 1
        }
        return end
    }

    /// Numbers as one value, for SQLite's json_each().
    private static func json(_ ids: ArraySlice<Int64>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(ids.count * 16 + 2)
        text.append(UInt8(ascii: "["))
        for id in ids {
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            let start = text.count
            var rest = id
            repeat {
                text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            } while rest > 0
            text[start...].reverse()
        }
        text.append(UInt8(ascii: "]"))
        return text
    }
}
