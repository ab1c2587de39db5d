import Basics
import Foundation
import TestSupport
import Testing

@testable import Compression

/// A gzip member in its parts.
private struct Member {
    var header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
    var body: [UInt8]
    var trailer: [UInt8]
    let plain: [UInt8]

    var bytes: [UInt8] { header + body + trailer }

    init(_ plain: [UInt8]) throws {
        self.plain = plain
        let bytes = try tool(command(.gzip, "-n"), plain)
        body = Array(bytes[10..<(bytes.count - 8)])
        trailer = Array(bytes.suffix(8))
    }

    /// Fields of RFC 1952, 2.3.1, in the order they have in the file.
    func with(extra: [UInt8]?, name: String?, comment: String?, checksum: Bool) -> Member {
        var member = self
        if let extra { member.header += [UInt8(extra.count & 0xff), UInt8(extra.count >> 8)] + extra }
        if let name { member.header += Array(name.utf8) + [0] }
        if let comment { member.header += Array(comment.utf8) + [0] }
        member.header[3] =
            (extra == nil ? 0 : 4) | (name == nil ? 0 : 8) | (comment == nil ? 0 : 16) | (checksum ? 2 : 0)
        if checksum {
            let sum = member.header.withUnsafeBytes { crc32(of: $0, after: 0) }
            member.header += [UInt8(sum & 0xff), UInt8(sum >> 8 & 0xff)]
        }
        return member
    }
}

/// What a decoder says of bytes that come in pieces, at most so many bytes of output at a time.
private func outcome(_ decoder: GzipDecoder, _ bytes: [UInt8], by size: Int, room: Int = 1 << 17) throws -> Outcome {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
    defer { buffer.deallocate() }
    var plain: [UInt8] = []
    do {
        for start in stride(from: 0, to: bytes.count, by: size) {
            try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes {
                try decoder.feed($0, buffer) { plain.append(contentsOf: $1) }
            }
        }
        try decoder.drain(buffer) { plain.append(contentsOf: $1) }
    } catch let error as ChantalError { return .refused(error.message) }
    return decoder.isComplete ? .plain(plain) : .refused("early")
}

private enum Outcome: Equatable {
    case plain([UInt8])
    case refused(String)
}

@Test("gzip: all fields that a header may have are passed over, wherever the input is cut")
func gzipFields() throws {
    let member = try Member(stanzas(20))
    for flags in 0..<16 {
        for extra in [[], [UInt8](repeating: 7, count: 300)] {
            let other = member.with(
                extra: flags & 1 == 0 ? nil : extra, name: flags & 2 == 0 ? nil : "Packages",
                comment: flags & 4 == 0 ? nil : "", checksum: flags & 8 != 0)
            for size in [1, 2, 3, 11, 1 << 16] {
                let plain = try decompress(other.bytes + other.bytes, .gzip, by: size)
                #expect(plain == member.plain + member.plain, "flags \(flags), pieces of \(size)")
            }
        }
    }
}

@Test("gzip: what is wrong with a header or a trailer is said, in a later member too")
func gzipReasons() throws {
    let good = try Member(stanzas(20))
    func damaged(_ change: (inout Member) -> Void) -> Member {
        var member = good
        change(&member)
        return member
    }
    let summed = good.with(extra: [1, 2, 3], name: "x", comment: "y", checksum: true)
    var table: [(Member, String)] = [
        (damaged { $0.header[0] = 0 }, "incorrect header check"),
        (damaged { $0.header[1] = 0x8c }, "incorrect header check"),
        (damaged { $0.header[2] = 7 }, "unknown compression method"),
        (damaged { $0.trailer[4] ^= 1 }, "incorrect length check"),
    ]
    for bit in 5..<8 { table.append((damaged { $0.header[3] |= 1 << bit }, "unknown header flags set")) }
    for index in 0..<4 { table.append((damaged { $0.trailer[index] ^= 0x80 }, "incorrect data check")) }
    for index in 4..<8 { table.append((damaged { $0.trailer[index] ^= 0x80 }, "incorrect length check")) }
    for index in [4, 13, 16, 18, 20] {
        var member = summed
        member.header[index] ^= 1
        table.append((member, "header crc mismatch"))
    }
    for (member, reason) in table {
        for size in [1, 1 << 16] {
            func message(_ bytes: [UInt8]) -> String? {
                do { _ = try decompress(bytes, .gzip, by: size) } catch { return (error as? ChantalError)?.message }
                return nil
            }
            #expect(message(member.bytes) == "the gzip data is damaged (\(reason))")
            let inTrailer = member.trailer != good.trailer
            #expect(
                message(good.bytes + member.bytes)
                    == (inTrailer
                        ? "the gzip data is damaged (\(reason))"
                        : "what follows the end of the gzip data is not gzip (\(reason))"))
        }
    }
}

