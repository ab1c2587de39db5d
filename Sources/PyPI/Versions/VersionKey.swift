import Basics

/// The bytes of a version's key: each part is written so that memcmp(3) gives the order of PEP 440.
enum VersionKey {
    /// Ends the release; below the first byte of every number.
    static let end: UInt8 = 0
    static let beforePre: UInt8 = 0
    static let alpha: UInt8 = 1
    static let beta: UInt8 = 2
    static let candidate: UInt8 = 3
    static let noPre: UInt8 = 4
    static let noPost: UInt8 = 0
    static let post: UInt8 = 1
    static let dev: UInt8 = 0
    static let noDev: UInt8 = 1
    static let localText: UInt8 = 1
    static let localNumber: UInt8 = 2
    /// Digits from this many on have their number in two more bytes.
    private static let longCount = 240

    static func isZero(_ bytes: UnsafeRawBufferPointer, _ digits: Range<Int>) -> Bool {
        for index in digits where bytes[index] != 0x30 { return false }
        return true
    }

    static func appendZero(to key: inout [UInt8]) {
        key.append(1)
        key.append(0x30)
    }

    /// The number of digits, then the digits, without leading zeros.
    static func append(_ bytes: UnsafeRawBufferPointer, _ digits: Range<Int>, to key: inout [UInt8]) {
        var start = digits.lowerBound
        while start < digits.upperBound - 1, bytes[start] == 0x30 { start += 1 }
        let count = digits.upperBound - start
        if count < longCount {
            key.append(UInt8(count))
        } else {
            key.append(UInt8(longCount))
            key.append(UInt8(truncatingIfNeeded: count >> 8))
            key.append(UInt8(truncatingIfNeeded: count))
        }
        for index in start..<digits.upperBound { key.append(bytes[index]) }
    }

    /// The digits of the number at a place, and where the next thing begins.
    static func number(_ key: [UInt8], at index: Int) -> Range<Int> {
        let first = Int(key[index])
        if first < longCount { return (index + 1)..<(index + 1 + first) }
        let count = Int(key[index + 1]) << 8 | Int(key[index + 2])
        return (index + 3)..<(index + 3 + count)
    }

    /// Numbers come after texts, texts in their ASCII order in lower case.
    static func appendLocal(_ bytes: UnsafeRawBufferPointer, _ segment: Range<Int>, to key: inout [UInt8]) {
        if segment.allSatisfy({ bytes[$0].isASCIIDigit }) {
            key.append(localNumber)
            append(bytes, segment, to: &key)
        } else {
            key.append(localText)
            for index in segment { key.append(bytes[index].asciiLowercased) }
            key.append(end)
        }
    }
}
