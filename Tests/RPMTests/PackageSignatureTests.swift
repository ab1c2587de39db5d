import Basics
import Foundation
import OpenPGP
import TestSupport
import Testing

@testable import RPM

@Suite("Signatures of packages", .enabled(if: Fixtures.arePresent))
struct PackageSignatureTests {
    /// rpm's own verdict on packages with one key; nil if this version of rpm takes no such key.
    private func rpmVerdicts(_ packages: [String], key: String) throws -> [Bool]? {
        let database = try TemporaryDirectory("rpmdb")
        let imported = try Subprocess.run(["rpmkeys", "--dbpath", database.path, "--import", key])
        if imported.status != 0 { return nil }
        return try packages.map {
            try Subprocess.run(
                ["rpmkeys", "--dbpath", database.path, "--define", "_pkgverify_level all", "-K", $0]
            ).status == 0
        }
    }

    @Test("each package of rpm's own tests gets rpm's verdict, with each of its keys that rpm takes")
    func oracle() throws {
        let packages = try Fixtures.packages()
        var accepted = 0
        for name in ["rpm.org-rsa-2048-test.pub", "rpm.org-ed25519-test.pub", "different-creation-times.asc"] {
            let signatures = try TestKeyring(files: [Fixtures.key(name)]).signatures()
            let verdicts = try #require(try rpmVerdicts(packages, key: Fixtures.key(name)))
            for (package, expected) in zip(packages, verdicts) {
                let problem = signatures.problem(of: package)
                #expect((problem == nil) == expected, "\(name) \(package) \(problem.map { "\($0)" } ?? "accepted")")
                if expected { accepted += 1 }
            }
        }
        #expect(accepted >= 5)
    }