@Test("gzip: DEFLATE without a header and zlib's own format are refused")
func gzipOnly() throws {
    let member = try Member(stanzas(20))
    #expect(throws: ChantalError(.malformed, "")) { try decompress(member.body, .gzip) }
    #expect(throws: ChantalError(.malformed, "")) { try decompress([0x78, 0x9c] + member.body + [0, 0, 0, 0], .gzip) }
}

@Test("gzip: what the decoder of this machine says of whole and of damaged files, zlib says too")
func gzipAgreement() throws {
    var random = SeededGenerator(seed: 1)
    let plains = [[], [0x61], stanzas(3), stanzas(60), stanzas(1500), [UInt8](repeating: 0, count: 150_000)]
    let files = try plains.flatMap { plain in
        try [1, 6, 9].map { try Compressor.compress(plain, .gzip, level: $0) }
    }
    var (whole, refused) = (0, 0)
    for number in 0..<1500 {
        var bytes = files[number % files.count] + (number % 5 == 0 ? files[number % 7] : [])
        for _ in 0..<(number % 4) {
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeLast(Int.random(in: 0..<min(20, bytes.count), using: &random))
            case 1: bytes.remove(at: Int.random(in: 0..<bytes.count, using: &random))
            default: bytes[Int.random(in: 0..<min(bytes.count, 400), using: &random)] ^= 1 << (number % 8)
            }
        }
        let sizes = [1 << 16, Int.random(in: 1...(bytes.count + 1), using: &random), bytes.count < 3000 ? 1 : 777]
        let rooms = [1 << 17, 4096, 70_000]
        let zlib = try outcome(GzipDecoder(ZlibInflater()), bytes, by: 1 << 16)
        for (size, room) in zip(sizes, rooms) {
            let own = try outcome(GzipDecoder(), bytes, by: size, room: room)
            switch (own, zlib) {
            case (.plain, .plain): #expect(own == zlib, "pieces of \(size): \(bytes)")
            case (.refused, .plain): Issue.record("refused, pieces of \(size): \(own), \(bytes)")
            case (.refused, .refused): break
            case (.plain, .refused(let reason)):
                // ISA-L takes sets of codes that leave some unused, where length and CRC-32 prove the content.
                let isIncomplete = ["code lengths set", "literal/lengths set", "distances set"].contains {
                    reason.contains("invalid " + $0)
                }
                #expect(isIncomplete, "\(reason): \(bytes)")
            }
        }
        if case .plain = zlib { whole += 1 } else { refused += 1 }
    }
    #expect(whole > 300 && refused > 300)
}

@Test("gzip: a stream of more than 4 GiB is read to its end")
func gzipLarge() throws {
    // 16 MiB of zeroes that end at a byte and begin without what is before them.
    let script =
        "import sys, zlib; c = zlib.compressobj(9, 8, -15);"
        + "sys.stdout.buffer.write(c.compress(bytes(1 << 24)) + c.flush(zlib.Z_FULL_FLUSH))"
    let piece = try tool(["python3", "-c", script], [])
    let decompressor = try Decompressor(.gzip, limit: nil)
    func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try decompressor.write($0) { _ in } } }
    try write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
    for _ in 0..<257 { try write(piece) }
    // The CRC-32 of 257 × 16 MiB of zeroes, and the length modulo 2³².
    try write([1, 0, 0, 0xff, 0xff] + [0xa2, 0x3b, 0xaf, 0x44] + [0, 0, 0, 1])
    try decompressor.finish { _ in }
    #expect(decompressor.outputBytes == 257 << 24)
}
