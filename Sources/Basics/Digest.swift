/// A SHA-256 digest (FIPS 180-4): the identity of a blob, a manifest or a tree.
///
/// Ordered and compared by its 32 bytes, big-endian, so the order is that of its lower-case hex form.
public struct Digest: Hashable, Comparable, Sendable {
    private let w0: UInt64
    private let w1: UInt64
    private let w2: UInt64
    private let w3: UInt64

    /// Number of bytes of a digest.
    public static let byteCount = 32
    /// Number of characters of its hex form.
    public static let hexCount = 64

    /// Takes 32 bytes as libcrypto gives them; nil if there are not exactly 32.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Digest.byteCount else { return nil }
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        (w0, w1, w2, w3) = (word(0), word(1), word(2), word(3))
    }

    /// Takes 64 hex digits (either case); nil for anything else.
    public init?(hex: UnsafeRawBufferPointer) {
        if let digest = Digest(lowercaseHex: hex) {
            self = digest
            return
        }
        guard hex.count == Digest.hexCount else { return nil }
        func word(_ start: Int) -> UInt64? {
            var value: UInt64 = 0
            for index in start..<(start + 16) {
                guard let digit = Hex.value(hex[index]) else { return nil }
                value = value << 4 | UInt64(digit)
            }
            return value
        }
        guard let a = word(0), let b = word(16), let c = word(32), let d = word(48) else { return nil }
        (w0, w1, w2, w3) = (a, b, c, d)
    }

    /// Takes 64 hex digits in lower case; nil for anything else.
    public init?(lowercaseHex hex: UnsafeRawBufferPointer) {
        guard hex.count == Digest.hexCount, let a = HexWord.read(hex, 0), let b = HexWord.read(hex, 16),
            let c = HexWord.read(hex, 32), let d = HexWord.read(hex, 48)
        else { return nil }
        (w0, w1, w2, w3) = (a, b, c, d)
    }

    public init?(hex: String) {
        var text = hex
        guard let digest = text.withUTF8({ Digest(hex: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = digest
    }

    public static func < (a: Digest, b: Digest) -> Bool {
        if a.w0 != b.w0 { return a.w0 < b.w0 }
        if a.w1 != b.w1 { return a.w1 < b.w1 }
        if a.w2 != b.w2 { return a.w2 < b.w2 }
        return a.w3 < b.w3
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(w0)  // any 64 bits of a SHA-256 are as good as all
    }

    /// The 32 bytes, big-endian.
    public var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Digest.byteCount)
        for word in [w0, w1, w2, w3] { withUnsafeBytes(of: word.bigEndian) { result.append(contentsOf: $0) } }
        return result
    }

    /// Hands over the 32 bytes, big-endian, without making an array of them.
    @inline(__always)
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: (w0.bigEndian, w1.bigEndian, w2.bigEndian, w3.bigEndian)) { try body($0) }
    }

    /// 64 lower-case hex digits.
    public var hex: String {
        String(unsafeUninitializedCapacity: Digest.hexCount) { buffer in
            writeHex(to: UnsafeMutableRawPointer(buffer.baseAddress!))
            return Digest.hexCount
        }
    }

    /// Appends the 64 lower-case hex digits.
    public func appendHex(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: Digest.hexCount, alignment: 8) { buffer in
            writeHex(to: buffer.baseAddress!)
            bytes.append(contentsOf: buffer)
        }
    }

    /// Writes the 64 lower-case hex digits into memory that has room for them.
    public func writeHex(to target: UnsafeMutableRawPointer) {
        HexWord.write(w0, to: target)
        HexWord.write(w1, to: target + 16)
        HexWord.write(w2, to: target + 32)
        HexWord.write(w3, to: target + 48)
    }
}

/// 64 bits as 16 lower-case hex digits, eight of them at once: a manifest has millions.
private enum HexWord {
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    @inline(__always)
    static func read(_ text: UnsafeRawBufferPointer, _ offset: Int) -> UInt64? {
        guard let high = half(text, offset), let low = half(text, offset + 8) else { return nil }
        return high << 32 | low
    }

    @inline(__always)
    private static func half(_ text: UnsafeRawBufferPointer, _ offset: Int) -> UInt64? {
        let text = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let nibbles = (text & (ones &* 0x0f)) &+ ((text >> 6) & ones) &* 9
        // Written again, the digits must be what was read.
        guard nibbles & (ones &* 0xf0) == 0, digits(nibbles) == text else { return nil }
        var value = nibbles.byteSwapped
        value = (value | value >> 4) & 0x00ff_00ff_00ff_00ff
        value = (value | value >> 8) & 0x0000_ffff_0000_ffff
        return (value | value >> 16) & 0xffff_ffff
    }

    @inline(__always)
    static func write(_ word: UInt64, to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: half(word >> 32), as: UInt64.self)
        target.storeBytes(of: half(word & 0xffff_ffff), toByteOffset: 8, as: UInt64.self)
    }

    @inline(__always)
    private static func half(_ value: UInt64) -> UInt64 {
        var nibbles = (value | value << 16) & 0x0000_ffff_0000_ffff
        nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff
        nibbles = (nibbles | nibbles << 4) & (ones &* 0x0f)
        return digits(nibbles).bigEndian
    }

    /// The digits of eight values from 0 to 15, a byte each.
    @inline(__always)
    private static func digits(_ nibbles: UInt64) -> UInt64 {
        let letters = ((nibbles &+ ones &* 6) >> 4) & ones
        return nibbles &+ ones &* 0x30 &+ letters &* 0x27
    }
}

extension Digest: CustomStringConvertible {
    public var description: String { hex }
}
