public import Basics

/// MD5 (RFC 1321) of several files side by side: one file's steps wait for each other, those of different files do not.
///
/// Three times as fast as one after the other (libcrypto has nothing like it), and as many mirrored files declare MD5 beside SHA-256.
public enum MD5Lanes {
    /// How many files are worked on at once.
    public static let count = 8

    /// The checksums of bytes that are all there, in their order.
    public static func checksums(of files: [UnsafeRawBufferPointer]) -> [Checksum] {
        var results = [Checksum?](repeating: nil, count: files.count)
        withUnsafeTemporaryAllocation(byteCount: count * Lane.tailSize, alignment: 16) { tails in
            var state = MD5State()
            // The longest first, so that the lanes end together.
            var waiting = files.indices.sorted { files[$0].count < files[$1].count }
            var lanes: [Lane] = []
            for index in 0..<min(count, files.count) {
                let tail = UnsafeMutableRawBufferPointer(
                    rebasing: tails[index * Lane.tailSize..<(index + 1) * Lane.tailSize])
                let file = waiting.removeLast()
                lanes.append(Lane(file: file, files[file], tail))
            }
            while let blocks = lanes.lazy.filter({ $0.blocks > 0 }).map(\.blocks).min() {
                // A lane without work reads what another one reads.
                let spare = lanes.first { $0.blocks > 0 }!.next
                state.add(
                    MD5State.Sources { $0 < lanes.count && lanes[$0].blocks > 0 ? lanes[$0].next : spare },
                    blocks: blocks)
                for index in lanes.indices where lanes[index].blocks > 0 && lanes[index].advance(blocks) {
                    results[lanes[index].file] = Checksum(.md5, bytes: state.digest(of: index))
                    guard let file = waiting.popLast() else { continue }
                    state.start(index)
                    lanes[index] = Lane(file: file, files[file], lanes[index].tail)
                }
            }
        }
        return results.map { checksum in
            guard let checksum else { preconditionFailure("a file was left out") }
            return checksum
        }
    }

    /// One file on its way: first its whole blocks, then what is left of it with the padding.
    private struct Lane {
        /// Two blocks: what is left of a file, the bit 1, zeros, and the length.
        static let tailSize = 128

        let file: Int
        let tail: UnsafeMutableRawBufferPointer
        private(set) var next: UnsafeRawPointer
        private(set) var blocks: Int
        private var tailBlocks: Int

        init(file: Int, _ bytes: UnsafeRawBufferPointer, _ tail: UnsafeMutableRawBufferPointer) {
            self.file = file
            self.tail = tail
            let left = bytes.count % MD5State.blockSize
            tailBlocks = left < MD5State.blockSize - 8 ? 1 : 2
            let end = tailBlocks * MD5State.blockSize
            tail.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.suffix(left)))
            for index in left..<end { tail[index] = 0 }
            tail[left] = 0x80
            tail.storeBytes(of: UInt64(bytes.count &* 8).littleEndian, toByteOffset: end - 8, as: UInt64.self)
            blocks = bytes.count / MD5State.blockSize
            next = bytes.baseAddress ?? UnsafeRawPointer(tail.baseAddress!)
            if blocks == 0 { beginTail() }
        }

        private mutating func beginTail() {
            next = UnsafeRawPointer(tail.baseAddress!)
            (blocks, tailBlocks) = (tailBlocks, 0)
        }

        /// Goes on by so many blocks, and says whether the file is at its end.
        mutating func advance(_ count: Int) -> Bool {
            next += count * MD5State.blockSize
            blocks -= count
            if blocks > 0 { return false }
            if tailBlocks == 0 { return true }
            beginTail()
            return false
        }
    }
}

/// The four words of eight computations.
private struct MD5State {
    typealias Words = SIMD8<UInt32>
    typealias Sources = InlineArray<8, UnsafeRawPointer>

    static let blockSize = 64

    private var a = Words(repeating: 0x6745_2301)
    private var b = Words(repeating: 0xefcd_ab89)
    private var c = Words(repeating: 0x98ba_dcfe)
    private var d = Words(repeating: 0x1032_5476)

    mutating func start(_ lane: Int) {
        let fresh = MD5State()
        a[lane] = fresh.a[0]
        b[lane] = fresh.b[0]
        c[lane] = fresh.c[0]
        d[lane] = fresh.d[0]
    }

    func digest(of lane: Int) -> [UInt8] {
        [a[lane], b[lane], c[lane], d[lane]].flatMap { word in
            withUnsafeBytes(of: word.littleEndian) { Array($0) }
        }
    }

