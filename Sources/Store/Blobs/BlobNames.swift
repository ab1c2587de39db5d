import Basics

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
    static func digest(_ name: UnsafeRawBufferPointer) -> Digest? {
        guard name.count == Digest.hexCount, !name.contains(where: { (0x41...0x46).contains($0) }) else { return nil }
        return Digest(hex: name)
    }
}
