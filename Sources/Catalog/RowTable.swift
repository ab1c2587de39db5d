/// A set of row hashes, each with a row number and flags: 24 bytes an entry, open addressing.
///
/// A whole suite's rows are compared through this, without one of them in memory.
struct RowTable: ~Copyable {
    struct Entry {
        var hash: RowHash
        /// Flags above ``RowTable/rowBits``, row number below; zero is a free place.
        var word: UInt64
    }

    static let rowBits: UInt64 = 48
    private static let rowMask: UInt64 = (1 << rowBits) - 1
    // Marks a place as taken whatever row and flags say.
    private static let taken: UInt64 = 1 << 63

    private var entries: UnsafeMutablePointer<Entry>
    private var capacity: Int
    private(set) var count = 0

    init(expecting number: Int = 0) {
        capacity = 1024
        while capacity * 3 / 4 < number { capacity *= 2 }
        entries = RowTable.make(capacity)
    }

    deinit {
        entries.deallocate()
    }

    private static func make(_ capacity: Int) -> UnsafeMutablePointer<Entry> {
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
        entries.initialize(repeating: Entry(hash: RowHash(high: 0, low: 0), word: 0), count: capacity)
        return entries
    }

    /// The place of a hash: where it is, or where it would go.
    @inline(__always)
    private func place(_ hash: RowHash) -> Int {
        var index = Int(truncatingIfNeeded: hash.low) & (capacity - 1)
        while entries[index].word != 0 {
            if entries[index].hash == hash { return index }
            index = (index + 1) & (capacity - 1)
        }
        return index
    }

    /// Adds flags to a hash's entry, which is made with the row if there is none.
    /// - Parameter flags: of the lowest 15 bits.
    /// - Returns: the flags before, nil if there was no entry.
    @inline(__always)
    @discardableResult
    mutating func insert(_ hash: RowHash, row: Int64, flags: UInt64) -> UInt64? {
        let index = place(hash)
        if entries[index].word != 0 {
            let before = (entries[index].word & ~RowTable.taken) >> RowTable.rowBits
            entries[index].word |= flags << RowTable.rowBits
            return before
        }
        let word = RowTable.taken | flags << RowTable.rowBits | (UInt64(bitPattern: row) & RowTable.rowMask)
        entries[index] = Entry(hash: hash, word: word)
        count += 1
        if count > capacity * 3 / 4 { grow() }
        return nil
    }

    /// Adds flags to an entry that is there.
    /// - Returns: the flags before, nil if there is no entry.
    @inline(__always)
    mutating func mark(_ hash: RowHash, flags: UInt64) -> UInt64? {
        let index = place(hash)
        guard entries[index].word != 0 else { return nil }
        let before = (entries[index].word & ~RowTable.taken) >> RowTable.rowBits
        entries[index].word |= flags << RowTable.rowBits
        return before
    }

    private mutating func grow() {
        let old = entries
        let size = capacity
        capacity *= 2
        entries = RowTable.make(capacity)
        for index in 0..<size where old[index].word != 0 { entries[place(old[index].hash)] = old[index] }
        old.deallocate()
    }

    /// Hands over each entry's row and flags, in no order.
    func visit(_ body: (_ row: Int64, _ flags: UInt64) throws -> Void) rethrows {
        for index in 0..<capacity where entries[index].word != 0 {
            let word = entries[index].word
            try body(Int64(word & RowTable.rowMask), (word & ~RowTable.taken) >> RowTable.rowBits)
        }
    }
}
