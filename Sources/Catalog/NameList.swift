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

    static func damaged(_ database: Connection) -> ChantalError {
        ChantalError(
            .needsRebuild, "the catalog's list of names is damaged",
            hint: "it is derived from files: `chantal doctor --rebuild` makes it anew", path: database.path)
    }
}

/// A repository's list of names as it is in the catalog, for as long as this lives and the transaction goes on.
final class StoredNameList {
    // Stands at its row, so that the bytes stay in place.
    private let statement: Statement
    let bytes: UnsafeRawBufferPointer

    /// Nil if the repository has none.
    init?(_ repository: Int64, _ database: Connection) throws {
        statement = try database.prepare("SELECT names FROM name_list WHERE repository = ?")
        try statement.bind(1, repository)
        guard try statement.step() else { return nil }
        bytes = statement.bytes(0)
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
    private let word: WordPair?
    private var position = 0
    private var row: Int64 = 0
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 1)
    private var count = 0
    // Where the word's pair ends in the name at first; far beyond if it is not there.
    private var found = Int.max

    /// - Parameters:
    ///   - bytes: stay in place meanwhile.
    ///   - word: what ``mayHold`` tells of; nil for no such answer.
    init(_ bytes: UnsafeRawBufferPointer, lookingFor word: WordPair? = nil) {
        self.bytes = bytes
        self.word = word
        if word == nil { found = 0 }
    }

    deinit {
        buffer.deallocate()
    }

    /// The name of the row last given.
    @inline(__always)
    var name: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: buffer.baseAddress, count: count) }

    /// Whether this name may hold the word; if not, it does not.
    var mayHold: Bool {
        @inline(__always) get { found <= count }
    }

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
        if found > kept, let word { found = place(of: word, kept, added) }
        copy(added, to: kept)
        position += added
        guard let step = number() else {
            position = start
            return nil
        }
        row = row &+ Int64(step >> 1 ^ -(step & 1))
        return row
    }

    /// Where a pair ends, of which the bytes that are kept have no more than the first.
    @inline(__always)
    private func place(of word: WordPair, _ kept: Int, _ added: Int) -> Int {
        // What follows is looked at where it lies: the buffer was written just before, a few bytes at a time.
        if added > 0, kept > 0, !word.isOneByte, word.isPair(buffer[kept - 1], bytes[position]) { return kept + 1 }
        let length = word.isOneByte ? 1 : 2
        var place = 0
        while place + length <= added {
            if position + place + 9 <= bytes.count {
                let here = bytes.loadUnaligned(fromByteOffset: position + place, as: UInt64.self)
                let next = bytes.loadUnaligned(fromByteOffset: position + place + length - 1, as: UInt64.self)
                if let offset = word.offset(here, next) {
                    let end = place + offset + length
                    return end <= added ? kept + end : .max
                }
                place += 8
            } else {
                let next = bytes[position + place + length - 1]
                if word.isPair(bytes[position + place], next) { return kept + place + length }
                place += 1
            }
        }
        return .max
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

/// Two bytes of a word that stand beside each other in few names, to look for in eight places at once. ASCII letters of both cases
/// are the same, and some other bytes too: who finds them has to look again.
struct WordPair {
    private let first, second: UInt64
    let isOneByte: Bool

    // From the most frequent in names on.
    private static let letters = Array("eilabrtnosdpcumghyfvwkxjqz".utf8)

    /// - Parameter word: not empty, ASCII letters in lower case.
    init(_ word: [UInt8]) {
        func rarity(_ byte: UInt8) -> Int { WordPair.letters.firstIndex(of: byte) ?? WordPair.letters.count }
        // The last of several: many names begin with the same letters.
        let place = word.indices.dropLast().reversed().max {
            rarity(word[$0]) + rarity(word[$0 + 1]) < rarity(word[$1]) + rarity(word[$1 + 1])
        }
        let ones: UInt64 = 0x0101_0101_0101_0101
        first = UInt64(word[place ?? 0] | 0x20) &* ones
        second = UInt64(word[place.map { $0 + 1 } ?? 0] | 0x20) &* ones
        isOneByte = place == nil
    }

    /// Whether they are these two.
    @inline(__always)
    func isPair(_ a: UInt8, _ b: UInt8) -> Bool {
        a | 0x20 == UInt8(truncatingIfNeeded: first) && b | 0x20 == UInt8(truncatingIfNeeded: second)
    }

    /// The first place of eight bytes that has the one, and the other in the eight bytes that follow by one.
    @inline(__always)
    func offset(_ here: UInt64, _ next: UInt64) -> Int? {
        // A byte is zero where both fit; the lowest such one is found for certain.
        let fold: UInt64 = 0x2020_2020_2020_2020
        let difference = (UInt64(littleEndian: here | fold) ^ first) | (UInt64(littleEndian: next | fold) ^ second)
        let zeros = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
        return zeros == 0 ? nil : zeros.trailingZeroBitCount >> 3
    }

    /// Whether they are somewhere in a text.
    @inline(__always)
    func mayBe(in text: UnsafeRawBufferPointer) -> Bool {
        let distance = isOneByte ? 0 : 1
        var place = 0
        while place + distance + 8 <= text.count {
            let here = text.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let next = text.loadUnaligned(fromByteOffset: place + distance, as: UInt64.self)
            if offset(here, next) != nil { return true }
            place += 8
        }
        while place + distance < text.count {
            if isPair(text[place], text[place + distance]) { return true }
            place += 1
        }
        return false
    }
}
