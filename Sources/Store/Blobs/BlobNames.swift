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
        guard name.count == Digest.hexCount else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        guard let a = word(name, 0), let b = word(name, 16), let c = word(name, 32), let d = word(name, 48) else {
            return nil
        }
        words = (a.bigEndian, b.bigEndian, c.bigEndian, d.bigEndian)
        return withUnsafeBytes(of: &words) { Digest(bytes: $0) }
    }

    @inline(__always)
    private static func word(_ name: UnsafeRawBufferPointer, _ offset: Int) -> UInt64? {
        guard let high = half(name, offset), let low = half(name, offset + 8) else { return nil }
        return high << 32 | low
    }

    /// The value of eight lower-case hex digits, all at once: a manifest has millions.
    @inline(__always)
    private static func half(_ name: UnsafeRawBufferPointer, _ offset: Int) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let text = UInt64(littleEndian: name.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let nibbles = (text & (ones &* 0x0f)) &+ ((text >> 6) & ones) &* 9
        let letters = ((nibbles &+ ones &* 6) >> 4) & ones
        // Written again, the digits must be what was read.
        guard nibbles & (ones &* 0xf0) == 0, nibbles &+ ones &* 0x30 &+ letters &* 0x27 == text else { return nil }
        var value = nibbles.byteSwapped
        value = (value | value >> 4) & 0x00ff_00ff_00ff_00ff
        value = (value | value >> 8) & 0x0000_ffff_0000_ffff
        return (value | value >> 16) & 0xffff_ffff
    }
}
