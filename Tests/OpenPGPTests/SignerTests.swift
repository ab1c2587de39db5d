import Basics
import Foundation
import OpenPGP
import Testing

@Suite struct SignerTests {
    let home: GPGHome
    let scratch: Scratch

    init() throws {
        home = try GPGHome()
        scratch = try Scratch()
    }

    @Test("what is signed here verifies here and with gpg, in clear and detached")
    func roundTrip() throws {
        let key = try home.makeKey("own")
        let signer = try Signer(key: key, home: home.path, passphrase: nil)
        #expect(signer.fingerprint == key)
        for armored in [true, false] {
            let ring = try scratch.keyring(signer.publicKey(armored: armored))
            #expect(ring.fingerprints == [key])
            let verified = try ring.verifyClearsigned(signer.clearsign(release), name: "InRelease")
            #expect(verified.text == release && verified.signatures.map(\.fingerprint) == [key])
            let detached = try signer.detached(release)
            #expect(String(decoding: detached, as: UTF8.self).hasPrefix("-----BEGIN PGP SIGNATURE-----\n"))
            #expect(try ring.verifyDetached(detached, of: release, name: "Release.gpg").count == 1)
        }
        let file = try scratch.file("InRelease", try signer.clearsign(release))
        try home.gpg(["--verify", file])
        #expect(String(decoding: try signer.publicKey(armored: true), as: UTF8.self).contains("PUBLIC KEY BLOCK"))
    }

    @Test("RSA and a signing subkey sign too")
    func kinds() throws {
        let rsa = try home.makeKey("rsa", "rsa2048")
        try home.gpg(["--quick-add-key", rsa, "ed25519", "sign", "never"])
        let signer = try Signer(key: rsa.lowercased(), home: home.path, passphrase: nil)
        let ring = try scratch.keyring(signer.publicKey(armored: false))
        let signature = try #require(try ring.verifyClearsigned(signer.clearsign(release), name: "x").signatures.first)
        #expect(signature.primaryFingerprint == rsa && signature.fingerprint != rsa)
        let bySubkey = try Signer(key: signature.fingerprint, home: home.path, passphrase: nil)
        #expect(bySubkey.fingerprint == rsa)
        #expect(throws: Never.self) { try ring.verifyClearsigned(bySubkey.clearsign(release), name: "x") }
    }

    @Test("a passphrase comes from bytes; a wrong or missing one is said to be so and never asked for")
    func passphrase() throws {
        let key = try home.makeKey("own", passphrase: "correct horse é")
        try run("gpgconf", ["--homedir", home.path, "--kill", "gpg-agent"])  // forgets the passphrase
        for wrong in [nil, Array("wrong".utf8)] {
            let signer = try Signer(key: key, home: home.path, passphrase: wrong)
            let error = try failure { _ = try signer.clearsign(release) }
            #expect(error.code == .signature && error.message.contains("passphrase") && error.message.contains(key))
            #expect(!"\(error)\(error.hint ?? "")".contains("wrong\n"))
        }
        let signer = try Signer(key: key, home: home.path, passphrase: Array("correct horse é".utf8))
        let ring = try scratch.keyring(signer.publicKey(armored: false))
        #expect(try ring.verifyClearsigned(signer.clearsign(release), name: "x").text == release)
    }

    @Test("a key that is not there, is public only, expired, revoked or cannot sign is refused at once")
    func unusable() throws {
        let absent = String(repeating: "0", count: 40)
        #expect(throws: ChantalError(.notFound, "")) { try Signer(key: absent, home: home.path, passphrase: nil) }
        #expect(throws: ChantalError(.config, "")) { try Signer(key: "DEADBEEF", home: home.path, passphrase: nil) }
        let other = try GPGHome()
        let key = try other.makeKey("other")
        try home.gpg(["--import"], input: other.export(key))
        #expect(throws: ChantalError(.notFound, "")) { try Signer(key: key, home: home.path, passphrase: nil) }
        let old = try home.makeKey("old", expires: "1d", at: "20200101T000000")
        let expired = try failure { _ = try Signer(key: old, home: home.path, passphrase: nil) }
        #expect(expired.code == .signature && expired.message.contains("expired"))
        let gone = try home.makeKey("gone")
        try home.revoke(gone)
        let revoked = try failure { _ = try Signer(key: gone, home: home.path, passphrase: nil) }
        #expect(revoked.code == .signature && revoked.message.contains("revoked"))
    }

    @Test("a gpg.conf that asks for SHA-1 does not make us sign weakly")
    func weakConfiguration() throws {
        let rsa = try home.makeKey("rsa", "rsa2048")
        try Data("digest-algo SHA1\n".utf8).write(to: URL(fileURLWithPath: "\(home.path)/gpg.conf"))
        let signer = try Signer(key: rsa, home: home.path, passphrase: nil)
        #expect(throws: ChantalError(.signature, "")) { try signer.clearsign(release) }
    }

    @Test("an agent that was not there before ends with the signer; one that was stays")
    func agent() throws {
        let key = try home.makeKey("own")
        #expect(try processes(naming: home.path).count == 1)
        do {
            let signer = try Signer(key: key, home: home.path, passphrase: nil)
            _ = try signer.clearsign(release)
        }
        #expect(try processes(naming: home.path).count == 1)
        try run("gpgconf", ["--homedir", home.path, "--kill", "gpg-agent"])
        do {
            let signer = try Signer(key: key, home: home.path, passphrase: nil)
            _ = try signer.clearsign(release)
        }
        #expect(throws: ChantalError(.notFound, "")) {
            try Signer(key: String(repeating: "0", count: 40), home: home.path, passphrase: nil)
        }
        for _ in 0..<50 where !(try processes(naming: home.path).isEmpty) { usleep(20_000) }
        #expect(try processes(naming: home.path).isEmpty)
    }
}