    /// RFC 1321, 3.4: so many blocks of each source.
    mutating func add(_ sources: Sources, blocks: Int) {
        var (a, b, c, d) = (a, b, c, d)
        withUnsafeTemporaryAllocation(of: Words.self, capacity: 16) { m in
            for block in 0..<blocks {
                MD5State.load(sources, at: block &* MD5State.blockSize, into: m)
                let before = (a, b, c, d)
                for i in stride(from: 0, to: 16, by: 4) {
                    step(&a, b, (b & c) | (~b & d), m[i], MD5State.sines[i], 7)
                    step(&d, a, (a & b) | (~a & c), m[i &+ 1], MD5State.sines[i &+ 1], 12)
                    step(&c, d, (d & a) | (~d & b), m[i &+ 2], MD5State.sines[i &+ 2], 17)
                    step(&b, c, (c & d) | (~c & a), m[i &+ 3], MD5State.sines[i &+ 3], 22)
                }
                for i in stride(from: 0, to: 16, by: 4) {
                    step(&a, b, (b & d) | (c & ~d), m[(5 &* i &+ 1) & 15], MD5State.sines[i &+ 16], 5)
                    step(&d, a, (a & c) | (b & ~c), m[(5 &* i &+ 6) & 15], MD5State.sines[i &+ 17], 9)
                    step(&c, d, (d & b) | (a & ~b), m[(5 &* i &+ 11) & 15], MD5State.sines[i &+ 18], 14)
                    step(&b, c, (c & a) | (d & ~a), m[(5 &* i) & 15], MD5State.sines[i &+ 19], 20)
                }
                for i in stride(from: 0, to: 16, by: 4) {
                    step(&a, b, b ^ c ^ d, m[(3 &* i &+ 5) & 15], MD5State.sines[i &+ 32], 4)
                    step(&d, a, a ^ b ^ c, m[(3 &* i &+ 8) & 15], MD5State.sines[i &+ 33], 11)
                    step(&c, d, d ^ a ^ b, m[(3 &* i &+ 11) & 15], MD5State.sines[i &+ 34], 16)
                    step(&b, c, c ^ d ^ a, m[(3 &* i &+ 14) & 15], MD5State.sines[i &+ 35], 23)
                }
                for i in stride(from: 0, to: 16, by: 4) {
                    step(&a, b, c ^ (b | ~d), m[(7 &* i) & 15], MD5State.sines[i &+ 48], 6)
                    step(&d, a, b ^ (a | ~c), m[(7 &* i &+ 7) & 15], MD5State.sines[i &+ 49], 10)
                    step(&c, d, a ^ (d | ~b), m[(7 &* i &+ 14) & 15], MD5State.sines[i &+ 50], 15)
                    step(&b, c, d ^ (c | ~a), m[(7 &* i &+ 5) & 15], MD5State.sines[i &+ 51], 21)
                }
                a = before.0 &+ a
                b = before.1 &+ b
                c = before.2 &+ c
                d = before.3 &+ d
            }
        }
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    @inline(__always)
    private func step(_ a: inout Words, _ b: Words, _ mixed: Words, _ m: Words, _ sine: UInt32, _ count: UInt32) {
        let sum = a &+ mixed &+ m &+ Words(repeating: sine)
        // With + in the place of |, as the compiler makes scalar code of what it knows for a rotation.
        a = b &+ ((sum &<< Words(repeating: count)) &+ (sum &>> Words(repeating: 32 &- count)))
    }

    /// The sixteen words of each source's block, word by word.
    @inline(__always)
    private static func load(_ sources: Sources, at offset: Int, into words: UnsafeMutableBufferPointer<Words>) {
        for i in stride(from: 0, to: 16, by: 4) {
            @inline(__always)
            func four(_ lane: Int) -> Four {
                sources[lane].loadUnaligned(fromByteOffset: offset &+ i &* 4, as: Four.self)
            }
            let low = transposed(four(0), four(1), four(2), four(3))
            let high = transposed(four(4), four(5), four(6), four(7))
            words[i] = Words(lowHalf: low.0, highHalf: high.0)
            words[i &+ 1] = Words(lowHalf: low.1, highHalf: high.1)
            words[i &+ 2] = Words(lowHalf: low.2, highHalf: high.2)
            words[i &+ 3] = Words(lowHalf: low.3, highHalf: high.3)
        }
    }

    private typealias Four = SIMD4<UInt32>

    @inline(__always)
    private static func transposed(_ a: Four, _ b: Four, _ c: Four, _ d: Four) -> (Four, Four, Four, Four) {
        let (ab0, ab1) = (Four(a[0], b[0], a[1], b[1]), Four(a[2], b[2], a[3], b[3]))
        let (cd0, cd1) = (Four(c[0], d[0], c[1], d[1]), Four(c[2], d[2], c[3], d[3]))
        return (
            Four(lowHalf: ab0.lowHalf, highHalf: cd0.lowHalf), Four(lowHalf: ab0.highHalf, highHalf: cd0.highHalf),
            Four(lowHalf: ab1.lowHalf, highHalf: cd1.lowHalf), Four(lowHalf: ab1.highHalf, highHalf: cd1.highHalf)
        )
    }

    /// 2^32 times the absolute value of sin(i), i from 1 to 64 in radians.
    private static let sines: InlineArray<64, UInt32> = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ]
}
