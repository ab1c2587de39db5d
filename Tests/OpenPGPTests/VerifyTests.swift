import Basics
import Foundation
import OpenPGP
import Testing

@Suite struct VerifyTests {
    let home: GPGHome
    let scratch: Scratch
    let key: String

    init() throws {
        home = try GPGHome()
        scratch = try Scratch()
        key = try home.makeKey("archive")
    }

    @Test("a good signature gives the signed bytes, the signer and the time")
    func good() throws {
        let signed = try home.clearsign(release, by: [key])
        let ring = try scratch.keyring(home.export(key))
        #expect(ring.fingerprints == [key])
        let verified = try ring.verifyClearsigned(signed, name: "InRelease")
        #expect(verified.text == release)
        let signature = try #require(verified.signatures.first)
        #expect(signature.fingerprint == key && signature.primaryFingerprint == key && signature.expiresAt == nil)
        #expect(abs(signature.createdAt.seconds - Int64(Date().timeIntervalSince1970)) < 120)
        let detached = try home.detached(release, by: [key])
        #expect(
            try ring.verifyDetached(detached, of: release, name: "Release.gpg")
                == verified.signatures.map {
                    var other = $0
                    other.createdAt = try #require(try ring.verifyDetached(detached, of: release, name: "").first)
                        .createdAt
                    return other
                })
        let binary = try home.detached(release, by: [key], options: [])
        #expect(try ring.verifyDetached(binary, of: release, name: "Release.gpg").count == 1)
        #expect(throws: Never.self) { try ring.verifyDetached(home.detached([], by: [key]), of: [], name: "empty") }
    }

    @Test("a message with CRLF line ends is verified")
    func crlf() throws {
        let signed = try home.clearsign(release, by: [key])
        let lines = String(decoding: signed, as: UTF8.self).replacingOccurrences(of: "\n", with: "\r\n")
        let verified = try scratch.keyring(home.export(key)).verifyClearsigned(Array(lines.utf8), name: "InRelease")
        #expect(verified.text.filter { $0 != 0x0d } == release)
    }

    @Test("one changed byte anywhere in the text is a bad signature that names file and key")
    func tampered() throws {
        let signed = try home.clearsign(release, by: [key])
        let ring = try scratch.keyring(home.export(key))
        for word in ["example", "Suite", "4 main"] {
            let text = String(decoding: signed, as: UTF8.self)
            let changed = text.replacingOccurrences(of: word, with: String(word.reversed()))
            let error = try failure { _ = try ring.verifyClearsigned(Array(changed.utf8), name: "dists/x/InRelease") }
            #expect(error.code == .signature && error.path == "dists/x/InRelease")
            // gpg knows the long id only, of a signature that does not verify.
            #expect(error.message.contains("dists/x/InRelease") && error.message.contains(key.suffix(16)))
            #expect(error.message.contains("bad signature"))
        }
        let detached = try home.detached(release, by: [key])
        let error = try failure { _ = try ring.verifyDetached(detached, of: release + [0x20], name: "Release.gpg") }
        #expect(error.message.contains("bad signature"))
    }

    @Test("a signature by an unknown key is refused with its fingerprint")
    func wrongKey() throws {
        let other = try home.makeKey("other")
        let ring = try scratch.keyring(home.export(key))
        let error = try failure {
            _ = try ring.verifyClearsigned(home.clearsign(release, by: [other]), name: "InRelease")
        }
        #expect(error.code == .signature && error.message.contains("\(other) (unknown key)"))
        #expect(error.hint != nil)
    }

    @Test("of several signatures one by a known key suffices, in one block or in several")
    func several() throws {
        let other = try home.makeKey("other")
        let third = try home.makeKey("third")
        let ring = try scratch.keyring(home.export(other))
        let signed = try home.clearsign(release, by: [key, other, third])
        let verified = try ring.verifyClearsigned(signed, name: "InRelease")
        #expect(verified.text == release && verified.signatures.map(\.fingerprint) == [other])
        let detached = try home.detached(release, by: [key]) + home.detached(release, by: [other])
        #expect(try ring.verifyDetached(detached, of: release, name: "Release.gpg").map(\.fingerprint) == [other])
        // The second block of a message signed in clear counts as well.
        let first = String(decoding: try home.clearsign(release, by: [key]), as: UTF8.self)
        let second = String(decoding: try home.clearsign(release, by: [other]), as: UTF8.self)
        let block = try #require(second.range(of: "-----BEGIN PGP SIGNATURE-----"))
        let both = Array((first + second[block.lowerBound...]).utf8)
        #expect(try ring.verifyClearsigned(both, name: "InRelease").signatures.map(\.fingerprint) == [other])
        let all = try scratch.keyring(home.export(), pinned: [])
        #expect(try all.verifyClearsigned(signed, name: "InRelease").signatures.count == 3)
    }

    @Test("a bad signature by a known key refuses the file, before or after a good one")
    func badBesideGood() throws {
        let other = try home.makeKey("other")
        let bad = try home.detached(Array("something else".utf8), by: [key])
        let good = try home.detached(release, by: [other])
        let ring = try scratch.keyring(home.export())
        for signatures in [bad + good, good + bad] {
            let error = try failure { _ = try ring.verifyDetached(signatures, of: release, name: "Release.gpg") }
            #expect(error.code == .signature && error.message.contains("bad signature"))
        }
        // By an unknown key nobody can tell whether it is bad.
        #expect(throws: Never.self) {
            try scratch.keyring(home.export(other)).verifyDetached(bad + good, of: release, name: "Release.gpg")
        }
    }

    @Test("an expired key is refused, even for a signature made in its time")
    func expiredKey() throws {
        let old = try home.makeKey("old", expires: "30d", at: "20200101T000000")
        let signed = try home.clearsign(release, by: [old], at: "20200110T000000")
        let ring = try scratch.keyring(home.export(old))
        let error = try failure { _ = try ring.verifyClearsigned(signed, name: "InRelease") }
        #expect(error.code == .signature && error.message.contains("\(old) (expired key)"))
    }

    @Test("a revoked key is refused, even for a signature made before")
    func revokedKey() throws {
        let signed = try home.clearsign(release, by: [key])
        let before = try home.export(key)
        try home.revoke(key)
        let after = try home.export(key)
        let error = try failure { _ = try scratch.keyring(after).verifyClearsigned(signed, name: "InRelease") }
        #expect(error.code == .signature && error.message.contains("\(key) (revoked key)"))
        #expect(throws: Never.self) { try scratch.keyring(before).verifyClearsigned(signed, name: "InRelease") }
        // A revocation in one file counts for the key in another.
        for files in [[before, after], [after, before]] {
            let ring = try scratch.keyring(files[0], files[1])
            #expect(ring.fingerprints == [key])
            #expect(throws: ChantalError(.signature, "")) { try ring.verifyClearsigned(signed, name: "InRelease") }
        }
    }

    @Test("an expired signature is refused")
    func expiredSignature() throws {
        let old = try home.makeKey("old", at: "20200101T000000")
        let signed = try home.clearsign(
            release, by: [old], options: ["--default-sig-expire", "10d"], at: "20200102T000000")
        let error = try failure {
            _ = try scratch.keyring(home.export(old)).verifyClearsigned(signed, name: "InRelease")
        }
        #expect(error.message.contains("\(old) (expired signature)"))
    }

    @Test("a good signature ends with the earliest of itself, its key and the primary key")
    func expiry() throws {
        let brief = try home.makeKey("brief", expires: "20d")
        let ring = try scratch.keyring(home.export())
        func days(_ keys: [String], _ options: [String]) throws -> Int64? {
            let signed = try home.clearsign(release, by: keys, options: options)
            let signature = try #require(try ring.verifyClearsigned(signed, name: "x").signatures.first)
            return signature.expiresAt.map { ($0 - signature.createdAt + 43_200) / 86_400 }
        }
        #expect(try days([key], []) == nil)
        #expect(try days([brief], []) == 20)
        #expect(try days([key], ["--default-sig-expire", "7d"]) == 7)
        #expect(try days([brief], ["--default-sig-expire", "7d"]) == 7)
        #expect(try days([brief], ["--default-sig-expire", "90d"]) == 20)
    }

    @Test("a subkey's signature names both keys, and either can be pinned")
    func subkey() throws {
        try home.gpg(["--quick-add-key", key, "ed25519", "sign", "never"])
        let listing = String(decoding: try home.gpg(["--list-keys", "--with-colons", key]), as: UTF8.self)
        let subkey = String(
            try #require(listing.split(separator: "\n").last { $0.hasPrefix("fpr:") }).split(separator: ":")[1])
        #expect(subkey != key)
        let other = try home.makeKey("other")
        let signed = try home.clearsign(release, by: [key])
        let bytes = try home.export()
        for pins in [[], [key], [subkey], [key.lowercased(), other], ["0x" + subkey]] {
            let signature = try #require(
                try scratch.keyring(bytes, pinned: pins).verifyClearsigned(signed, name: "InRelease").signatures.first)
            #expect(signature.fingerprint == subkey && signature.primaryFingerprint == key)
        }
        let ring = try scratch.keyring(bytes, pinned: [other])
        let error = try failure { _ = try ring.verifyClearsigned(signed, name: "InRelease") }
        #expect(error.code == .signature && error.message.contains("\(subkey) (not a pinned key)"))
        // A subkey alone, pinned, does not admit its primary key's other signatures.
        let primary = try home.clearsign(release, by: ["\(key)!"])
        #expect(throws: ChantalError(.signature, "")) {
            try scratch.keyring(bytes, pinned: [subkey]).verifyClearsigned(primary, name: "InRelease")
        }
    }

    @Test("a SHA-1 signature is refused and the digest named")
    func weakDigest() throws {
        let rsa = try home.makeKey("rsa", "rsa2048")
        let signed = try home.clearsign(release, by: [rsa], options: ["--digest-algo", "SHA1"])
        let ring = try scratch.keyring(home.export(rsa))
        let error = try failure { _ = try ring.verifyClearsigned(signed, name: "InRelease") }
        #expect(error.code == .signature && error.message.contains("\(rsa) (weak digest SHA-1)"))
        #expect(throws: Never.self) { try ring.verifyClearsigned(home.clearsign(release, by: [rsa]), name: "x") }
    }

    @Test("verifying leaves no process and needs no agent")
    func noAgent() throws {
        let directory = try scratch.home()
        let file = try scratch.file("ring", try home.export(key))
        let ring = try Keyring(files: [file], home: directory)
        _ = try ring.verifyClearsigned(home.clearsign(release, by: [key]), name: "InRelease")
        #expect(try processes(naming: directory).isEmpty)
    }

    @Test("verifications from several threads at once do not disturb each other")
    func threads() async throws {
        let signed = try home.clearsign(release, by: [key])
        let ring = try scratch.keyring(home.export(key))
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<6 { group.addTask { try ring.verifyClearsigned(signed, name: "InRelease").text } }
            for try await text in group { #expect(text == release) }
        }
    }
}
