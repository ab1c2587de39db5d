import Basics

/// A 128-bit hash of a row's content: within one catalog, equal content has equal hashes.
struct RowHash: Hashable {
    var high: UInt64
    var low: UInt64

    /// As ``bytes`` had it.
    init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        high = bytes.loadUnaligned(as: UInt64.self)
        low = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// SipHash-1-3 with 128 bits of output (J.-P. Aumasson, D. J. Bernstein) and a key that only the catalog knows, so that nobody
/// upstream can make two packages that collide.
struct RowHasher {
    private let k0: UInt64
    private let k1: UInt64

    init() {
        k0 = .random(in: .min ... .max)
        k1 = .random(in: .min ... .max)
    }

    /// With a key of its own.
    init(k0: UInt64, k1: UInt64) {
        self.k0 = k0
        self.k1 = k1
    }

    /// With a key as ``newKey()`` makes it; nil for another text.
    init?(key: String) {
        guard key.utf8.count == 32, let high = UInt64(key.prefix(16), radix: 16),
            let low = UInt64(key.suffix(16), radix: 16)
        else { return nil }
        self.init(k0: high, k1: low)
    }

    /// 32 hex digits.
    static func newKey() -> String {
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        return Hex.string(bytes)
    }

    func hash(_ bytes: UnsafeRawBufferPointer) -> RowHash {
        var v0 = k0 ^ 0x736f_6d65_7073_6575
        var v1 = k1 ^ 0x646f_7261_6e64_6f6d ^ 0xee
        var v2 = k0 ^ 0x6c79_6765_6e65_7261
        var v3 = k1 ^ 0x7465_6462_7974_6573

        @inline(__always)
        func round() {
            v0 &+= v1
            v1 = (v1 << 13 | v1 >> 51) ^ v0
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v3
            v3 = (v3 << 16 | v3 >> 48) ^ v2
            v0 &+= v3
            v3 = (v3 << 21 | v3 >> 43) ^ v0
            v2 &+= v1
            v1 = (v1 << 17 | v1 >> 47) ^ v2
            v2 = v2 << 32 | v2 >> 32
        }

        let whole = bytes.count & ~7
        var position = 0
        while position < whole {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            v3 ^= word
            round()
            v0 ^= word
            position += 8
        }
        var last = UInt64(truncatingIfNeeded: bytes.count) << 56
        var shift: UInt64 = 0
        while position < bytes.count {
            last |= UInt64(bytes[position]) << shift
            shift += 8
            position += 1
        }
        v3 ^= last
        round()
        v0 ^= last
        v2 ^= 0xee
        round()
        round()
        round()
        let first = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        round()
        round()
        round()
        return RowHash(high: first, low: v0 ^ v1 ^ v2 ^ v3)
    }
}
