import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A version of a distribution (PEP 440).
///
/// Kept as bytes whose order is that of the versions, so that comparing is one memcmp(3): `1.0` and `1.0.0` are equal. Numbers have
/// no bound but the version's length.
public struct Version: Sendable {
    /// Epoch, release without trailing zeros, pre, post, dev; then local.
    let key: [UInt8]
    /// Where `local` begins in `key`.
    let publicCount: Int
    /// Zeros at the end of the release as it was written, which the key leaves out.
    let trailingZeros: Int
    public let isPreRelease: Bool
    public let isPostRelease: Bool

    /// Longest text that is read.
    static let lengthLimit = 1024

    /// Reads any spelling that PEP 440 allows (`v1.0-Alpha_1`, blanks around it); nil for what is no version.
    public init?(_ text: some StringProtocol) {
        let read = text.utf8.withContiguousStorageIfAvailable { Version(bytes: UnsafeRawBufferPointer($0)) }
        guard let version = read ?? Array(text.utf8).withUnsafeBytes({ Version(bytes: $0) }) else { return nil }
        self = version
    }

    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Version.lengthLimit else { return nil }
        var reader = VersionReader(bytes)
        guard reader.readVersion() else { return nil }
        self.init(reader)
    }

    init(_ reader: VersionReader) {
        self.init(
            key: reader.key, publicCount: reader.publicCount, trailingZeros: reader.trailingZeros,
            isPreRelease: reader.hasPre || reader.hasDev, isPostRelease: reader.hasPost)
    }

    init(key: [UInt8], publicCount: Int, trailingZeros: Int, isPreRelease: Bool, isPostRelease: Bool) {
        self.key = key
        self.publicCount = publicCount
        self.trailingZeros = trailingZeros
        self.isPreRelease = isPreRelease
        self.isPostRelease = isPostRelease
    }

    public var hasLocal: Bool { publicCount < key.count }

    /// Without the local label.
    public var publicVersion: Version {
        guard hasLocal else { return self }
        return Version(
            key: Array(key[..<publicCount]), publicCount: publicCount, trailingZeros: trailingZeros,
            isPreRelease: isPreRelease, isPostRelease: isPostRelease)
    }

    /// The order of two versions, below 0, 0 or above 0; local labels are left out where it is said.
    @inline(__always)
    static func order(_ a: Version, isPublic: Bool = false, _ b: Version) -> Int {
        a.key.withUnsafeBytes { x in
            b.key.withUnsafeBytes { y in
                let count = isPublic ? a.publicCount : x.count
                let order = Int(memcmp(x.baseAddress!, y.baseAddress!, min(count, y.count)))
                return order != 0 ? order : count - y.count
            }
        }
    }
}

extension Version: Comparable, Hashable {
    public static func == (a: Version, b: Version) -> Bool { order(a, b) == 0 }
    public static func < (a: Version, b: Version) -> Bool { order(a, b) < 0 }
    public func hash(into hasher: inout Hasher) { key.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

extension Version: CustomStringConvertible {
    /// The normal form (PEP 440, "Normalization").
    public var description: String { VersionParts(self).description }
}
