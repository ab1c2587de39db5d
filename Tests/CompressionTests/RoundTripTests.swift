import Basics
import Compression
import Foundation
import Testing

@Test("what the real tools compress is read", arguments: readable)
func readsTools(format: CompressionFormat) throws {
    for plain in [[], [0x61], stanzas(20_000)] {
        let bytes = try tool(command(format), plain)
        #expect(try decompress(bytes, format) == plain)
        if plain.count < 100 || format == .zstd { #expect(try decompress(bytes, format, by: 1) == plain) }
    }
}

@Test("what is compressed here, the real tools read", arguments: compressed)
func toolsRead(format: CompressionFormat) throws {
    for plain in [[], [0x61], stanzas(20_000)] {
        let bytes = try Compressor.compress(plain, format)
        #expect(try tool(command(format, "-d"), bytes) == plain)
        #expect(try Decompressor.decompress(bytes, format, limit: Int64(plain.count)) == plain)
    }
}

@Test("compressing is deterministic and does not depend on how the input is cut", arguments: compressed)
func deterministic(format: CompressionFormat) throws {
    let plain = stanzas(6000)
    for level in [1, 6, 9] {
        let whole = try Compressor.compress(plain, format, level: level)
        for size in [1000, 65_537, 300_001] {
            #expect(try compress(plain, format, level: level, by: size) == whole, "level \(level), pieces of \(size)")
        }
        #expect(whole.count < plain.count / 2)
        #expect(try decompress(whole, format) == plain)
    }
}

@Test("gzip carries no name and no time")
func gzipHeader() throws {
    let bytes = try Compressor.compress(Array("x".utf8), .gzip)
    #expect(Array(bytes[0..<8]) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
}

@Test("members after each other are read as one, wherever the input is cut", arguments: compressed)
func concatenated(format: CompressionFormat) throws {
    let parts: [[UInt8]] = [Array("first\n".utf8), [], stanzas(3000), Array("last\n".utf8)]
    var bytes: [UInt8] = []
    for part in parts { bytes += try tool(command(format), part) }
    for size in [1, 7, 4096, 1 << 20] {
        #expect(try decompress(bytes, format, by: size) == parts.flatMap { $0 }, "pieces of \(size)")
    }
}

@Test("padding between .xz streams is read, as the format says")
func xzPadding() throws {
    let one = try tool(command(.xz), Array("one".utf8))
    #expect(try decompress(one + [0, 0, 0, 0] + one + [0, 0, 0, 0], .xz) == Array("oneone".utf8))
    #expect(throws: ChantalError(.malformed, "")) { try decompress(one + [0, 0, 0], .xz) }
}

@Test("zstd: skippable frames and frames without content size are read")
func zstdFrames() throws {
    let plain = stanzas(5000)
    let bytes = try tool(command(.zstd, "--no-content-size"), plain)
    let skippable: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
    #expect(try decompress(bytes, .zstd) == plain)
    #expect(try decompress(skippable + bytes + skippable + bytes, .zstd) == plain + plain)
}

@Test("formats follow the end of a name, and only that")
func names() {
    let table: [(String, CompressionFormat)] = [
        ("Packages", .none), ("Packages.gz", .gzip), ("Packages.xz", .xz), ("Packages.zst", .zstd),
        ("Packages.bz2", .bzip2), ("Packages.lzma", .lzma), ("a.gz.txt", .none), ("gz", .none), (".gz", .none),
        ("x.GZ", .none), ("", .none), ("x.gzz", .none), ("dir.xz/file", .none),
    ]
    for (name, format) in table { #expect(CompressionFormat.ofName(name) == format, "\(name)") }
}

@Test("the plain form is the cheapest to read, then zstd, gzip, xz, bzip2")
func costs() {
    let order: [CompressionFormat] = [.none, .zstd, .gzip, .xz, .lzma, .bzip2]
    #expect(CompressionFormat.allCases.sorted { $0.decodeCost < $1.decodeCost } == order)
}

@Test("levels that a format does not have are refused, and lzma is not written")
func levels() {
    for (format, level) in [(CompressionFormat.gzip, 0), (.gzip, 10), (.xz, 10), (.zstd, 23), (.bzip2, 0)] {
        #expect(throws: ChantalError(.config, "")) { try Compressor(format, level: level) }
    }
    #expect(throws: ChantalError(.config, "")) { try Compressor(.lzma) }
}
