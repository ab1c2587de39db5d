import Basics

/// The structure of OpenPGP armor around Release files, checked before a signature is (RFC 9580, 7; as apt reads it).
///
/// A signature vouches for a part of the file only. What lies outside would be read by others, so there must be nothing there.
public enum Clearsign {
    /// Checks an InRelease file: the message on the first line, `Hash` headers, an empty line, a body whose lines begin with a hyphen only as
    /// `- ` escapes, then signature blocks and nothing else. CRLF is taken as LF.
    /// - Throws: ``ChantalError`` `signature` naming the file and the line.
    public static func check(_ bytes: [UInt8], file: String) throws {
        try bytes.withUnsafeBytes { buffer in
            var lines = ArmorLines(buffer, file: file)
            guard lines.begins(with: "-----BEGIN PGP SIGNED MESSAGE-----"), lines.next() != nil else {
                throw lines.refuse("does not begin with '-----BEGIN PGP SIGNED MESSAGE-----'")
            }
            while true {
                guard let header = lines.next() else { throw lines.refuse("ends within the armor headers") }
                if header.isEmpty { break }
                guard header.count > 5, header.slice(0..<5).equals("Hash:") else {
                    throw lines.refuse("holds an armor header other than 'Hash'")
                }
            }
            while true {
                guard let line = lines.next() else { throw lines.refuse("ends without a signature") }
                if line.equals("-----BEGIN PGP SIGNATURE-----") { break }
                if line.first == 0x2d, line.count < 2 || line[1] != 0x20 {
                    throw lines.refuse("holds an unescaped line that begins with '-'")
                }
            }
            try lines.skipSignature()
            try lines.skipSignatures()
        }
    }

    /// The text of an InRelease file whose structure was checked, for repositories that are mirrored without verification.
    public static func unverifiedText(_ bytes: [UInt8], file: String) throws -> [UInt8] {
        try check(bytes, file: file)
        return bytes.withUnsafeBytes { buffer in
            var text: [UInt8] = []
            var lines = ArmorLines(buffer, file: file)
            while let header = lines.next(), !header.isEmpty {}
            while let line = lines.next(), !line.equals("-----BEGIN PGP SIGNATURE-----") {
                text.append(contentsOf: line.first == 0x2d ? line.slice(2..<line.count) : line)
                text.append(0x0a)
            }
            return text
        }
    }

    /// Checks a Release.gpg file: armored signature blocks and nothing else.
    /// - Throws: ``ChantalError`` `signature` naming the file and the line.
    public static func checkDetached(_ bytes: [UInt8], file: String) throws {
        try bytes.withUnsafeBytes { buffer in
            var lines = ArmorLines(buffer, file: file)
            guard let first = buffer.first else { throw lines.refuse("is empty") }
            if first & 0x80 != 0 { throw lines.refuse("is not armored, and apt refuses binary signatures") }
            guard try lines.skipSignatures() > 0 else { throw lines.refuse("holds no signature") }
        }
    }
}

/// The lines of an armored file, without the blanks and line breaks at their ends.
private struct ArmorLines {
    private let bytes: UnsafeRawBufferPointer
    private let file: String
    private var position = 0
    private var number = 0

    init(_ bytes: UnsafeRawBufferPointer, file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// Whether the first line is this and nothing more, CR apart.
    func begins(with text: StaticString) -> Bool {
        let newline = bytes.firstIndex(of: 0x0a, from: 0) ?? bytes.count
        let end = newline > 0 && bytes[newline - 1] == 0x0d ? newline - 1 : newline
        return bytes.slice(0..<end).equals(text)
    }

    /// RFC 9580, 7.1: trailing blanks do not count.
    mutating func next() -> UnsafeRawBufferPointer? {
        guard position < bytes.count else { return nil }
        let newline = bytes.firstIndex(of: 0x0a, from: position) ?? bytes.count
        var end = newline
        while end > position, bytes[end - 1].isASCIISpace { end -= 1 }
        defer {
            position = newline + 1
            number += 1
        }
        return bytes.slice(position..<end)
    }

    /// After the line that begins a signature: the rest of the block.
    mutating func skipSignature() throws {
        while let line = next() {
            if line.equals("-----END PGP SIGNATURE-----") { return }
            if line.first == 0x2d { throw refuse("holds a line within a signature that begins with '-'") }
        }
        throw refuse("ends within a signature")
    }

    /// Signature blocks to the end of the file; empty lines may lie between them.
    @discardableResult
    mutating func skipSignatures() throws -> Int {
        var count = 0
        while let line = next() {
            if line.isEmpty { continue }
            guard line.equals("-----BEGIN PGP SIGNATURE-----") else {
                throw refuse("holds something besides signatures where nothing else may be")
            }
            try skipSignature()
            count += 1
        }
        return count
    }

    func refuse(_ reason: String) -> ChantalError {
        ChantalError(
            .signature, "\(file) is refused: it \(reason) (line \(number))",
            hint:
                "what lies outside the signed text cannot be trusted; look whether upstream or something on the way added it",
            path: file)
    }
}
