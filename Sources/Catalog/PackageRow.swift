public import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A package as a repository's metadata lists it.
public struct PackageRow: Sendable, Hashable {
    public var name: String
    public var version: String
    /// Empty where the format has none.
    public var architecture: String
    /// What the repository divides its packages by, such as `bookworm/main`; empty for none.
    public var group: String
    /// One line on what it is; may be empty.
    public var summary: String
    /// The blob; nil when the file is not mirrored.
    public var digest: Digest?
    /// The path within the repository.
    public var path: String
    /// Bytes of the file.
    public var size: Int64
    /// Upstream's declared checksum when it is not a SHA-256.
    public var alias: Checksum?
    /// Names that it provides beside its own, separated by blanks.
    public var provides: String
    /// Paths that it installs, as far as the list of packages itself names them; separated by line breaks.
    public var files: String
    /// The name of its source package; empty if there is none, or if it is the package's own.
    public var source: String
    /// A URL; empty for none.
    public var homepage: String

    public init(
        name: String, version: String, architecture: String = "", group: String = "", summary: String = "",
        digest: Digest?, path: String, size: Int64, alias: Checksum? = nil, provides: String = "", files: String = "",
        source: String = "", homepage: String = ""
    ) {
        self.name = name
        self.version = version
        self.architecture = architecture
        self.group = group
        self.summary = summary
        self.digest = digest
        self.path = path
        self.size = size
        self.alias = alias
        self.provides = provides
        self.files = files
        self.source = source
        self.homepage = homepage
    }

    /// A copy of what lies in bytes; invalid UTF-8 becomes replacement characters.
    public init(_ fields: PackageFields) {
        self.init(
            name: fields.name.text, version: fields.version.text, architecture: fields.architecture.text,
            group: fields.group.text, summary: fields.summary.text, digest: fields.digest, path: fields.path.text,
            size: fields.size, alias: fields.alias, provides: fields.provides.text, files: fields.files.text,
            source: fields.source.text, homepage: fields.homepage.text)
    }
}

extension PackageRow: Comparable {
    /// The order in which a catalog hands packages out: by name without regard to the case of ASCII letters, then by the bytes
    /// of name, architecture, version (as text), group and path.
    public static func < (a: PackageRow, b: PackageRow) -> Bool {
        let folded = ByteOrder.compare(a.name, b.name, folding: true)
        if folded != 0 { return folded < 0 }
        for field in [\PackageRow.name, \.architecture, \.version, \.group, \.path] {
            let order = ByteOrder.compare(a[keyPath: field], b[keyPath: field])
            if order != 0 { return order < 0 }
        }
        return false
    }
}

/// Order of texts by their UTF-8 bytes, as SQLite's BINARY and NOCASE collations have it.
enum ByteOrder {
    /// Below, at or above zero as memcmp(3).
    static func compare(_ a: String, _ b: String, folding: Bool = false) -> Int {
        var (a, b) = (a, b)
        return a.withUTF8 { x in
            b.withUTF8 { y in compare(UnsafeRawBufferPointer(x), UnsafeRawBufferPointer(y), folding: folding) }
        }
    }

    /// - Parameter folding: takes ASCII letters of both cases for the same.
    static func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, folding: Bool = false) -> Int {
        let shared = min(a.count, b.count)
        guard shared > 0, let x = a.baseAddress, let y = b.baseAddress else { return a.count - b.count }
        if !folding {
            let order = memcmp(x, y, shared)
            return order == 0 ? a.count - b.count : Int(order)
        }
        for index in 0..<shared where a[index] != b[index] {
            let (x, y) = (a[index].asciiLowercased, b[index].asciiLowercased)
            if x != y { return x < y ? -1 : 1 }
        }
        return a.count - b.count
    }
}
