import Basics

/// Names as numbers, from 0 in the order in which they came: what is compared and looked up a million times is a number then.
public struct NameTable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Open addressing, with a power of two of places; -1 is free.
    private var places: [Int32] = Array(repeating: -1, count: 1024)

    public init() {}

    public var count: Int { ends.count }

    /// The number of a name, a new one if it has none yet.
    public mutating func number(of name: UnsafeRawBufferPointer) -> Int32 {
        let place = place(of: name)
        if places[place] >= 0 { return places[place] }
        let number = Int32(truncatingIfNeeded: ends.count)
        places[place] = number
        bytes.append(contentsOf: name)
        ends.append(bytes.count)
        if ends.count * 2 > places.count { grow() }
        return number
    }

    /// The number of a name; nil if it has none.
    public func find(_ name: UnsafeRawBufferPointer) -> Int32? {
        let number = places[place(of: name)]
        return number < 0 ? nil : number
    }

    /// A name's bytes.
    public func with<Result>(_ number: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { try body($0.slice(range(number))) }
    }

    /// Whether a name lies before another, byte for byte.
    public func precedes(_ a: Int32, _ b: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            bytes.slice(range(a)).lexicographicallyPrecedes(bytes.slice(range(b)))
        }
    }

    private func range(_ number: Int32) -> Range<Int> {
        (number == 0 ? 0 : ends[Int(number) - 1])..<ends[Int(number)]
    }

    /// Where a name is, or would be put.
    private func place(of name: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        let mask = places.count - 1
        var place = hasher.finalize() & mask
        return bytes.withUnsafeBytes { bytes in
            while places[place] >= 0, !bytes.slice(range(places[place])).elementsEqual(name) {
                place = (place + 1) & mask
            }
            return place
        }
    }

    private mutating func grow() {
        places = Array(repeating: -1, count: places.count * 2)
        for number in 0..<Int32(truncatingIfNeeded: ends.count) {
            places[with(number) { place(of: $0) }] = number
        }
    }
}

/// Items by the number of what they belong to.
public struct Buckets {
    private let starts: [Int32]
    private let items: [Int32]

    /// - Parameters:
    ///   - count: of the numbers that items may have.
    ///   - keys: for each item, from 0, the number that it belongs to. Within a bucket items stay in their order.
    public init(count: Int, keys: some Collection<Int32>) {
        var starts = [Int32](repeating: 0, count: count + 1)
        for key in keys { starts[Int(key) + 1] += 1 }
        for number in 0..<count { starts[number + 1] += starts[number] }
        var next = starts
        var items = [Int32](repeating: 0, count: keys.count)
        for (item, key) in keys.enumerated() {
            items[Int(next[Int(key)])] = Int32(truncatingIfNeeded: item)
            next[Int(key)] += 1
        }
        self.starts = starts
        self.items = items
    }

    public subscript(number: Int32) -> ArraySlice<Int32> {
        items[Int(starts[Int(number)])..<Int(starts[Int(number) + 1])]
    }
}
