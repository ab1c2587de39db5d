public import Basics
import SQLite

/// A package found by a search as ``SearchHit`` has it, its texts in bytes that lie elsewhere: valid only within the call it is
/// handed to.
public struct SearchHitFields {
    public var repository: String
    public var type: String
    public var name: UnsafeRawBufferPointer
    public var version: UnsafeRawBufferPointer
    public var architecture: UnsafeRawBufferPointer
    public var summary: UnsafeRawBufferPointer
    public var digest: Digest?
}

/// Hits of one repository in the order of their names, one at a time.
final class HitCursor {
    /// What a statement gives of a row that may be a hit.
    static let columns = "package.id, first, until, name, version, architecture, summary, digest"
    /// Further texts to look at.
    static let texts = "provides, files"

    let repository: String
    let type: String
    /// Its place among the cursors of a merge.
    fileprivate(set) var number = 0
    /// The generations to look at.
    private let generations: [Int]
    private let rows: Statement
    private let ids: [Int64]?
    private var position = 0
    private var pieceSize = 64
    private let fits: (Statement) -> Bool

    /// The rows seen so far.
    private(set) var seen = 0
    /// The name of the hit that this stands at, in place.
    private(set) var name = UnsafeRawBufferPointer(start: nil, count: 0)

    /// - Parameters:
    ///   - rows: selects ``columns`` and perhaps ``texts``, of the packages in question or of those whose ids are bound to it as a JSON array.
    ///   - ids: those to bind; nil for no such parameter.
    ///   - fits: a further look at a row.
    init(
        _ scope: SearchScope, _ rows: Statement, ids: [Int64]? = nil,
        where fits: @escaping (Statement) -> Bool = { _ in true }
    ) {
        (repository, type, generations) = (scope.name, scope.type, scope.generations)
        self.rows = rows
        self.ids = ids
        self.fits = fits
    }

    /// Goes to the next hit; what it stood at is no longer valid.
    /// - Returns: false if there is none.
    func next() throws -> Bool {
        while try step() {
            seen += 1
            let (first, until) = (rows.int(1), rows.optionalInt(2) ?? .max)
            guard generations.contains(where: { first <= $0 && $0 < until }), fits(rows) else { continue }
            name = rows.bytes(3)
            return true
        }
        return false
    }

    private func step() throws -> Bool {
        guard let ids else { return try rows.step() }
        while try position == 0 || !rows.step() {
            if position == ids.count { return false }
            let piece = ids[position..<min(position + pieceSize, ids.count)]
            // Few at first: often no more are asked for.
            (position, pieceSize) = (piece.endIndex, min(pieceSize * 4, HitCursor.largestPiece))
            rows.reset()
            try rows.bind(1, HitCursor.list(piece))
        }
        return true
    }

    private static let largestPiece = 4096

    /// Numbers as one value, for SQLite's json_each().
    private static func list(_ ids: ArraySlice<Int64>) -> String {
        var text: [UInt8] = [UInt8(ascii: "[")]
        for id in ids {
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: String(id).utf8)
        }
        text.append(UInt8(ascii: "]"))
        return String(decoding: text, as: UTF8.self)
    }

    var id: Int64 { rows.int64(0) }
    var version: UnsafeRawBufferPointer { rows.bytes(4) }
    var architecture: UnsafeRawBufferPointer { rows.bytes(5) }
    var summary: UnsafeRawBufferPointer { rows.bytes(6) }
    var digest: Digest? { rows.digest(7) }
}

/// Hits of several repositories in one order, each package once, at most as many as asked for.
struct HitMerge {
    /// A copy of a hit among those of one name; its texts lie one after the other.
    private struct Entry {
        var cursor: Int
        var id: Int64
        var start, nameEnd, versionEnd, architectureEnd, end: Int
        var digest: Digest?
    }

    /// The rows that were looked at for them.
    private(set) var lookedUp = 0
    private var left: Int
    private var entries: [Entry] = []
    private var bytes: [UInt8] = []

    init(limit: Int) {
        left = limit
    }

    /// Whether there are as many as asked for.
    var isFull: Bool { left <= 0 }

