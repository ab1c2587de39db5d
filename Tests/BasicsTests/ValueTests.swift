import Basics
import Testing

private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

@Test("a digest is read from 64 hex digits of either case or 32 bytes, and from nothing else")
func digests() throws {
    let digest = try #require(Digest(hex: abc))
    #expect(digest.hex == abc && digest.description == abc && digest.bytes.count == 32)
    #expect(Digest(hex: abc.uppercased()) == digest)
    #expect(digest.bytes.withUnsafeBytes { Digest(bytes: $0) } == digest)
    var text: [UInt8] = [0x78]
    digest.appendHex(to: &text)
    #expect(text == Array("x\(abc)".utf8))
    for wrong in [
        "", String(abc.dropLast()), abc + "0", "g" + abc.dropFirst(), " " + abc.dropFirst(), "é" + abc.dropFirst(2),
    ] {
        #expect((Digest(hex: wrong) == nil) == true, "\(wrong)")
    }
    for count in [0, 31, 33] {
        #expect([UInt8](repeating: 1, count: count).withUnsafeBytes { Digest(bytes: $0) } == nil)
    }
}

@Test("every byte is no digit of a digest, or the one that hex says, wherever it stands")
func digestDigits() throws {
    for place in [0, 1, 7, 8, 15, 16, 40, 63] {
        for byte in UInt8.min...UInt8.max {
            var text = Array(abc.utf8)
            text[place] = byte
            let expected = Hex.bytes(text)
            let read = text.withUnsafeBytes { Digest(hex: $0) }
            #expect(read?.bytes == expected, "\(byte) at \(place)")
            let isLower = expected != nil && !(0x41...0x46).contains(byte)
            #expect(text.withUnsafeBytes { Digest(lowercaseHex: $0) } == (isLower ? read : nil))
            if let read { #expect(Array(read.hex.utf8) == text.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }) }
        }
    }
}

@Test("digests are ordered as their hex forms, whichever byte differs")
func digestOrder() throws {
    let digests = try (0..<64).map { place in
        try #require(Digest(hex: String((0..<64).map { $0 == place ? "f" : "7" })))
    }
    #expect(digests.shuffled().sorted().map(\.hex) == digests.map(\.hex).sorted())
    #expect(Set(digests).count == 64)
}

@Test("a checksum has its algorithm's length")
func checksums() throws {
    for algorithm in ChecksumAlgorithm.allCases {
        let bytes = [UInt8](repeating: 0xab, count: algorithm.byteCount)
        let checksum = try #require(Checksum(algorithm, bytes: bytes))
        #expect(Checksum(algorithm, hex: Array(checksum.hex.utf8)) == checksum)
        #expect(Checksum(algorithm, bytes: bytes + [0]) == nil && Checksum(algorithm, bytes: []) == nil)
        #expect(checksum.description == "\(algorithm.rawValue):\(checksum.hex)")
        #expect((checksum.sha256 != nil) == (algorithm == .sha256))
    }
    #expect(ChecksumAlgorithm.allCases.filter { !$0.isStrong } == [.md5, .sha1])
    #expect(ChecksumAlgorithm.allCases.max() == .sha512 && ChecksumAlgorithm.allCases.min() == .md5)
    let digest = try #require(Digest(hex: abc))
    #expect(Checksum(digest).sha256 == digest)
}

@Test("hex is read in either case, whole bytes only")
func hex() {
    #expect(Hex.bytes("00fFaB".utf8) == [0, 0xff, 0xab] && Hex.bytes("".utf8) == [])
    for wrong in ["0", "0g", "0x", " 0", "é"] { #expect(Hex.bytes(wrong.utf8) == nil) }
    for text in ["00fFaB", "", "0", "0g", "g0", "00x", "é"] {
        let bytes = Array(text.utf8)
        #expect(bytes.withUnsafeBytes { Hex.bytes($0) } == Hex.bytes(bytes))
    }
    #expect(Hex.string([0, 0xff, 0x1a]) == "00ff1a")
}

@Test("near names: one slip is found, anything else is not")
func nearNames() {
    let names = ["sync", "snapshot", "status", "stats", "publish", "repository"]
    let table: [(String, String?)] = [
        ("snyc", "sync"), ("syn", "sync"), ("snapshto", "snapshot"), ("statsu", "status"), ("publsh", "publish"),
        ("repositroy", "repository"), ("reposiotry", "repository"), ("xyz", nil), ("", nil), ("completely", nil),
        ("stat", "stats"), ("SYNC", nil), ("sync", "sync"),
    ]
    for (word, expected) in table { #expect(NearName.of(word, among: names) == expected, "\(word)") }
    #expect(NearName.of("x", among: [String]()) == nil)
}

@Test("URLs are shown without users, passwords and secret parameters")
func redaction() {
    let table: [(String, String)] = [
        ("https://user:pw@host/x", "https://host/x"), ("http://user@host", "http://host"),
        ("https://u:p@ss@host/x@y", "https://host/x@y"), ("https://host/a@b", "https://host/a@b"),
        ("https://host?x=a@b", "https://host?x=a@b"), ("https://u:p@host:8443/?q#f", "https://host:8443/?q#f"),
        ("https://u:p@\u{301}host/", "https://\u{301}host/"), ("file:///a/b@c", "file:///a/b@c"), ("", ""),
        ("user:pw@proxy:3128", "proxy:3128"), ("@scope/name", "@scope/name"), ("a/b@c:d", "a/b@c:d"),
        ("https://h/x?token=abc&y=1", "https://h/x?token=…&y=1"),
        (
            "https://h/?X-Amz-Signature=ab&X-Amz-Credential=cd&X-Amz-Date=1#f",
            "https://h/?X-Amz-Signature=…&X-Amz-Credential=…&X-Amz-Date=1#f"
        ),
        ("https://h/?repo=x&arch=y&&z", "https://h/?repo=x&arch=y&&z"), ("https://h/?sig=a%20b", "https://h/?sig=…"),
        ("socks5h://u:p@[::1]:1080", "socks5h://[::1]:1080"),
    ]
    for (url, shown) in table { #expect(Redaction.url(url) == shown) }
}

@Test("a text is found within another by its bytes")
func find() throws {
    let text = "aab-ü-aabc"
    #expect(text.range(of: "aabc").map { String(text[$0]) } == "aabc")
    #expect(try #require(text.range(of: "ü")).lowerBound == text.firstIndex(of: "ü"))
}

@Test("sizes and spans for people")
func people() {
    let sizes: [(Int64, String)] = [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_999, "999.9 kB"), (1_000_000, "1.0 MB"),
        (328_200_000, "328.2 MB"), (.max, "9.2 EB"),
    ]
    for (bytes, text) in sizes { #expect(ByteCount.text(bytes) == text) }
    let spans: [(Int64, String)] = [
        (-5, "0s"), (0, "0s"), (59, "59s"), (190, "3m 10s"), (18_120, "5h 2m"), (1_051_200, "12d 4h"),
    ]
    for (seconds, text) in spans { #expect(Duration64.text(seconds) == text) }
}

@Test("bytes: trimming, comparing, numbers")
func scanning() {
    func with<R>(_ text: String, _ body: (UnsafeRawBufferPointer) -> R) -> R { Array(text.utf8).withUnsafeBytes(body) }
    for (text, trimmed) in [("  a b\r\n", "a b"), ("", ""), (" \t\r\n", ""), ("x", "x")] {
        #expect(with(text) { $0.trimmed.text } == trimmed)
    }
    let numbers: [(String, Int64?)] = [
        ("0", 0), ("9223372036854775807", .max), ("9223372036854775808", nil), ("99999999999999999999", nil), ("", nil),
        ("-1", nil), ("+1", nil), (" 1", nil), ("1a", nil), ("007", 7),
    ]
    for (text, number) in numbers { #expect(with(text) { $0.decimal } == number, "\(text)") }
    #expect(with("a\nb\nc") { $0.firstIndex(of: 10, from: 2) } == 3)
    #expect(
        with("abc") { $0.firstIndex(of: 0x61, from: 1) } == nil && with("") { $0.firstIndex(of: 0, from: 0) } == nil)
    #expect(with("SHA256") { $0.equals("SHA256") && !$0.equals("SHA25") && !$0.equals("sha256") })
    #expect(with("Sha256") { $0.equalsIgnoringCase("sHA256") && !$0.equalsIgnoringCase("sha25") })
    #expect(with("") { $0.equals("") })
}

@Test("the first signal counts, and stops the work with its own error")
func cancellation() throws {
    let cancellation = Cancellation()
    try cancellation.check()
    cancellation.cancel(signal: 15)
    cancellation.cancel(signal: 2)
    #expect(cancellation.signal == 15 && cancellation.isCancelled)
    #expect(throws: ChantalError(.interrupted, "")) { try cancellation.check() }
}

@Test("an error tells what happened from above to below, and keeps its code and place")
func errors() {
    struct Plain: Error {}
    let low = ChantalError(.mismatch, "the hash differs", hint: "sync again", path: "a/b", url: "http://h/a/b")
    let high = low.within("debian: cannot fetch a/b")
    #expect("\(high)" == "debian: cannot fetch a/b: the hash differs")
    #expect(high.code == .mismatch && high.hint == "sync again" && high.path == "a/b" && high.url == "http://h/a/b")
    #expect(ChantalError.wrap(low).message == low.message && ChantalError.wrap(Plain()).code == .bug)
}
