import Basics
import Compression
import Foundation
import Testing

private let malformed = ChantalError(.malformed, "")
private let tooLarge = ChantalError(.tooLarge, "")

@Test("input that ends anywhere before its end is an error", arguments: readable)
func truncated(format: CompressionFormat) throws {
    let bytes = try tool(command(format), stanzas(40))
    for count in 0..<bytes.count {
        #expect(throws: malformed, "\(count) of \(bytes.count) bytes") {
            try decompress(Array(bytes.prefix(count)), format)
        }
    }
}

@Test("a second member that ends early is an error", arguments: compressed)
func truncatedMember(format: CompressionFormat) throws {
    let one = try tool(command(format), Array("one".utf8))
    for count in 1..<one.count {
        #expect(throws: malformed) { try decompress(one + one.prefix(count), format) }
    }
}

@Test("anything after the end is an error, zeroes too", arguments: readable)
func garbage(format: CompressionFormat) throws {
    let bytes = try tool(command(format), stanzas(10))
    for garbage in [[UInt8]("garbage garbage garbage".utf8), [0], Array(repeating: 0, count: 511)] {
        for size in [1, 1 << 16] {
            #expect(throws: malformed) { try decompress(bytes + garbage, format, by: size) }
        }
    }
}

@Test("a flipped bit never passes as something else", arguments: compressed)
func flipped(format: CompressionFormat) throws {
    let plain = stanzas(60)
    let bytes = try Compressor.compress(plain, format)
    for index in bytes.indices {
        var damaged = bytes
        damaged[index] ^= 0x10
        // Some header bits carry nothing (gzip's mtime and system): then the content must be the same.
        if let result = try? decompress(damaged, format, limit: 1 << 20) { #expect(result == plain, "byte \(index)") }
    }
}

@Test("bytes of another format are refused", arguments: readable)
func otherFormat(format: CompressionFormat) throws {
    for other in readable where other != format {
        let bytes = try tool(command(other), stanzas(100))
        #expect(throws: ChantalError.self, "\(other) as \(format)") { try decompress(bytes, format) }
    }
    #expect(throws: ChantalError.self) { try decompress(stanzas(100), format) }
}

@Test("output stops at one byte above the limit, and nothing above it is handed out")
func limit() throws {
    let plain = stanzas(30_000)
    for format in [CompressionFormat.none] + compressed {
        let bytes = try Compressor.compress(plain, format)
        #expect(try decompress(bytes, format, limit: Int64(plain.count)).count == plain.count)
        let decompressor = try Decompressor(format, limit: Int64(plain.count - 1))
        var handed = 0
        #expect(throws: tooLarge, "\(format)") {
            try bytes.withUnsafeBytes { try decompressor.write($0) { handed += $0.count } }
        }
        #expect(handed < plain.count)
        // The error stays.
        #expect(throws: tooLarge) { try bytes.withUnsafeBytes { try decompressor.write($0) { _ in } } }
        #expect(throws: tooLarge) { try decompressor.finish { _ in } }
    }
}

@Test("a bomb of unknown plain size is cut by its ratio long before its end", arguments: compressed)
func bomb(format: CompressionFormat) throws {
    let zeroes = [UInt8](repeating: 0, count: 64 << 20)
    let bomb = try Compressor.compress(zeroes, format, level: format == .xz ? 0 : 1)
    let decompressor = try Decompressor(format, limit: nil, maxRatio: 100)
    #expect(throws: tooLarge) { try bomb.withUnsafeBytes { try decompressor.write($0) { _ in } } }
    #expect(decompressor.outputBytes < 16 << 20)
    // Ordinary metadata stays far below such a ratio.
    let plain = stanzas(80_000) + stanzas(40_000)
    #expect(plain.count > Decompressor.ratioFloor)
    #expect(try decompress(Compressor.compress(plain, format, level: 1), format, maxRatio: 100) == plain)
}

@Test("zstd windows of 128 MiB are read, larger ones are refused")
func window() throws {
    let plain = stanzas(100)
    #expect(try decompress(tool(command(.zstd, "--long=27"), plain), .zstd) == plain)
    #expect(throws: tooLarge) { try decompress(tool(command(.zstd, "--long=28"), plain), .zstd) }
    #expect(throws: tooLarge) { try decompress(tool(command(.zstd, "--long=31"), plain), .zstd) }
}

@Test("an xz dictionary above the memory limit is refused, that of xz -9 is read")
func dictionary() throws {
    let plain = stanzas(100)
    var bytes = try tool(command(.xz, "-9"), plain)
    #expect(try decompress(bytes, .xz) == plain)
    // Block header after 12 bytes of stream header: size, flags, filter 0x21, one property byte, CRC32 (file format 1.1.0, 3.1).
    let start = 12
    let count = (Int(bytes[start]) + 1) * 4
    let property = try #require((start..<(start + count)).first { bytes[$0] == 0x21 && bytes[$0 + 1] == 1 }) + 2
    bytes[property] = 38  // 2 GiB
    let sum = crc32(bytes[start..<(start + count - 4)])
    for index in 0..<4 { bytes[start + count - 4 + index] = UInt8(truncatingIfNeeded: sum >> (8 * index)) }
    #expect(throws: tooLarge) { try decompress(bytes, .xz) }

    var legacy = try tool(command(.lzma), plain)
    legacy[1...4] = [0, 0, 0, 0x40]  // 1 GiB
    #expect(throws: tooLarge) { try decompress(legacy, .lzma) }
}

/// CRC-32 as in the .xz format (IEEE 802.3), bit by bit.
private func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var value: UInt32 = ~0
    for byte in bytes {
        value ^= UInt32(byte)
        for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }
    return ~value
}

@Test("an error of the receiver passes through unchanged")
func receiver() throws {
    struct Stop: Error {}
    let bytes = try Compressor.compress(stanzas(10), .gzip)
    let decompressor = try Decompressor(.gzip, limit: nil)
    #expect(throws: Stop.self) { try bytes.withUnsafeBytes { try decompressor.write($0) { _ in throw Stop() } } }
}
