import Basics
import FileSystem

/// Names of files that are digests.
enum BlobNames {
    /// `ab/abcdef…`, relative to `sha256/`.
    static func path(_ digest: Digest, suffix: StaticString = "") -> [UInt8] {
        var name: [UInt8] = []
        name.reserveCapacity(Digest.hexCount + 3 + suffix.utf8CodeUnitCount)
        digest.appendHex(to: &name)
        name.insert(contentsOf: [name[0], name[1], UInt8(ascii: "/")], at: 0)
        name.append(contentsOf: UnsafeBufferPointer(start: suffix.utf8Start, count: suffix.utf8CodeUnitCount))
        return name
    }

    /// `abcdef…`
    static func flat(_ digest: Digest) -> [UInt8] {
        var name: [UInt8] = []
        name.reserveCapacity(Digest.hexCount)
        digest.appendHex(to: &name)
        return name
    }

    /// `ab`
    static func folder(_ digest: Digest) -> [UInt8] { Array(flat(digest)[..<2]) }

    /// The digest that a name is; nil for anything but 64 lower-case hex digits.
    static func digest(_ name: UnsafeRawBufferPointer) -> Digest? { Digest(lowercaseHex: name) }
}

/// `ab/abcdef…`, relative to `sha256/`, without an array of it.
struct BlobPath: FileName {
    let digest: Digest
    private static let prefix = 3

    init(_ digest: Digest) { self.digest = digest }

    func withNameBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeTemporaryAllocation(byteCount: BlobPath.prefix + Digest.hexCount, alignment: 8) { name in
            digest.writeHex(to: name.baseAddress! + BlobPath.prefix)
            (name[0], name[1], name[2]) = (name[3], name[4], UInt8(ascii: "/"))
            return try body(UnsafeRawBufferPointer(name))
        }
    }
}
