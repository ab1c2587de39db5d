import Basics
import Foundation
import OpenPGP
import Testing

@Suite struct KeyringTests {
    let home: GPGHome
    let scratch: Scratch
    let keys: [String]
    let signed: [UInt8]

    init() throws {
        home = try GPGHome()
        scratch = try Scratch()
        keys = [try home.makeKey("first"), try home.makeKey("second")]
        signed = try home.clearsign(release, by: [keys[1]])
    }

    @Test("binary, armored, several armored blocks with text around, keybox and gpg's old ring are keyrings")
    func forms() throws {
        let armored = String(decoding: try home.export(keys[0], armored: true), as: UTF8.self)
        let second = String(decoding: try home.export(keys[1], armored: true), as: UTF8.self)
        let box = try #require(FileManager.default.contents(atPath: "\(home.path)/pubring.kbx"))
        let forms: [(String, [UInt8])] = [
            ("binary", try home.export()),
            ("armored", try home.export(armored: true)),
            ("blocks", Array("A key of ours:\n\(armored)\nand another\n\n\(second)\nthe end\n".utf8)),
            ("CRLF", Array((armored + second).replacingOccurrences(of: "\n", with: "\r\n").utf8)),
            ("keybox", [UInt8](box)),
            (
                "no checksum",
                Array(
                    (armored + second).split(separator: "\n", omittingEmptySubsequences: false)
                        .filter { !($0.hasPrefix("=") && $0.count == 5) }.joined(separator: "\n").utf8)
            ),
        ]
        for (name, bytes) in forms {
            let ring = try scratch.keyring(bytes)
            #expect(ring.fingerprints.sorted() == keys.sorted(), "\(name)")
            #expect(try ring.verifyClearsigned(signed, name: "InRelease").signatures.count == 1, "\(name)")
        }
        let files = try scratch.keyring(home.export(keys[0]), home.export(keys[1], armored: true), home.export(keys[1]))
        #expect(files.fingerprints.sorted() == keys.sorted())
    }

    @Test("a file without a usable key is an error that names it")
    func noKey() throws {
        let good = try home.export(keys[0])
        let armored = String(decoding: try home.export(keys[0], armored: true), as: UTF8.self)
        let table: [(String, [UInt8])] = [
            ("empty", []), ("text", Array("not a key\n".utf8)), ("page", Array("<!DOCTYPE html>\n".utf8)),
            ("signature", try home.detached(release, by: [keys[0]])), ("message", signed),
            ("secret", try home.gpg(["--export-secret-keys", keys[0]])),
            ("secret-armored", try home.gpg(["--armor", "--export-secret-keys", keys[0]])),
            ("truncated", Array(good.dropLast(3))), ("truncated-armor", Array(armored.utf8.dropLast(60))),
            ("wrong-checksum", Array(armored.replacingOccurrences(of: "\n=", with: "\n=A").utf8)),
            ("random", (0..<300).map { _ in UInt8.random(in: 128...255) }),
            ("box", [0, 0, 0, 32, 1, 1, 0, 2] + Array("KBXf".utf8) + Array(repeating: 0, count: 20)),
            ("damaged-box", [0, 0, 0, 32, 1, 1, 0, 2] + Array("KBXf".utf8) + Array(repeating: 255, count: 40)),
        ]
        for (name, bytes) in table {
            let bad = try scratch.file("bad-\(name).gpg", bytes)
            let ok = try scratch.file("good.gpg", good)
            let error = try failure { _ = try Keyring(files: [ok, bad], home: scratch.home()) }
            #expect(error.code == .signature && error.path == bad, "\(name): \(error)")
            #expect(error.message.contains(bad), "\(name): \(error)")
        }
        let missing = try failure { _ = try Keyring(files: ["/nonexistent/ring.gpg"], home: scratch.home()) }
        #expect(missing.code == .notFound && missing.message.contains("/nonexistent/ring.gpg"))
        let directory = try failure { _ = try Keyring(files: ["/tmp"], home: scratch.home()) }
        #expect(directory.code == .io && directory.message.contains("/tmp"))
    }

    @Test("a key whose self-signature does not hold vouches for nothing")
    func forgedKey() throws {
        // The second key's packet with the first key's user id and self-signature behind it.
        let first = try home.export(keys[0])
        let second = try home.export(keys[1])
        let forged = second.prefix(2 + Int(second[1])) + first.dropFirst(2 + Int(first[1]))
        let file = try scratch.file("forged", Array(forged))
        #expect(throws: ChantalError(.signature, "")) {
            try Keyring(files: [file], home: scratch.home()).verifyClearsigned(signed, name: "InRelease")
        }
    }

    @Test("pins must be whole fingerprints, and one of them must be in the keyring")
    func pins() throws {
        let bytes = try home.export()
        let spaced = keys[1].enumerated().map { $0 % 4 == 0 ? " \($1)" : "\($1)" }.joined()
        #expect(try scratch.keyring(bytes, pinned: [spaced]).verifyClearsigned(signed, name: "x").signatures.count == 1)
        for pin in ["", "DEADBEEF", String(keys[1].suffix(16)), keys[1] + "00", String(repeating: "g", count: 40)] {
            #expect(throws: ChantalError(.config, ""), "\(pin)") { try scratch.keyring(bytes, pinned: [pin]) }
        }
        let absent = String(repeating: "A", count: 40)
        #expect(throws: ChantalError(.signature, "")) { try scratch.keyring(bytes, pinned: [absent]) }
        #expect(throws: Never.self) { try scratch.keyring(bytes, pinned: [absent, keys[1]]) }
    }

    @Test("what the machine's own package manager trusts is verified with its keyring, quickly")
    func machine() throws {
        let ring = "/usr/share/keyrings/debian-archive-keyring.gpg"
        let lists = "/var/lib/apt/lists"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: lists)) ?? []
        guard FileManager.default.fileExists(atPath: ring),
            let name = names.sorted().first(where: { $0.hasSuffix("_InRelease") }),
            let bytes = FileManager.default.contents(atPath: "\(lists)/\(name)")
        else { return }  // a machine of another distribution, or one that never ran its package manager
        var best = 10.0
        for _ in 0..<5 {
            let home = try scratch.home()
            let start = ProcessInfo.processInfo.systemUptime
            let verified = try Keyring(files: [ring], home: home).verifyClearsigned([UInt8](bytes), name: "InRelease")
            best = min(best, ProcessInfo.processInfo.systemUptime - start)
            #expect(String(decoding: verified.text, as: UTF8.self).contains("\nSHA256:\n"))
            #expect(!verified.signatures.isEmpty)
        }
        print("keyring and InRelease: \(Int(best * 1000)) ms")
    }
}
