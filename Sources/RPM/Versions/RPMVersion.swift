import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The order of one part of a version, as `rpmvercmp` of librpm has it.
public enum RPMVersion {
    /// Below 0, 0 or above 0. Runs of digits are numbers, runs of letters text; everything else only divides them.
    public static func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        var i = 0
        var j = 0
        while i < a.count || j < b.count {
            while i < a.count, isSeparator(a[i]) { i += 1 }
            while j < b.count, isSeparator(b[j]) { j += 1 }
            let x = i < a.count ? a[i] : 0
            let y = j < b.count ? b[j] : 0
            if x == tilde || y == tilde {
                if x != tilde { return 1 }
                if y != tilde { return -1 }
            } else if x == caret || y == caret {
                if x == 0 { return -1 }
                if y == 0 { return 1 }
                if x != caret { return 1 }
                if y != caret { return -1 }
            } else {
                if i == a.count || j == b.count { break }
                let order = x.isASCIIDigit ? numberOrder(a, &i, b, &j) : textOrder(a, &i, b, &j)
                if order != 0 { return order }
                continue
            }
            i += 1
            j += 1
        }
        if i == a.count, j == b.count { return 0 }
        return i < a.count ? 1 : -1
    }

    private static let tilde = UInt8(ascii: "~")
    private static let caret = UInt8(ascii: "^")

    @inline(__always)
    private static func isSeparator(_ byte: UInt8) -> Bool {
        !byte.isASCIIDigit && !byte.isASCIILetter && byte != tilde && byte != caret
    }

    /// A number is later than text. The longer of two without zeroes before them is the greater.
    private static func numberOrder(
        _ a: UnsafeRawBufferPointer, _ i: inout Int, _ b: UnsafeRawBufferPointer, _ j: inout Int
    ) -> Int {
        if !b[j].isASCIIDigit { return 1 }
        while i < a.count, a[i] == UInt8(ascii: "0") { i += 1 }
        while j < b.count, b[j] == UInt8(ascii: "0") { j += 1 }
        let (x, y) = (i, j)
        while i < a.count, a[i].isASCIIDigit { i += 1 }
        while j < b.count, b[j].isASCIIDigit { j += 1 }
        if i - x != j - y { return (i - x) - (j - y) }
        return bytesOrder(a.slice(x..<i), b.slice(y..<j))
    }

    private static func textOrder(
        _ a: UnsafeRawBufferPointer, _ i: inout Int, _ b: UnsafeRawBufferPointer, _ j: inout Int
    ) -> Int {
        if b[j].isASCIIDigit { return -1 }
        let (x, y) = (i, j)
        while i < a.count, a[i].isASCIILetter { i += 1 }
        while j < b.count, b[j].isASCIILetter { j += 1 }
        return bytesOrder(a.slice(x..<i), b.slice(y..<j))
    }

    private static func bytesOrder(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        let shared = min(a.count, b.count)
        if shared > 0, let x = a.baseAddress, let y = b.baseAddress {
            let order = Int(memcmp(x, y, shared))
            if order != 0 { return order }
        }
        return a.count - b.count
    }
}
