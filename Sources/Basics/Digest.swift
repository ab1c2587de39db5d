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
        guard hex.count == Digest.hexCount else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        func word(_ start: Int) -> UInt64? {
            var value: UInt64 = 0
            for index in start..<(start + 16) {
                guard let digit = Hex.value(hex[index]) else { return nil }
                value = value << 4 | UInt64(digit)
            }
            return value
        }
        guard let a = word(0), let b = word(16), let c = word(32), let d = word(48) else { return nil }
        words = (a, b, c, d)
        (w0, w1, w2, w3) = words
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
            write(to: buffer.baseAddress!)
            return Digest.hexCount
        }
    }

    /// Appends the 64 lower-case hex digits.
    public func appendHex(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Digest.hexCount) { buffer in
            write(to: buffer.baseAddress!)
            bytes.append(contentsOf: buffer)
        }
    }

    private func write(to target: UnsafeMutablePointer<UInt8>) {
        var position = 0
        for word in [w0, w1, w2, w3] {
            var shift: UInt64 = 64
            while shift > 0 {
                shift -= 4
                target[position] = Hex.digit(UInt8(truncatingIfNeeded: word >> shift) & 15)
                position += 1
            }
        }
    }
}

extension Digest: CustomStringConvertible {
    public var description: String { hex }
}
