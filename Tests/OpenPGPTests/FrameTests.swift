import Basics
import Foundation
import OpenPGP
import Testing

@Suite struct FrameTests {
    let home: GPGHome
    let ring: Keyring
    let scratch: Scratch
    let signed: String
    let signature: [UInt8]

    init() throws {
        home = try GPGHome()
        scratch = try Scratch()
        let key = try home.makeKey("archive")
        ring = try scratch.keyring(home.export(key))
        signed = String(decoding: try home.clearsign(release, by: [key]), as: UTF8.self)
        signature = try home.detached(release, by: [key])
    }

    @Test("anything but one signed message and its signatures is refused, though gpg may accept it")
    func hostileFrames() throws {
        #expect(throws: Never.self) { try ring.verifyClearsigned(Array(signed.utf8), name: "InRelease") }
        let begin = "-----BEGIN PGP SIGNED MESSAGE-----"
        let signatureBegin = "-----BEGIN PGP SIGNATURE-----"
        let block = String(signed[try #require(signed.range(of: signatureBegin)).lowerBound...])
        let table: [(String, String)] = [
            ("nothing", ""),
            ("plain text", "Origin: x\n"),
            ("a web page", "<html>\n"),
            ("a line before", "Origin: evil\n" + signed),
            ("an empty line before", "\n" + signed),
            ("white space after the first line", signed.replacingOccurrences(of: begin, with: begin + " ")),
            ("text after", signed + "Origin: evil\n"),
            ("a second message", signed + signed),
            ("a key after", signed + String(decoding: try home.export(armored: true), as: UTF8.self)),
            ("no signature", String(signed[..<signed.range(of: signatureBegin)!.lowerBound])),
            ("an unclosed signature", signed.replacingOccurrences(of: "-----END PGP SIGNATURE-----\n", with: "")),
            ("an unclosed second signature", signed + signatureBegin + "\n"),
            ("an unescaped dash", signed.replacingOccurrences(of: "- - starts", with: "- starts\n-starts")),
            (
                "a foreign block within",
                signed.replacingOccurrences(of: "Suite:", with: "-----BEGIN PGP MESSAGE-----\nSuite:")
            ),
            ("another header", signed.replacingOccurrences(of: "Hash: ", with: "NotDashEscaped: yes\nHash: ")),
            ("no text at all", begin + "\n"),
            ("headers without end", begin + "\nHash: SHA512\n"),
            (
                "a broken armor",
                signed.replacingOccurrences(of: block, with: block.replacingOccurrences(of: "=", with: "!"))
            ),
            (
                "an empty signature block",
                signed.replacingOccurrences(of: block, with: "\(signatureBegin)\n\n-----END PGP SIGNATURE-----\n")
            ),
        ]
        for (name, text) in table {
            let error = try failure { _ = try ring.verifyClearsigned(Array(text.utf8), name: "InRelease") }
            #expect(error.code == .signature && error.path == "InRelease", "\(name): \(error)")
            #expect(error.message.hasPrefix("InRelease"), "\(name): \(error)")
        }
    }

    @Test("a file of detached signatures holds nothing else")
    func detachedFrames() throws {
        let text = String(decoding: signature, as: UTF8.self)
        let key = try home.export()
        let table: [(String, [UInt8])] = [
            ("nothing", []), ("a web page", Array("<html>".utf8)), ("text before", Array(("x\n" + text).utf8)),
            ("text after", signature + Array("x\n".utf8)), ("a key", key), ("a message", Array(signed.utf8)),
            ("cut off", Array(signature.dropLast(40))), ("a key after", signature + (try home.export(armored: true))),
            ("random bytes", [0xff, 0xfe, 0, 1, 2, 3]), ("a zero", [0]),
        ]
        for (name, bytes) in table {
            let error = try failure { _ = try ring.verifyDetached(bytes, of: release, name: "Release.gpg") }
            #expect(error.code == .signature && error.message.contains("Release.gpg"), "\(name): \(error)")
        }
        // Blank lines around blocks are harmless.
        #expect(throws: Never.self) {
            try ring.verifyDetached(Array("\n".utf8) + signature + Array("\n\n".utf8), of: release, name: "x")
        }
    }
}