    @Test("keys with several subkeys, which rpm 4.18 does not take, verify what their subkeys signed")
    func subkeys() throws {
        let alice = try TestKeyring(files: [Fixtures.key("alice.asc")]).signatures()
        #expect(alice.problem(of: Fixtures.package("hello-2.0-1.x86_64-signed-with-subkey.rpm")) == nil)
        let added = try TestKeyring(files: [Fixtures.key("rpm.org-rsa-2048-add-subkey.asc")]).signatures()
        #expect(added.problem(of: Fixtures.package("hello-2.0-1.x86_64-signed-with-new-subkey.rpm")) == nil)
        let without = try TestKeyring(files: [Fixtures.key("rpm.org-rsa-2048-test.pub")]).signatures()
        #expect(
            without.problem(of: Fixtures.package("hello-2.0-1.x86_64-signed-with-new-subkey.rpm"))?.message
                .contains("unknown key") == true)
    }

    @Test("packages are refused with the reason: corrupted, unsigned, by an unknown key")
    func reasons() throws {
        let signatures = try TestKeyring(files: [Fixtures.key("rpm.org-rsa-2048-test.pub")]).signatures()
        let corrupted = signatures.problem(of: Fixtures.package("hello-2.0-1.x86_64-corrupted.rpm"))
        #expect(corrupted?.code == .mismatch)
        #expect(corrupted?.message.contains("corrupted: its payload does not have the sha256") == true)
        let unsigned = signatures.problem(of: Fixtures.package("hello-2.0-1.x86_64.rpm"))
        #expect(unsigned?.message == "the package hello-2.0-1.x86_64.rpm is not signed")
        let unknown = signatures.problem(of: Fixtures.package("mwe-rpm-lua-problem-1.0.0-1.noarch.rpm"))
        #expect(unknown?.code == .signature)
        #expect(unknown?.message.contains("unknown key") == true)
        #expect(signatures.problem(of: Fixtures.package("hello-2.0-1.x86_64-v3-signed.rpm")) == nil)
    }

    @Test("a subkey that nobody bound to the primary key signs nothing (CVE-2021-3521)")
    func unboundSubkeys() throws {
        // The keys of rpm's own tests: their primary key counts, the subkeys with bad bindings or none do not.
        for name in ["CVE-2021-3521-badbind.asc", "CVE-2021-3521-nosubsig.asc", "CVE-2021-3521-nosubsig-last.asc"] {
            let ring = try TestKeyring(files: [Fixtures.key(name)])
            #expect(ring.keyring.fingerprints.count == 1, "\(name)")
            #expect(
                try ring.signatures().problem(of: Fixtures.package("hello-2.0-1.x86_64-signed-with-subkey.rpm"))?.code
                    == .signature)
        }
        // A key of somebody else, claimed as a subkey without a signature.
        let home = try GPGHome()
        let directory = try TemporaryDirectory("rpms")
        let owner = try home.makeKey("Owner")
        let victim = try home.makeKey("Victim")
        let file = try signed("hello-2.0-1.x86_64.rpm", by: victim, home, directory)
        let ring = try directory.write(home.exportPublic(victim, armored: false), to: "victim.gpg")
        #expect(try TestKeyring(files: [ring]).signatures().problem(of: file) == nil)
        var claimed = try home.exportPublic(owner, armored: false)
        let key = try Files.read(ring)
        // The first packet, of the old format with one byte of length, as that of a subkey.
        #expect(key[0] == 0x98)
        claimed += [0xb8] + key[1..<(2 + Int(key[1]))]
        let forged = try directory.write(claimed, to: "forged.gpg")
        #expect(try TestKeyring(files: [forged]).signatures().problem(of: file)?.code == .signature)
    }

    /// A copy of a package, signed by a key of one's own.
    private func signed(
        _ package: String, by key: GPGHome.Key, _ home: GPGHome, _ directory: TemporaryDirectory
    ) throws -> String {
        let file = directory.path("\(key.fingerprint).rpm")
        try Files.copy(Fixtures.package(package), to: file)
        try Subprocess.run(
            [
                "rpmsign", "--define", "_gpg_name \(key.fingerprint)", "--define", "__gpg /usr/bin/gpg", "--addsign",
                file,
            ],
            environment: ["GNUPGHOME": home.path]
        ).checked()
        return file
    }

    @Test("keys with one key id do not hide each other")
    func collidingKeyIDs() throws {
        let directory = try TemporaryDirectory("rpms")
        let home = try GPGHome()
        let key = try home.makeKey()
        let file = try signed("hello-2.0-1.x86_64.rpm", by: key, home, directory)
        let ring = try directory.write(home.exportPublic(key), to: "ring.asc")
        let colliding = [Fixtures.key("keyidcollision1.pub"), Fixtures.key("keyidcollision2.pub")]
        let keyring = try TestKeyring(files: colliding + [ring])
        #expect(keyring.keyring.fingerprints.count == 3)
        #expect(try keyring.signatures().problem(of: file) == nil)
    }

    @Test("expired and revoked subkeys are refused, and named")
    func endedSubkeys() throws {
        for (name, word) in [("alice-expired-subkey.asc", "expired"), ("alice-revoked-subkey.asc", "revoked")] {
            let signatures = try TestKeyring(files: [Fixtures.key(name)]).signatures()
            let problem = signatures.problem(of: Fixtures.package("hello-2.0-1.x86_64-signed-with-subkey.rpm"))
            #expect(problem?.code == .signature)
            #expect(problem?.message.contains("\(word) key") == true, "\(problem.map { "\($0)" } ?? "accepted")")
        }
        let good = try TestKeyring(files: [Fixtures.key("alice.asc")]).signatures()
        #expect(good.problem(of: Fixtures.package("hello-2.0-1.x86_64-signed-with-subkey.rpm")) == nil)
    }

    @Test("any flipped byte of a signed package is noticed, wherever it is")
    func flippedBytes() throws {
        let signatures = try TestKeyring(files: [Fixtures.key("rpm.org-rsa-2048-test.pub")]).signatures()
        let bytes = try Files.read(Fixtures.package("hello-2.0-1.x86_64-signed.rpm"))
        let header = try PackageHeader.read(BytesReader(bytes), name: "x")
        for position in stride(from: header.range.lowerBound, to: bytes.count, by: 97) {
            var changed = bytes
            changed[position] ^= 1
            #expect(problem { try signatures.check(BytesReader(changed), name: "x") } != nil, "byte \(position)")
        }
        for cut in stride(from: 0, to: bytes.count, by: 211) {
            #expect(problem { try signatures.check(BytesReader(Array(bytes[..<cut])), name: "x") } != nil, "cut \(cut)")
        }
        for piece in [1, 7, 4096] { try signatures.check(BytesReader(bytes, piece: piece), name: "x") }
    }

    @Test("a payload under a signature that covers only the header is not taken for signed")
    func uncoveredPayload() throws {
        let home = try GPGHome()
        let directory = try TemporaryDirectory("rpms")
        let key = try home.makeKey()
        // Of a time when headers held no digest of the payload: rpm signs header and payload together as well.
        let file = try signed("hello-1.0-1.i386.rpm", by: key, home, directory)
        let ring = try directory.write(home.exportPublic(key), to: "ring.asc")
        let signatures = try TestKeyring(files: [ring]).signatures()
        #expect(signatures.problem(of: file) == nil)
        var bytes = try Files.read(file)
        let header = try PackageHeader.read(BytesReader(bytes), name: "x")
        #expect(header.main.entry(.payloadDigest) == nil)
        // Without that second signature: its tag becomes one that means nothing.
        for index in stride(from: 96 + 16, to: 96 + 16 + 16 * 16, by: 16)
        where [HeaderTag.pgp.rawValue, HeaderTag.gpg.rawValue].contains(HeaderBlob.number(bytes, index)) {
            bytes[index + 2] = 0x7f
        }
        let problem = problem { try signatures.check(BytesReader(bytes), name: "x") }
        #expect(problem?.message.contains("covers its header only") == true, "\(problem.map { "\($0)" } ?? "accepted")")
    }

    @Test("freshly signed packages of every kind of key pass, also from several threads")
    func freshSignatures() throws {
        let home = try GPGHome()
        let directory = try TemporaryDirectory("rpms")
        // rpm 4.18 signs with no other.
        for algorithm in ["rsa2048", "rsa4096", "ed25519", "dsa2048"] {
            let key = try home.makeKey("Packager \(algorithm)", algorithm: algorithm)
            let file = try signed("hello-2.0-1.x86_64.rpm", by: key, home, directory)
            let ring = try directory.write(home.exportPublic(key), to: "\(algorithm).asc")
            let signatures = try TestKeyring(files: [ring]).signatures()
            #expect(signatures.problem(of: file) == nil, "\(algorithm)")
            let pinned = try TestKeyring(
                files: [ring, Fixtures.key("rpm.org-rsa-2048-test.pub")],
                pinned: [key.fingerprint])
            #expect(try pinned.signatures().problem(of: file) == nil)
            #expect(
                try pinned.signatures().problem(of: Fixtures.package("hello-2.0-1.x86_64-signed.rpm"))?.message
                    .contains("not a pinned key") == true)
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                #expect(signatures.problem(of: file) == nil)
            }
        }
    }
}
