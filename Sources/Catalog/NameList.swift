import Basics
import SQLite

/// The names of a repository's packages in their order, each with its row, as one value of the catalog.
///
/// Where the index finds much, a search goes through this instead of asking the table for each name: that takes a fiftieth of the
/// time. It has at least the rows that a generation holds; rows that are gone do no harm.
///
/// For each row: how many bytes it shares with the name before, how many follow, these bytes with ASCII letters in lower case, and
/// the row's running number as the difference to the one before. Numbers are LEB128, differences zigzag.
enum NameList {
    /// Makes the list of a repository anew from the index of names, in a transaction that writes.
    static func write(_ repository: Int64, _ database: Connection) throws {
        var list = NameListWriter()
        let base = CatalogSchema.rows(of: repository).lowerBound
        // The index holds all that is asked for, in this order.
        try database.query(
            "SELECT id, name FROM package WHERE repository = ? ORDER BY name COLLATE NOCASE", repository
        ) { list.add($0.bytes(1), row: $0.int64(0) - base) }
        try database.run(
            "INSERT OR REPLACE INTO name_list(repository, names) VALUES(?, ?)", repository, list.bytes)
    }

    /// Hands over each wanted row with its name, which is valid within the call only.
    /// - Throws: ``ChantalError`` `needs_rebuild` if it is damaged.
    static func read(
        _ repository: Int64, _ database: Connection, isWanted: (_ row: Int64) -> Bool,
        _ body: (_ name: UnsafeRawBufferPointer, _ row: Int64) throws -> Void
    ) throws {
        try database.query("SELECT names FROM name_list WHERE repository = ?", repository) { list in
            var reader = NameListReader(list.bytes(0))
            while let row = reader.next() {
                if isWanted(row) { try body(reader.name, row) }
            }
            if !reader.isAtEnd {
                throw ChantalError(
                    .needsRebuild, "the catalog's list of names is damaged",
                    hint: "it is derived from files: `chantal doctor --rebuild` makes it anew", path: database.path)
            }
        }
    }
}

struct NameListWriter {
    private(set) var bytes: [UInt8] = []
    private var last: [UInt8] = []
    private var row: Int64 = 0

    /// Adds a name that comes after all others.
    mutating func add(_ name: UnsafeRawBufferPointer, row: Int64) {
        var shared = 0
        while shared < last.count, shared < name.count, last[shared] == name[shared].asciiLowercased { shared += 1 }
        append(UInt64(shared))
        append(UInt64(name.count - shared))
        last.removeLast(last.count - shared)
        for index in shared..<name.count { last.append(name[index].asciiLowercased) }
        bytes.append(contentsOf: last[shared...])
        let step = row &- self.row
        append(UInt64(bitPattern: step << 1 ^ step >> 63))
        self.row = row
    }

    private mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

struct NameListReader: ~Copyable {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var row: Int64 = 0
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 1)
    private var count = 0

    /// The bytes stay in place meanwhile.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    deinit {
        buffer.deallocate()
    }

    /// The name of the row last given.
    var name: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[0..<count]) }

    var isAtEnd: Bool { position == bytes.count }

    /// The next row; nil at the end, and where the list is damaged.
    @inline(__always)
    mutating func next() -> Int64? {
        if position == bytes.count { return nil }
        let start = position
        guard let kept = number(), let added = number(), kept <= count, added <= bytes.count - position else {
            position = start
            return nil
        }
        count = kept + added
        if count > buffer.count { grow(count) }
        copy(added, to: kept)
        position += added
        guard let step = number() else {
            position = start
            return nil
        }
        row = row &+ Int64(step >> 1 ^ -(step & 1))
        return row
    }

    /// Mostly a few bytes, too few for a call; what is copied beyond them is overwritten later.
    @inline(__always)
    private func copy(_ added: Int, to place: Int) {
        if added <= 16, place + 16 <= buffer.count, position + 16 <= bytes.count {
            let (low, high) = (
                bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
            )
            buffer.storeBytes(of: low, toByteOffset: place, as: UInt64.self)
            buffer.storeBytes(of: high, toByteOffset: place + 8, as: UInt64.self)
        } else {
            for index in 0..<added { buffer[place + index] = bytes[position + index] }
        }
    }

    private mutating func grow(_ size: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * size, alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
        buffer.deallocate()
        buffer = larger
    }

    /// A number below 2^63.
    @inline(__always)
    private mutating func number() -> Int? {
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        position += 1
        return first < 0x80 ? Int(first) : longNumber(Int(first & 0x7f))
    }

    private mutating func longNumber(_ first: Int) -> Int? {
        var (value, shift) = (first, 7)
        while position < bytes.count, shift < 63 {
            let byte = bytes[position]
            position += 1
            value |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
