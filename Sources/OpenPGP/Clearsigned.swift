import Basics

/// The frame of a message signed in clear (RFC 4880, 7), stricter than gpg reads it: nothing before, nothing after, no line that could be
/// taken for signed by one reader and for not signed by another.
enum Clearsigned {
    private static let first = Array("-----BEGIN PGP SIGNED MESSAGE-----".utf8)
    static let signatureLabel = "PGP SIGNATURE"
    private static let signatureStart = Array("-----BEGIN PGP SIGNATURE-----".utf8)

    /// The message as gpg takes it: as it is, or with its signature blocks made one (gpg reads only the first).
    /// - Throws: ``ChantalError`` `signature` that names the file and the line.
    static func checked(_ bytes: [UInt8], name: String) throws -> [UInt8] {
        var number = 0
        func refuse(_ reason: String) -> ChantalError {
            ChantalError(
                .signature, "\(name), line \(number): \(reason)",
                hint: "the file is no message signed in clear; a proxy or a portal may have answered instead",
                path: name)
        }
        var lines = LineReader(bytes[...])
        func isFirstLine() -> Bool {
            guard bytes.starts(with: first), bytes.count > first.count else { return false }
            let next = bytes[first.count...]
            return next.starts(with: [0x0a]) || next.starts(with: [0x0d, 0x0a])
        }
        number = 1
        guard isFirstLine() else { throw refuse("it does not start with '-----BEGIN PGP SIGNED MESSAGE-----'") }
        _ = lines.next()
        while true {
            number += 1
            guard let line = lines.next() else { throw refuse("it ends within its armor headers") }
            if line.isEmpty { break }
            guard line.starts(with: "Hash:".utf8) else { throw refuse("an armor header is not 'Hash'") }
        }
        while true {
            number += 1
            let start = lines.position
            guard let line = lines.next() else { throw refuse("it has no signature") }
            guard line.first == UInt8(ascii: "-") else { continue }
            if line.elementsEqual(signatureStart) {
                return try joined(bytes, from: start) { refuse($0) }
            }
            // A trimmed "- " is an escaped empty line.
            guard line.count == 1 && bytes[start + 1] == 0x20 || line.starts(with: [0x2d, 0x20]) else {
                throw refuse("a line starts with '-' and is not escaped")
            }
        }
    }

    private static func joined(
        _ bytes: [UInt8], from start: Int, _ refuse: (String) -> ChantalError
    ) throws -> [UInt8] {
        guard let blocks = ArmorBlock.parse(bytes[start...], onlyBlocks: true), !blocks.isEmpty,
            blocks.allSatisfy({ $0.label == signatureLabel })
        else { throw refuse("what starts here is not a closed signature with nothing after it") }
        let signatures = blocks.flatMap(\.bytes)
        guard Signatures.areOnly(signatures) else { throw refuse("the signature block holds other things") }
        if blocks.count == 1 { return bytes }
        return bytes[..<start] + ArmorBlock.encode(signatures, label: signatureLabel)
    }
}

/// Detached signatures.
enum Signatures {
    /// Whether the bytes are signature packets and nothing else.
    static func areOnly(_ bytes: [UInt8]) -> Bool {
        guard let packets = Packet.split(bytes), !packets.isEmpty else { return false }
        return packets.allSatisfy { $0.tag == Packet.signature }
    }

    /// The packets of a file of detached signatures: binary, or armored in one block or several.
    /// - Throws: ``ChantalError`` `signature` that names the file, if it holds anything else.
    static func checked(_ bytes: [UInt8], name: String) throws -> [UInt8] {
        var packets = bytes
        if let first = bytes.first, first & 0x80 == 0 {
            guard let blocks = ArmorBlock.parse(bytes[...], onlyBlocks: true),
                blocks.allSatisfy({ $0.label == Clearsigned.signatureLabel })
            else { throw refuse(name) }
            packets = blocks.flatMap(\.bytes)
        }
        guard areOnly(packets) else { throw refuse(name) }
        return packets
    }

    private static func refuse(_ name: String) -> ChantalError {
        ChantalError(
            .signature, "\(name) holds something other than OpenPGP signatures",
            hint: "a proxy or a portal may have answered instead", path: name)
    }
}
