import Basics

extension UnsafeRawBufferPointer {
    /// Calls for each line, without its line break (LF or CRLF).
    @inline(__always)
    func forEachLine(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var start = 0
        while start < count {
            let newline = firstIndex(of: 0x0a, from: start) ?? count
            var end = newline
            if end > start, self[end - 1] == 0x0d { end -= 1 }
            try body(slice(start..<end))
            start = newline + 1
        }
    }

    /// Calls for each run of bytes between blanks and line breaks.
    @inline(__always)
    func forEachWord(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var index = 0
        while index < count {
            while index < count, self[index].isASCIISpace { index += 1 }
            let start = index
            while index < count, !self[index].isASCIISpace { index += 1 }
            if index > start { try body(slice(start..<index)) }
        }
    }

    /// The words as texts.
    var words: [String] {
        var result: [String] = []
        forEachWord { result.append($0.text) }
        return result
    }

    /// The three words of a line `hash size name`; nil if there are fewer or more.
    @inline(__always)
    var threeWords: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer)? {
        let empty = slice(0..<0)
        var words = (empty, empty, empty)
        var found = 0
        forEachWord { word in
            switch found {
            case 0: words.0 = word
            case 1: words.1 = word
            case 2: words.2 = word
            default: break
            }
            found += 1
        }
        return found == 3 ? words : nil
    }

    /// Up to the first line break.
    @inline(__always)
    var firstLine: UnsafeRawBufferPointer {
        slice(0..<(firstIndex(of: 0x0a, from: 0) ?? count)).trimmed
    }
}

extension Checksum {
    /// Nil if the bytes are not hex of the algorithm's length.
    @inline(__always)
    init?(_ algorithm: ChecksumAlgorithm, hexBytes text: UnsafeRawBufferPointer) {
        guard text.count == algorithm.byteCount * 2 else { return nil }
        var valid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { buffer, count in
            for index in 0..<algorithm.byteCount {
                guard let high = Hex.value(text[2 * index]), let low = Hex.value(text[2 * index + 1]) else {
                    valid = false
                    break
                }
                buffer.initializeElement(at: index, to: high << 4 | low)
                count = index + 1
            }
        }
        guard valid else { return nil }
        self.init(algorithm, bytes: bytes)
    }
}
