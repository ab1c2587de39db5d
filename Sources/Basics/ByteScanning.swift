#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension UnsafeRawBufferPointer {
    /// The first place of a byte at or after `start` (memchr(3)), or nil.
    @inline(__always)
    public func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress, let found = memchr(base + start, Int32(byte), count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// A part of this buffer, without copying.
    @inline(__always)
    public func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    /// Whether both have the same bytes.
    @inline(__always)
    public func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        count == other.count && (isEmpty || memcmp(baseAddress!, other.baseAddress!, count) == 0)
    }

    /// Whether the bytes are those of a text.
    @inline(__always)
    public func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && (count == 0 || memcmp(baseAddress!, text.utf8Start, count) == 0)
    }

    /// Whether the bytes are those of an ASCII text, letters of either case.
    public func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index].asciiLowercased != text.utf8Start[index].asciiLowercased {
            return false
        }
        return true
    }

    /// Without the spaces, tabs, CR and LF at either end.
    public var trimmed: UnsafeRawBufferPointer {
        var start = 0
        var end = count
        while start < end, self[start].isASCIISpace { start += 1 }
        while end > start, self[end - 1].isASCIISpace { end -= 1 }
        return slice(start..<end)
    }

    /// The decimal number that all bytes make; nil if there is none, another character, or more than 63 bits.
    public var decimal: Int64? {
        guard count > 0, count <= 19 else { return nil }
        var value: Int64 = 0
        for byte in self {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, above) = product.addingReportingOverflow(Int64(byte - 0x30))
            if over || above { return nil }
            value = sum
        }
        return value
    }

    /// As text; invalid UTF-8 becomes replacement characters.
    public var text: String { String(decoding: self, as: UTF8.self) }
}

extension UInt8 {
    /// Space, tab, CR or LF.
    @inline(__always)
    public var isASCIISpace: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }

    @inline(__always)
    public var asciiLowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }

    @inline(__always)
    public var isASCIIDigit: Bool { (0x30...0x39).contains(self) }

    @inline(__always)
    public var isASCIILetter: Bool { (0x61...0x7a).contains(self | 0x20) }
}
