#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The path of a file within a repository: bytes, relative, normalised, and never leaving its root.
///
/// Segments are separated by `/`; none is empty, `.` or `..`; no byte is NUL or a control character (below 0x20, 0x7f).
/// Bytes need not be UTF-8. The order is that of the bytes.
public struct RepositoryPath: Hashable, Comparable, Sendable {
    public let bytes: [UInt8]

    /// Normalises (`./a//b` is `a/b`) and checks.
    /// - Throws: ``ChantalError`` `unsafe_path` for an absolute path, `..`, control characters, a segment above 255 bytes,
    ///   a path above 4,000 bytes, or nothing left.
    public init(_ text: some Collection<UInt8>) throws {
        bytes = try RepositoryPath.normalise(Array(text))
    }

    public init(_ text: String) throws {
        try self.init(Array(text.utf8))
    }

    /// The same of bytes in memory, without a call for each of them.
    public init(_ text: UnsafeRawBufferPointer) throws {
        bytes = try RepositoryPath.normalise(Array(text))
    }

    /// Takes bytes that are known to be a normalised path, as read from a manifest of one's own.
    public init(trusted bytes: [UInt8]) {
        self.bytes = bytes
    }

    private static func normalise(_ text: [UInt8]) throws -> [UInt8] {
        func refuse(_ reason: String) -> ChantalError {
            let shown = RepositoryPath(trusted: Array(text.prefix(300))).description
            return ChantalError(.unsafePath, "the path '\(shown)' is refused: \(reason)", path: shown)
        }
        if isPlain(text) { return text }
        if text.first == UInt8(ascii: "/") { throw refuse("it is absolute") }
        if text.count > 4000 { throw refuse("it is longer than 4000 bytes") }
        for byte in text where byte < 0x20 || byte == 0x7f { throw refuse("it holds a control character") }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for segment in text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true) {
            if segment.elementsEqual([0x2e]) { continue }
            if segment.elementsEqual([0x2e, 0x2e]) { throw refuse("it holds '..'") }
            if segment.count > 255 { throw refuse("a segment is longer than 255 bytes") }
            if !result.isEmpty { result.append(UInt8(ascii: "/")) }
            result.append(contentsOf: segment)
        }
        if result.isEmpty { throw refuse("it names no file") }
        return result
    }

    /// Whether a text is a normalised path as it stands, as nearly all are. One with a segment that begins with a dot is left to the
    /// closer look.
    private static func isPlain(_ text: [UInt8]) -> Bool {
        if text.isEmpty || text.count > 4000 { return false }
        var segment = 0
        for byte in text {
            if byte == 0x2f || (byte == 0x2e && segment == 0) {
                if segment == 0 { return false }
                segment = 0
            } else {
                if byte < 0x20 || byte == 0x7f { return false }
                segment += 1
                if segment > 255 { return false }
            }
        }
        return segment > 0
    }

    public static func == (a: RepositoryPath, b: RepositoryPath) -> Bool {
        a.bytes.withUnsafeBytes { x in
            b.bytes.withUnsafeBytes { y in
                x.count == y.count && (x.count == 0 || memcmp(x.baseAddress!, y.baseAddress!, x.count) == 0)
            }
        }
    }

    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }  // no path is the beginning of another hashed thing
    }

    public static func < (a: RepositoryPath, b: RepositoryPath) -> Bool {
        a.bytes.withUnsafeBufferPointer { x in
            b.bytes.withUnsafeBufferPointer { y in
                let order = x.isEmpty || y.isEmpty ? 0 : memcmp(x.baseAddress!, y.baseAddress!, min(x.count, y.count))
                return order != 0 ? order < 0 : x.count < y.count
            }
        }
    }

    /// The last segment.
    public var name: ArraySlice<UInt8> {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes[...] }
        return bytes[(slash + 1)...]
    }

    /// The path without its last segment; nil if that is all.
    public var directory: RepositoryPath? {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return RepositoryPath(trusted: Array(bytes[..<slash]))
    }

    /// This path below a directory.
    public func under(_ directory: RepositoryPath) -> RepositoryPath {
        RepositoryPath(trusted: directory.bytes + [UInt8(ascii: "/")] + bytes)
    }

    private static let upperHex = Array("0123456789ABCDEF".utf8)

    /// Percent-encodes each segment once for a URL (RFC 3986): all but unreserved characters and `/`;
    /// `+` becomes `%2B`, `~` stays, a literal `%3a` becomes `%253a`.
    public var urlEncoded: String {
        // RFC 3986, 2.1: producers should use upper-case digits.
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + 16)
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e, 0x2f: text.append(byte)
            default:
                text.append(UInt8(ascii: "%"))
                text.append(RepositoryPath.upperHex[Int(byte >> 4)])
                text.append(RepositoryPath.upperHex[Int(byte & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension RepositoryPath: CustomStringConvertible {
    /// Hands over the UTF-8 of ``description``, without making a String where the bytes are fit to be shown.
    public func withDescription<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        if bytes.allSatisfy({ (0x20..<0x7f).contains($0) }) { return try bytes.withUnsafeBytes(body) }
        var text = description
        return try text.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
    }

    /// For people: control characters (those of C1 too, which terminals obey) and invalid UTF-8 are shown as replacements.
    public var description: String {
        let shown = bytes.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: "?") : $0 }
        let text = String(decoding: shown, as: UTF8.self)
        if !text.unicodeScalars.contains(where: { (0x80...0x9f).contains($0.value) }) { return text }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { safe.append((0x80...0x9f).contains(scalar.value) ? "?" : scalar) }
        return String(safe)
    }
}