    /// Hands over what the cursors find.
    mutating func run(_ cursors: [HitCursor], _ body: (SearchHitFields) throws -> Void) throws {
        defer { lookedUp += cursors.reduce(0) { $0 + $1.seen } }
        // The one with the first name stands last.
        var queue: [HitCursor] = []
        for (number, cursor) in cursors.enumerated() {
            cursor.number = number
            if try cursor.next() { HitMerge.insert(cursor, into: &queue) }
        }
        while !isFull, let first = queue.popLast() {
            try take(first, into: &queue)
            while let other = queue.last, isSameName(other.name) {
                queue.removeLast()
                try take(other, into: &queue)
            }
            try handOver(cursors, body)
        }
    }

    private static func insert(_ cursor: HitCursor, into queue: inout [HitCursor]) {
        var place = queue.count
        while place > 0, ByteOrder.compare(queue[place - 1].name, cursor.name, folding: true) < 0 { place -= 1 }
        queue.insert(cursor, at: place)
    }

    /// Copies the hits of one name, and puts the cursor back with the next name it has.
    private mutating func take(_ cursor: HitCursor, into queue: inout [HitCursor]) throws {
        repeat {
            var entry = Entry(
                cursor: cursor.number, id: cursor.id, start: bytes.count, nameEnd: 0, versionEnd: 0, architectureEnd: 0,
                end: 0,
                digest: cursor.digest)
            bytes.append(contentsOf: cursor.name)
            entry.nameEnd = bytes.count
            bytes.append(contentsOf: cursor.version)
            entry.versionEnd = bytes.count
            bytes.append(contentsOf: cursor.architecture)
            entry.architectureEnd = bytes.count
            bytes.append(contentsOf: cursor.summary)
            entry.end = bytes.count
            entries.append(entry)
            if try !cursor.next() { return }
        } while isSameName(cursor.name)
        HitMerge.insert(cursor, into: &queue)
    }

    private func isSameName(_ name: UnsafeRawBufferPointer) -> Bool {
        guard let entry = entries.first else { return false }
        return bytes.withUnsafeBytes {
            ByteOrder.compare($0.slice(entry.start..<entry.nameEnd), name, folding: true) == 0
        }
    }

    private mutating func handOver(_ cursors: [HitCursor], _ body: (SearchHitFields) throws -> Void) throws {
        defer {
            entries.removeAll(keepingCapacity: true)
            bytes.removeAll(keepingCapacity: true)
        }
        try bytes.withUnsafeBytes { bytes in
            if entries.count > 1 { entries.sort { HitMerge.order($0, $1, cursors, bytes, or: $0.id < $1.id) } }
            for index in entries.indices where !isFull {
                let entry = entries[index]
                if index > 0, !HitMerge.order(entries[index - 1], entry, cursors, bytes, or: false) { continue }
                left -= 1
                let cursor = cursors[entry.cursor]
                try body(
                    SearchHitFields(
                        repository: cursor.repository, type: cursor.type,
                        name: bytes.slice(entry.start..<entry.nameEnd),
                        version: bytes.slice(entry.nameEnd..<entry.versionEnd),
                        architecture: bytes.slice(entry.versionEnd..<entry.architectureEnd),
                        summary: bytes.slice(entry.architectureEnd..<entry.end), digest: entry.digest))
            }
        }
    }

    /// Whether the first comes before the second; of one and the same package the given answer.
    private static func order(
        _ a: Entry, _ b: Entry, _ cursors: [HitCursor], _ bytes: UnsafeRawBufferPointer, or same: Bool
    ) -> Bool {
        var order = ByteOrder.compare(bytes.slice(a.start..<a.nameEnd), bytes.slice(b.start..<b.nameEnd))
        if order == 0, a.cursor != b.cursor {
            order = ByteOrder.compare(cursors[a.cursor].repository, cursors[b.cursor].repository)
        }
        if order == 0 {
            order = ByteOrder.compare(
                bytes.slice(a.versionEnd..<a.architectureEnd), bytes.slice(b.versionEnd..<b.architectureEnd))
        }
        if order == 0 {
            order = ByteOrder.compare(bytes.slice(a.nameEnd..<a.versionEnd), bytes.slice(b.nameEnd..<b.versionEnd))
        }
        if order != 0 { return order < 0 }
        switch (a.digest, b.digest) {
        case (let x?, let y?): return x == y ? same : x < y
        case (nil, nil): return same
        case (nil, _?): return true
        case (_?, nil): return false
        }
    }
}
