public import Basics

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

/// Hits of several repositories in one order, each package once, at most as many as asked for.
struct HitMerge {
    /// A copy of a hit among those of one name; its texts lie one after the other.
    struct Entry {
        var cursor: Int
        var id: Int64
        var start: Int
        var nameEnd = 0
        var versionEnd = 0
        var architectureEnd = 0
        var end = 0
        var digest: Digest?
    }

    /// The rows that were looked at for them.
    private(set) var lookedUp = 0
    /// How many more are asked for.
    private(set) var left: Int
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
            cursor.copy(to: &entries, &bytes)
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
