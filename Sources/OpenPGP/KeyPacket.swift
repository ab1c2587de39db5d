import Basics
internal import CCrypto

/// The packet of a public key or subkey, version 4 (RFC 4880, 5.5.2).
struct KeyPacket {
    /// Seconds since 1970.
    let createdAt: Int64
    let algorithm: UInt8
    /// What stands after the algorithm.
    let material: ArraySlice<UInt8>
    /// What signatures over the key hash, and what the fingerprint is the SHA-1 of (12.2).
    let hashed: [UInt8]
    let fingerprint: [UInt8]

    init?(_ body: ArraySlice<UInt8>) {
        var reader = ByteReader(body)
        guard body.count <= 0xffff, reader.byte() == 4, let created = reader.number(4), let algorithm = reader.byte()
        else { return nil }
        createdAt = Int64(created)
        self.algorithm = algorithm
        material = body[reader.position...]
        hashed = [0x99, UInt8(body.count >> 8), UInt8(body.count & 255)] + body
        guard let sha1 = SignatureHash.sha1, let hash = RunningHash(sha1) else { return nil }
        hashed.withUnsafeBytes { hash.update($0) }
        fingerprint = hash.finish()
    }

    var keyID: UInt64 { ByteReader.value(fingerprint.suffix(8)) }
}

/// A digest method of libcrypto's by its number in OpenPGP (RFC 4880, 9.4; RFC 9580, 9.5).
struct SignatureHash: @unchecked Sendable {
    // Immutable once fetched, and kept for ever.
    let method: OpaquePointer
    let id: UInt8

    private init?(_ id: UInt8, _ name: String) {
        guard let method = EVP_MD_fetch(Crypto.library.context, name, nil) else { return nil }
        self.method = method
        self.id = id
    }

    static let sha1 = SignatureHash(2, "SHA1")
    private static let all = [
        sha1, SignatureHash(8, "SHA2-256"), SignatureHash(9, "SHA2-384"), SignatureHash(10, "SHA2-512"),
        SignatureHash(11, "SHA2-224"), SignatureHash(12, "SHA3-256"), SignatureHash(14, "SHA3-512"),
    ].compactMap { $0 }

    static func of(_ id: UInt8) -> SignatureHash? { all.first { $0.id == id } }

    /// The name of a digest for which collisions can be made.
    static func weakName(_ id: UInt8) -> String? {
        switch id {
        case 1: "MD5"
        case 2: "SHA-1"
        case 3: "RIPEMD-160"
        case 4...7: "of a broken kind"
        default: nil
        }
    }
}

/// One computation of a digest.
final class RunningHash {
    private let context: OpaquePointer

    init?(_ hash: SignatureHash) {
        guard let context = EVP_MD_CTX_new() else { return nil }
        guard EVP_DigestInit_ex2(context, hash.method, nil) == 1 else {
            EVP_MD_CTX_free(context)
            return nil
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        precondition(EVP_DigestUpdate(context, base, bytes.count) == 1, "libcrypto cannot continue a digest")
    }

    /// To be called once, at the end.
    func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
            var size: UInt32 = 0
            precondition(
                EVP_DigestFinal_ex(context, buffer.baseAddress, &size) == 1, "libcrypto cannot finish a digest")
            count = Int(size)
        }
    }
}

/// libcrypto with its default provider, whatever the machine's openssl.cnf says: what may be trusted is decided here.
struct Crypto: @unchecked Sendable {
    let context = OSSL_LIB_CTX_new()
    static let library = Crypto()
}
