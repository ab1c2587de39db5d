import Basics
import Glibc

/// The public keys of a file that a user names as a keyring: binary, armored, or GnuPG's keybox.
struct KeyringFile {
    /// Transferable public keys (RFC 4880, 11.1), each with what belongs to it, nothing else.
    var keys: [Key]

    struct Key {
        /// The body of the primary key's packet: two keys with the same one are the same key.
        var primary: [UInt8]
        var bytes: [UInt8]
    }

    /// No distribution's keyring comes near this.
    private static let sizeLimit = 32 << 20

    /// - Throws: ``ChantalError`` that names the file: it cannot be read, holds no public key, holds a secret one, or is damaged.
    /// - Parameter setting: the key of the configuration that names it, for hints.
    init(path: String, setting: String = SignedOrigin.upstream.setting) throws {
        let bytes = try KeyringFile.read(path, setting)
        func refuse(_ reason: String, _ hint: String) -> ChantalError {
            ChantalError(.signature, "the keyring \(path) \(reason)", hint: hint, path: path)
        }
        let export = "export the public key again: gpg --export --output FILE FINGERPRINT"
        var material: [[UInt8]]
        if Keybox.matches(bytes) {
            guard let keyblocks = Keybox.keyblocks(bytes) else { throw refuse("is a damaged keybox", export) }
            material = keyblocks
        } else if let first = bytes.first, first & 0x80 != 0 {
            material = [bytes]
        } else {
            guard let blocks = ArmorBlock.parse(bytes[...], onlyBlocks: false) else {
                throw refuse("has a damaged ASCII armor", export)
            }
            if blocks.contains(where: { $0.label == "PGP PRIVATE KEY BLOCK" }) {
                throw refuse("holds a secret key", export)
            }
            material = blocks.filter { $0.label == "PGP PUBLIC KEY BLOCK" }.map(\.bytes)
        }
        keys = []
        for part in material {
            guard let packets = Packet.split(part) else { throw refuse("is damaged or no OpenPGP keyring", export) }
            if packets.contains(where: { $0.tag == Packet.secretKey || $0.tag == Packet.secretSubkey }) {
                throw refuse("holds a secret key", export)
            }
            keys += KeyringFile.keys(part, packets)
        }
        if keys.isEmpty {
            throw refuse(
                "holds no OpenPGP public key",
                "name a file that `gpg --show-keys FILE` lists keys for: binary, armored or .kbx")
        }
    }

    /// Only what makes up a key is kept: gpg believes the "checked before" notes (tag 12) in a keyring of its own.
    private static func keys(_ bytes: [UInt8], _ packets: [Packet]) -> [Key] {
        var keys: [Key] = []
        var isUsable = false
        for packet in packets {
            switch packet.tag {
            case Packet.publicKey:
                // Version 3 is long broken; versions that gpg does not know would hide the keys after them.
                isUsable =
                    !packet.body.isEmpty && (bytes[packet.body.lowerBound] == 4 || bytes[packet.body.lowerBound] == 5)
                if isUsable { keys.append(Key(primary: Array(bytes[packet.body]), bytes: Array(bytes[packet.whole]))) }
            case Packet.signature, Packet.userID, Packet.publicSubkey, Packet.userAttribute:
                if isUsable { keys[keys.count - 1].bytes += bytes[packet.whole] }
            default: break
            }
        }
        return keys
    }

    private static func read(_ path: String, _ setting: String) throws -> [UInt8] {
        func failed(_ verb: String) -> ChantalError {
            let number = errno
            let code: ChantalError.Code =
                number == ENOENT ? .notFound : number == EACCES || number == EPERM ? .permission : .io
            return ChantalError(
                code, "cannot \(verb) the keyring \(path): \(String(cString: strerror(number)))",
                hint: number == ENOENT ? "install or download the keyring, or correct `\(setting):`" : nil, path: path)
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw failed("open") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failed("read") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            if bytes.count > sizeLimit {
                throw ChantalError(
                    .tooLarge, "the keyring \(path) is larger than \(ByteCount.text(Int64(sizeLimit)))", path: path)
            }
        }
    }
}

/// GnuPG's keybox (kbx/keybox-blob.c): blobs with a length in front; those of type 2 hold an OpenPGP key.
enum Keybox {
    static func matches(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 12 && bytes[8..<12].elementsEqual("KBXf".utf8)
    }

    /// Nil if a length leads outside.
    static func keyblocks(_ bytes: [UInt8]) -> [[UInt8]]? {
        func number(_ index: Int) -> Int { bytes[index..<(index + 4)].reduce(0) { $0 << 8 | Int($1) } }
        var result: [[UInt8]] = []
        var position = 0
        while position < bytes.count {
            guard position + 5 <= bytes.count else { return nil }
            let length = number(position)
            guard length >= 5, length <= bytes.count - position else { return nil }
            if bytes[position + 4] == 2 {
                guard length >= 16 else { return nil }
                let (offset, count) = (number(position + 8), number(position + 12))
                guard offset <= length, count <= length - offset else { return nil }
                result.append(Array(bytes[(position + offset)..<(position + offset + count)]))
            }
            position += length
        }
        return result
    }
}
