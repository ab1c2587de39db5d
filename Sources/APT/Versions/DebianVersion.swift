import Basics

/// A version as dpkg orders it: `[epoch:]upstream[-revision]`, `~` before everything, even the end (`deb-version(7)`).
///
/// Versions are equal when dpkg says so: `1.0` and `1.0-0`, `1.01` and `1.1` are.
public struct DebianVersion: Sendable {
    public let bytes: [UInt8]

    /// Takes any bytes; what is no valid version is ordered all the same.
    public init(_ text: some Collection<UInt8>) { bytes = Array(text) }

    public init(_ text: String) { bytes = Array(text.utf8) }

    /// Below 0 if `a` is earlier than `b`, 0 if they are equal, above 0 if it is later.
    public static func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        let x = VersionParts(a)
        let y = VersionParts(b)
        let epoch = compareNumbers(a.slice(x.epoch), b.slice(y.epoch))
        if epoch != 0 { return epoch }
        let upstream = compareText(a.slice(x.upstream), b.slice(y.upstream))
        if upstream != 0 { return upstream }
        return compareText(a.slice(x.revision), b.slice(y.revision))
    }

    /// Why dpkg would refuse these bytes as a version; nil if it would not.
    public static func defect(_ text: UnsafeRawBufferPointer) -> String? {
        if text.isEmpty { return "it is empty" }
        let parts = VersionParts(text)
        if parts.upstream.isEmpty { return "nothing stands for the upstream version" }
        if parts.epoch.isEmpty, text[0] == 0x3a { return "its epoch is empty" }
        if !parts.epoch.isEmpty {
            guard let epoch = text.slice(parts.epoch).decimal, epoch <= Int64(Int32.max) else {
                return "its epoch is not a number that dpkg takes"
            }
        }
        for byte in text.slice(parts.upstream) where !isVersionByte(byte) && byte != 0x2d && byte != 0x3a {
            return "its upstream part holds a character that does not belong in a version"
        }
        if parts.hasEmptyRevision { return "its revision is empty" }
        for byte in text.slice(parts.revision) where !isVersionByte(byte) {
            return "its revision holds a character that does not belong in a version"
        }
        return nil
    }

    /// Letters, digits, `.`, `+` and `~`.
    private static func isVersionByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == 0x2e || byte == 0x2b || byte == 0x7e
    }

    /// Digits without a bound on their number.
    private static func compareNumbers(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        var i = 0
        var j = 0
        return compareDigits(a, &i, b, &j)
    }

    /// Compares the runs of digits at two places, and moves the places behind them.
    @inline(__always)
    private static func compareDigits(
        _ a: UnsafeRawBufferPointer, _ i: inout Int, _ b: UnsafeRawBufferPointer, _ j: inout Int
    ) -> Int {
        while i < a.count, a[i] == 0x30 { i += 1 }
        while j < b.count, b[j] == 0x30 { j += 1 }
        var first = 0
        while i < a.count, j < b.count, a[i].isASCIIDigit, b[j].isASCIIDigit {
            if first == 0 { first = Int(a[i]) - Int(b[j]) }
            i += 1
            j += 1
        }
        if i < a.count, a[i].isASCIIDigit { return 1 }
        if j < b.count, b[j].isASCIIDigit { return -1 }
        return first
    }

    /// dpkg's `verrevcmp`.
    private static func compareText(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        var i = 0
        var j = 0
        while i < a.count || j < b.count {
            while (i < a.count && !a[i].isASCIIDigit) || (j < b.count && !b[j].isASCIIDigit) {
                let difference = rank(a, i) - rank(b, j)
                if difference != 0 { return difference }
                i += 1
                j += 1
            }
            let difference = compareDigits(a, &i, b, &j)
            if difference != 0 { return difference }
        }
        return 0
    }

    /// `~` before the end and digits, these before letters, letters before everything else.
    @inline(__always)
    private static func rank(_ text: UnsafeRawBufferPointer, _ index: Int) -> Int {
        guard index < text.count else { return 0 }
        let byte = text[index]
        if byte.isASCIIDigit { return 0 }
        if byte.isASCIILetter { return Int(byte) }
        return byte == 0x7e ? -1 : Int(byte) + 256
    }
}

/// Where the parts of a version lie.
struct VersionParts {
    var epoch: Range<Int>
    var upstream: Range<Int>
    var revision: Range<Int>
    /// Whether it ends with the hyphen.
    var hasEmptyRevision: Bool

    @inline(__always)
    init(_ text: UnsafeRawBufferPointer) {
        var start = 0
        epoch = 0..<0
        if let colon = text.firstIndex(of: 0x3a, from: 0) {
            epoch = 0..<colon
            start = colon + 1
        }
        var hyphen = text.count - 1
        while hyphen >= start, text[hyphen] != 0x2d { hyphen -= 1 }
        if hyphen >= start {
            upstream = start..<hyphen
            revision = (hyphen + 1)..<text.count
            hasEmptyRevision = revision.isEmpty
        } else {
            upstream = start..<text.count
            revision = text.count..<text.count
            hasEmptyRevision = false
        }
    }
}

extension DebianVersion: Comparable {
    public static func == (a: DebianVersion, b: DebianVersion) -> Bool { compare(a, b) == 0 }
    public static func < (a: DebianVersion, b: DebianVersion) -> Bool { compare(a, b) < 0 }

    private static func compare(_ a: DebianVersion, _ b: DebianVersion) -> Int {
        a.bytes.withUnsafeBytes { x in b.bytes.withUnsafeBytes { y in order(x, y) } }
    }
}

extension DebianVersion: CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
