import Basics
import Foundation
import OpenPGP
import Testing

@Suite("Many signatures in process")
struct SignatureCheckerTests {
    private let content = Array("what is signed\n".utf8)

    private func check(
        _ keyring: Keyring, _ signature: [UInt8], of content: [UInt8]? = nil, now: Timestamp? = nil
    ) throws -> SignatureVerdict? {
        try (content ?? self.content).withUnsafeBytes {
            try SignatureChecker(keyring).check(
                signature, over: $0, name: "x", now: now ?? Timestamp(seconds: Int64(time(nil))))
        }?.first
    }

    private func isGood(_ verdict: SignatureVerdict?, _ key: String) -> Bool {
        if case .good(let signature) = verdict { signature.fingerprint == key } else { false }
    }

    private func words(_ keyring: Keyring, _ verdict: SignatureVerdict?) throws -> String {
        guard let verdict else { return "" }
        return try SignatureChecker(keyring).error([verdict], name: "x").message
    }

    @Test("every kind of key that gpg makes verifies here, and other content by it does not")
    func algorithms() throws {
        let home = try GPGHome()
        let scratch = try Scratch()
        // The last one is gpg's to verify.
        for algorithm in [
            "rsa2048", "rsa4096", "ed25519", "nistp256", "nistp384", "nistp521", "dsa1024", "dsa2048",
            "brainpoolP256r1",
        ] {
            let key = try home.makeKey("key-\(algorithm)", algorithm)
            let keyring = try scratch.keyring(home.export(key))
            // gpg makes no signature whose digest is shorter than the key asks for.
            let digests = ["SHA256", "SHA384", "SHA512"]
            for digest in algorithm == "nistp521"
                ? ["SHA512"] : algorithm == "nistp384" ? ["SHA384", "SHA512"] : digests
            {
                let signature = try home.detached(content, by: [key], options: ["--digest-algo", digest])
                #expect(isGood(try check(keyring, signature), key), "\(algorithm) \(digest)")
                let other = try check(keyring, signature, of: content + [0x0a])
                #expect(!isGood(other, key), "\(algorithm) \(digest)")
                #expect(try words(keyring, other).contains("bad signature"), "\(algorithm) \(digest)")
            }
        }
    }

    @Test("a subkey counts only with its own agreement to be one, as gpg asks for")
    func agreement() throws {
        let home = try GPGHome()
        let scratch = try Scratch()
        let key = try home.makeKey("owner")
        try home.gpg(["--quick-add-key", key, "ed25519", "sign", "never"])
        let signature = try home.detached(content, by: [key], options: [])
        let exported = try home.export(key)
        let good = try check(try scratch.keyring(exported), signature)
        guard case .good(let found) = good else {
            Issue.record("the subkey's signature does not count: \(String(describing: good))")
            return
        }
        #expect(found.fingerprint != key && found.primaryFingerprint == key)
        // The agreement stands in the binding's unhashed part: the last of the export's 64 bytes before the binding's own numbers.
        var changed = exported
        let binding = exported.count - 64 - 4
        for offset in 10..<40 { changed[binding - offset] ^= 0x55 }
        let without = try scratch.keyring(changed)
        #expect(!isGood(try check(without, signature), found.fingerprint))
    }

    @Test("revoked, expired and unknown keys are named as such, and expired signatures")
    func reasons() throws {
        let home = try GPGHome()
        let scratch = try Scratch()
        let revoked = try home.makeKey("revoked")
        let byRevoked = try home.detached(content, by: [revoked], options: [])
        try home.revoke(revoked)
        let revokedRing = try scratch.keyring(home.export(revoked))
        #expect(try words(revokedRing, check(revokedRing, byRevoked)).contains("revoked key"))

        let expired = try home.makeKey("expired", expires: "1d", at: "20200101T000000")
        let byExpired = try home.gpg(
            ["--local-user", expired, "--detach-sign"], input: content, at: "20200101T010000")
        let expiredRing = try scratch.keyring(home.export(expired))
        #expect(try words(expiredRing, check(expiredRing, byExpired)).contains("expired key"))

        let key = try home.makeKey("good", at: "20200101T000000")
        let ring = try scratch.keyring(home.export(key))
        #expect(try words(ring, check(ring, byRevoked)).contains("unknown key"))
        let ended = try home.gpg(
            ["--local-user", key, "--default-sig-expire", "1d", "--detach-sign"], input: content, at: "20200102T000000")
        #expect(try words(ring, check(ring, ended)).contains("expired signature"))
        #expect(isGood(try check(ring, ended, now: Timestamp(seconds: 1_577_930_000)), key))
        let early = try home.gpg(["--local-user", key, "--detach-sign"], input: content, at: "20300102T000000")
        #expect(try words(ring, check(ring, early)).contains("in the future"))
        let pinned = try scratch.keyring(home.export(key), home.export(expired), pinned: [expired])
        #expect(try words(pinned, check(pinned, home.detached(content, by: [key], options: []))).contains("pinned"))
    }

    @Test("SHA-1 counts in signatures from before 2019 only, MD5 never, an unknown critical notation never")
    func policy() throws {
        let home = try GPGHome()
        let scratch = try Scratch()
        let key = try home.makeKey("old", "rsa2048", at: "20100101T000000")
        let ring = try scratch.keyring(home.export(key))
        func sign(_ options: [String], at time: String) throws -> [UInt8] {
            try home.gpg(
                options + ["--allow-weak-digest-algos", "--local-user", key, "--detach-sign"], input: content, at: time)
        }
        #expect(isGood(try check(ring, sign(["--digest-algo", "SHA1"], at: "20181231T000000")), key))
        #expect(
            try words(ring, check(ring, sign(["--digest-algo", "SHA1"], at: "20200101T000000"))).contains("SHA-1"))
        #expect(try words(ring, check(ring, sign(["--digest-algo", "MD5"], at: "20110101T000000"))).contains("MD5"))
        let notation = ["--set-notation", "!strange@example.org=1"]
        #expect(try words(ring, check(ring, sign(notation, at: "20200101T000000"))).contains("critical"))
    }

    @Test("bytes that are no signatures are told apart, and damaged ones never end the process")
    func damaged() throws {
        let home = try GPGHome()
        let scratch = try Scratch()
        let key = try home.makeKey("key", "rsa2048")
        let ring = try scratch.keyring(home.export(key))
        let checker = try SignatureChecker(ring)
        #expect(try check(ring, Array("<html>".utf8)) == nil)
        #expect(try check(ring, []) == nil)
        #expect(try check(ring, home.export(key)) == nil)
        let signature = try home.detached(content, by: [key], options: [])
        for position in signature.indices {
            for bit in [1, 0x80] {
                var changed = signature
                changed[position] ^= UInt8(bit)
                for running in checker.begin(changed) ?? [] {
                    content.withUnsafeBytes { running.update($0) }
                    _ = running.finish(now: Timestamp(seconds: Int64(time(nil))))
                }
            }
        }
    }
}
