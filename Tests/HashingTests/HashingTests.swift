import Basics
import Foundation
import Hashing
import Testing

/// The digest as a tool of the machine computes it.
private func tool(_ arguments: [String], _ input: [UInt8]) throws -> String {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("hash-\(UUID().uuidString)")
    try Data(input).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments + [file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(text.split(separator: " ")[0])
}

private let tools: [ChecksumAlgorithm: [String]] = [
    .md5: ["md5sum"], .sha1: ["sha1sum"], .sha224: ["sha224sum"], .sha256: ["sha256sum"], .sha384: ["sha384sum"],
    .sha512: ["sha512sum"], .blake2b256: ["b2sum", "-l", "256"],
]

private func sample(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

private func feed(_ bytes: [UInt8], by size: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    bytes.withUnsafeBytes { buffer in
        var start = 0
        while start < buffer.count {
            body(UnsafeRawBufferPointer(rebasing: buffer[start..<min(start + size, buffer.count)]))
            start += size
        }
    }
}

@Test("every algorithm agrees with coreutils at every block boundary", arguments: ChecksumAlgorithm.allCases)
func agreesWithCoreutils(algorithm: ChecksumAlgorithm) throws {
    let command = try #require(tools[algorithm])
    for count in [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 255, 256, 257, 70_001] {
        let bytes = sample(count)
        #expect(ChecksumHasher.checksum(algorithm, of: bytes).hex == (try tool(command, bytes)), "\(count) bytes")
    }
}

@Test("how bytes are cut into pieces does not change a checksum", arguments: ChecksumAlgorithm.allCases)
func piecesDoNotMatter(algorithm: ChecksumAlgorithm) {
    let bytes = sample(1000)
    let whole = ChecksumHasher.checksum(algorithm, of: bytes)
    let hasher = ChecksumHasher(algorithm)
    for size in [1, 3, 64, 127, 128, 129, 256, 999] {
        feed(bytes, by: size) { hasher.update($0) }
        #expect(hasher.finish() == whole, "pieces of \(size)")
    }
}

@Test("SHA-256 of nothing and of 'abc' is that of FIPS 180-4")
func knownSHA256() {
    #expect(
        sha256(of: [UInt8]()).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
        sha256(of: Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
}

@Test("a hasher starts anew after finish and after reset")
func reuse() {
    var hasher = SHA256Hasher()
    hasher.update(sample(10))
    let first = hasher.finish()
    hasher.update(sample(99))
    hasher.reset()
    hasher.update(sample(10))
    #expect(hasher.finish() == first)
    let other = ChecksumHasher(.blake2b256)
    sample(99).withUnsafeBytes { other.update($0) }
    other.reset()
    #expect(other.finish() == ChecksumHasher.checksum(.blake2b256, of: []))
}

@Test("a multi hasher gives what single hashers give, SHA-256 always")
func multi() {
    let bytes = sample(200_000)
    let hasher = MultiHasher(Set(ChecksumAlgorithm.allCases))
    feed(bytes, by: 150_000) { hasher.update($0) }
    let digests = hasher.finish()
    for algorithm in ChecksumAlgorithm.allCases {
        #expect(digests[algorithm] == ChecksumHasher.checksum(algorithm, of: bytes))
    }
    #expect(digests.others.map(\.algorithm) == ChecksumAlgorithm.allCases.filter { $0 != .sha256 }.sorted())
    let plain = MultiHasher()
    feed(bytes, by: 7_777) { plain.update($0) }
    #expect(plain.finish() == Digests(sha256: sha256(of: bytes)))
}

/// The MD5 of several files side by side.
private func md5(_ files: [[UInt8]]) -> [Checksum] {
    func next(_ index: Int, _ buffers: [UnsafeRawBufferPointer]) -> [Checksum] {
        if index == files.count { return MD5Lanes.checksums(of: buffers) }
        return files[index].withUnsafeBytes { next(index + 1, buffers + [$0]) }
    }
    return next(0, [])
}

@Test("files of every length and number have the MD5 that libcrypto computes of each alone")
func md5Lanes() {
    // Around the ends of blocks and of the padding, and in another order than that of their lengths.
    let files = (0...260).map { sample(($0 * 101) % 261 + ($0 % 7 == 0 ? 1_000 : 0)) }
    let expected = files.map { ChecksumHasher.checksum(.md5, of: $0) }
    #expect(md5(files) == expected)
    for count in 0...17 { #expect(md5(Array(files.prefix(count))) == Array(expected.prefix(count))) }
    let different = (0..<16).map { [UInt8](repeating: UInt8($0), count: 64 * (16 - $0)) }
    #expect(md5(different) == different.map { ChecksumHasher.checksum(.md5, of: $0) })
}

@Test("the first wrong checksum is named, and one that was not computed is not taken for right")
func mismatch() throws {
    let bytes = sample(5)
    let hasher = MultiHasher([.md5])
    bytes.withUnsafeBytes { hasher.update($0) }
    let digests = hasher.finish()
    let md5 = ChecksumHasher.checksum(.md5, of: bytes)
    let wrong = Checksum(sha256(of: sample(6)))
    let uncomputed = ChecksumHasher.checksum(.sha512, of: bytes)
    #expect(digests.mismatch(with: [md5, Checksum(sha256(of: bytes))]) == nil)
    let found = try #require(digests.mismatch(with: [md5, wrong]))
    #expect(found.declared == wrong && found.actual == Checksum(sha256(of: bytes)))
    let missing = try #require(digests.mismatch(with: [uncomputed]))
    #expect(missing.declared == uncomputed && missing.actual == nil)
}

@Test("hashers work on many threads at once")
func threads() async {
    let bytes = sample(50_000)
    let expected = sha256(of: bytes)
    await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<16 { group.addTask { (0..<20).allSatisfy { _ in sha256(of: bytes) == expected } } }
        for await same in group { #expect(same) }
    }
}
