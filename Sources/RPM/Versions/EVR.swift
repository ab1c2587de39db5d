import Basics

/// Epoch, version and release of a package, ordered as rpm orders them (rpm-version(7)): `[epoch:]version[-release]`.
///
/// `~` lies before everything, even the end, `^` after the end and before all else; no epoch is epoch 0.
public struct EVR: Sendable {
    /// `0:1.2-3`, the epoch only where it is written.
    public let bytes: [UInt8]

    /// Takes any bytes; what is no valid version is ordered all the same.
    public init(_ text: some Collection<UInt8>) { bytes = Array(text) }

    public init(_ text: String) { bytes = Array(text.utf8) }

    /// From the fields of metadata; an epoch of 0 is left out.
    public init(epoch: some Collection<UInt8>, version: some Collection<UInt8>, release: some Collection<UInt8>) {
        var text: [UInt8] = []
        text.reserveCapacity(epoch.count + version.count + release.count + 2)
        if !epoch.allSatisfy({ $0 == UInt8(ascii: "0") }) {
            text += epoch
            text.append(UInt8(ascii: ":"))
        }
        text += version
        if !release.isEmpty {
            text.append(UInt8(ascii: "-"))
            text += release
        }
        bytes = text
    }

    /// Below 0 if `a` is earlier than `b`, 0 if they are equal, above 0 if it is later. A missing release is earlier than any.
    public static func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        let (x, y) = (EVRParts(a), EVRParts(b))
        let front = frontOrder(a, x, b, y)
        if front != 0 { return front }
        if x.hasRelease != y.hasRelease { return x.hasRelease ? 1 : -1 }
        return RPMVersion.order(a.slice(x.release), b.slice(y.release))
    }

    /// The same for a bound in a dependency or a filter: where one of the two has no release, releases do not count.
    public static func boundOrder(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        let (x, y) = (EVRParts(a), EVRParts(b))
        let front = frontOrder(a, x, b, y)
        if front != 0 || !x.hasRelease || !y.hasRelease { return front }
        return RPMVersion.order(a.slice(x.release), b.slice(y.release))
    }

    private static func frontOrder(
        _ a: UnsafeRawBufferPointer, _ x: EVRParts, _ b: UnsafeRawBufferPointer, _ y: EVRParts
    ) -> Int {
        if !x.epoch.isEmpty || !y.epoch.isEmpty {
            let zero: StaticString = "0"
            let none = UnsafeRawBufferPointer(start: zero.utf8Start, count: 1)
            let order = RPMVersion.order(
                x.epoch.isEmpty ? none : a.slice(x.epoch), y.epoch.isEmpty ? none : b.slice(y.epoch))
            if order != 0 { return order }
        }
        return RPMVersion.order(a.slice(x.version), b.slice(y.version))
    }
}

/// Where the parts of a version lie: the epoch is the digits before the first colon, the release what follows the last hyphen.
struct EVRParts {
    var epoch = 0..<0
    var version: Range<Int>
    var release: Range<Int>
    var hasRelease: Bool

    init(_ text: UnsafeRawBufferPointer) {
        var start = 0
        while start < text.count, text[start].isASCIIDigit { start += 1 }
        if start < text.count, text[start] == UInt8(ascii: ":") {
            epoch = 0..<start
            start += 1
        } else {
            start = 0
        }
        var hyphen = text.count - 1
        while hyphen >= start, text[hyphen] != UInt8(ascii: "-") { hyphen -= 1 }
        hasRelease = hyphen >= start
        version = start..<(hasRelease ? hyphen : text.count)
        release = (hasRelease ? hyphen + 1 : text.count)..<text.count
    }
}

extension EVR: Comparable {
    public static func == (a: EVR, b: EVR) -> Bool { compare(a, b) == 0 }
    public static func < (a: EVR, b: EVR) -> Bool { compare(a, b) < 0 }

    private static func compare(_ a: EVR, _ b: EVR) -> Int {
        a.bytes.withUnsafeBytes { x in b.bytes.withUnsafeBytes { y in order(x, y) } }
    }
}

extension EVR: CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
