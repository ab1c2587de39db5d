import Compression
import Foundation
import Testing

let compressed: [CompressionFormat] = [.gzip, .xz, .zstd, .bzip2]
let readable = compressed + [.lzma]

/// Runs a tool of the machine on bytes from its standard input.
func tool(_ arguments: [String], _ input: [UInt8]) throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("codec-\(UUID().uuidString)")
    try Data(input).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: file)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(arguments)")
    return bytes
}

/// The format's own tool, compressing or decompressing.
func command(_ format: CompressionFormat, _ options: String...) -> [String] {
    switch format {
    case .none: ["cat"]
    case .gzip: ["gzip", "-c"] + options
    case .xz: ["xz", "-c"] + options
    case .zstd: ["zstd", "-q", "-c"] + options
    case .bzip2: ["bzip2", "-c"] + options
    case .lzma: ["xz", "--format=lzma", "-c"] + options
    }
}

/// Text that compresses as metadata does.
func stanzas(_ count: Int) -> [UInt8] { Array(pool.text[..<pool.ends[count]]) }

private let pool: (text: [UInt8], ends: [Int]) = {
    var state: UInt64 = 42
    var text: [UInt8] = []
    var ends = [0]
    let digits = Array("0123456789abcdef".utf8)
    let (start, middle, end) = (Array("Package: name-".utf8), Array("\nSHA256: ".utf8), Array("\n\n".utf8))
    for _ in 0..<80_000 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += start
        for shift in [44, 40, 36] as [UInt64] { text.append(digits[Int(state >> shift & 15)]) }
        text += middle
        for shift in 0..<24 { text.append(digits[Int(state >> UInt64(shift) & 15)]) }
        text += end
        ends.append(text.count)
    }
    return (text, ends)
}()

/// Decompresses bytes cut into pieces of a size.
func decompress(
    _ bytes: [UInt8], _ format: CompressionFormat, by size: Int = 1 << 16, limit: Int64? = nil, maxRatio: Int? = nil
) throws -> [UInt8] {
    let decompressor = try Decompressor(format, limit: limit, maxRatio: maxRatio)
    var result: [UInt8] = []
    try bytes.withUnsafeBytes { buffer in
        for start in stride(from: 0, to: buffer.count, by: size) {
            let piece = UnsafeRawBufferPointer(rebasing: buffer[start..<min(start + size, buffer.count)])
            try decompressor.write(piece) { result.append(contentsOf: $0) }
        }
    }
    try decompressor.finish { result.append(contentsOf: $0) }
    return result
}

/// Compresses bytes cut into pieces of a size.
func compress(_ bytes: [UInt8], _ format: CompressionFormat, level: Int? = nil, by size: Int) throws -> [UInt8] {
    let compressor = try Compressor(format, level: level)
    var result: [UInt8] = []
    try bytes.withUnsafeBytes { buffer in
        for start in stride(from: 0, to: buffer.count, by: size) {
            let piece = UnsafeRawBufferPointer(rebasing: buffer[start..<min(start + size, buffer.count)])
            try compressor.write(piece) { result.append(contentsOf: $0) }
        }
    }
    try compressor.finish { result.append(contentsOf: $0) }
    return result
}
