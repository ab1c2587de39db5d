/// BLAKE2b without key (RFC 7693), for output sizes that libcrypto does not have.
struct BLAKE2b {
    private typealias Words = InlineArray<16, UInt64>

    private static let initial: InlineArray<8, UInt64> = [
        0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
    ]

    /// The message schedule of the ten rounds; rounds 10 and 11 are rounds 0 and 1 again.
    private static let schedule: InlineArray<10, InlineArray<16, Int>> = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ]

    private static let blockCount = 128

    private let outputCount: Int
    private var state: InlineArray<8, UInt64>
    private var counted: UInt64 = 0
    private var pending: InlineArray<128, UInt8> = .init(repeating: 0)
    private var pendingCount = 0

    /// - Parameter outputCount: bytes of the digest, 1 to 64.
    init(outputCount: Int) {
        precondition((1...64).contains(outputCount))
        self.outputCount = outputCount
        state = BLAKE2b.start(outputCount)
    }

    private static func start(_ outputCount: Int) -> InlineArray<8, UInt64> {
        var state = initial
        state[0] ^= 0x0101_0000 ^ UInt64(outputCount)  // fan-out 1, depth 1, no key
        return state
    }

    mutating func reset() {
        state = BLAKE2b.start(outputCount)
        counted = 0
        pendingCount = 0
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while position < bytes.count {
            // The last block is compressed by `finish` with the final flag, so a full one waits for the next byte.
            if pendingCount == BLAKE2b.blockCount { compressPending(isLast: false) }
            if pendingCount == 0 {
                while bytes.count - position > BLAKE2b.blockCount {
                    counted &+= UInt64(BLAKE2b.blockCount)
                    compress(UnsafeRawBufferPointer(rebasing: bytes[position..<(position + 128)]), isLast: false)
                    position += BLAKE2b.blockCount
                }
            }
            let count = min(BLAKE2b.blockCount - pendingCount, bytes.count - position)
            for index in 0..<count { pending[pendingCount + index] = bytes[position + index] }
            pendingCount += count
            position += count
        }
    }

    mutating func finish() -> [UInt8] {
        for index in pendingCount..<BLAKE2b.blockCount { pending[index] = 0 }
        compressPending(isLast: true)
        var result: [UInt8] = []
        result.reserveCapacity(64)
        for index in 0..<8 { withUnsafeBytes(of: state[index].littleEndian) { result.append(contentsOf: $0) } }
        reset()
        return Array(result.prefix(outputCount))
    }

    private mutating func compressPending(isLast: Bool) {
        counted &+= UInt64(pendingCount)
        let block = pending
        withUnsafeBytes(of: block) { compress($0, isLast: isLast) }
        pendingCount = 0
    }

    private mutating func compress(_ block: UnsafeRawBufferPointer, isLast: Bool) {
        var m = Words(repeating: 0)
        for index in 0..<16 {
            m[index] = UInt64(littleEndian: block.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        var v = Words(repeating: 0)
        for index in 0..<8 {
            v[index] = state[index]
            v[index + 8] = BLAKE2b.initial[index]
        }
        v[12] ^= counted
        if isLast { v[14] = ~v[14] }
        for round in 0..<12 {
            let s = BLAKE2b.schedule[round % 10]
            BLAKE2b.mix(&v, 0, 4, 8, 12, m[s[0]], m[s[1]])
            BLAKE2b.mix(&v, 1, 5, 9, 13, m[s[2]], m[s[3]])
            BLAKE2b.mix(&v, 2, 6, 10, 14, m[s[4]], m[s[5]])
            BLAKE2b.mix(&v, 3, 7, 11, 15, m[s[6]], m[s[7]])
            BLAKE2b.mix(&v, 0, 5, 10, 15, m[s[8]], m[s[9]])
            BLAKE2b.mix(&v, 1, 6, 11, 12, m[s[10]], m[s[11]])
            BLAKE2b.mix(&v, 2, 7, 8, 13, m[s[12]], m[s[13]])
            BLAKE2b.mix(&v, 3, 4, 9, 14, m[s[14]], m[s[15]])
        }
        for index in 0..<8 { state[index] ^= v[index] ^ v[index + 8] }
    }

    @inline(__always)
    private static func mix(
        _ v: inout Words, _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ x: UInt64, _ y: UInt64
    ) {
        v[a] = v[a] &+ v[b] &+ x
        v[d] = rotate(v[d] ^ v[a], 32)
        v[c] = v[c] &+ v[d]
        v[b] = rotate(v[b] ^ v[c], 24)
        v[a] = v[a] &+ v[b] &+ y
        v[d] = rotate(v[d] ^ v[a], 16)
        v[c] = v[c] &+ v[d]
        v[b] = rotate(v[b] ^ v[c], 63)
    }

    @inline(__always)
    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 { word &>> count | word &<< (64 &- count) }
}
