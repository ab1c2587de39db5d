/// Numbers of rows, a bit for each that may be.
struct RowMap {
    static let largest: Int64 = 1 << 28

    private var words: [UInt64]

    /// For numbers up to the largest of those given, counted from a base. What is too large, or below the base, is left out: only a
    /// damaged index gives it.
    /// - Parameter rows: ascending.
    init(_ rows: ArraySlice<Int64>, from base: Int64) {
        let last = rows.last.map { min(max($0 &- base, 0), RowMap.largest) } ?? 0
        words = Array(repeating: 0, count: Int(last >> 6) + 1)
        words.withUnsafeMutableBufferPointer { words in
            for id in rows {
                let row = id &- base
                guard row >= 0, row >> 6 < words.count else { continue }
                words[Int(row >> 6)] |= 1 << UInt64(row & 63)
            }
        }
    }

    @inline(__always)
    func contains(_ row: Int64) -> Bool {
        row >= 0 && row >> 6 < words.count && words[Int(row >> 6)] >> UInt64(row & 63) & 1 != 0
    }
}

extension RandomAccessCollection where Element == Int64, Index == Int {
    /// The part of ascending numbers that lies in a range.
    func part(_ range: ClosedRange<Int64>) -> SubSequence {
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
