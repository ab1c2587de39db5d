import Basics
internal import CCrypto

/// A public key that libcrypto verifies with; used from any thread.
final class VerifyingKey: @unchecked Sendable {
    // Only read after the making; EVP_PKEY allows that from several threads.
    private let key: OpaquePointer
    private let kind: Kind

    private enum Kind { case rsa, dsa, ecdsa, eddsa }

    /// Nil for an algorithm or a curve that is not known here, and for damaged material.
    init?(_ packet: KeyPacket) {
        var reader = ByteReader(packet.material)
        let made: OpaquePointer?
        switch packet.algorithm {
        case PublicKeyAlgorithm.rsa, PublicKeyAlgorithm.rsaSignOnly:
            kind = .rsa
            guard let n = reader.multiprecision(), let e = reader.multiprecision(), n.count >= 128 else { return nil }
            made = VerifyingKey.make("RSA", numbers: [("n", n), ("e", e)])
        case PublicKeyAlgorithm.dsa:
            kind = .dsa
            guard let p = reader.multiprecision(), let q = reader.multiprecision(), let g = reader.multiprecision(),
                let y = reader.multiprecision(), p.count >= 128
            else { return nil }
            made = VerifyingKey.make("DSA", numbers: [("p", p), ("q", q), ("g", g), ("pub", y)])
        case PublicKeyAlgorithm.ecdsa:
            kind = .ecdsa
            guard let oid = reader.counted(1), let group = VerifyingKey.groups[Array(oid)],
                let point = reader.multiprecision()
            else { return nil }
            made = VerifyingKey.make("EC", group: group, point: point)
        case PublicKeyAlgorithm.eddsa:
            kind = .eddsa
            // A point in native form has 0x40 in front.
            guard let oid = reader.counted(1), oid.elementsEqual(VerifyingKey.ed25519),
                let point = reader.multiprecision(), point.count == 33, point[0] == 0x40
            else { return nil }
            made = VerifyingKey.raw(point[1...])
        case PublicKeyAlgorithm.ed25519:
            kind = .eddsa
            guard let point = reader.bytes(32) else { return nil }
            made = VerifyingKey.raw(point)
        default: return nil
        }
        guard let made, reader.isAtEnd else { return nil }
        key = made
    }

    deinit { EVP_PKEY_free(key) }

    private static let ed25519: [UInt8] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01]
    /// RFC 6637, 11.
    private static let groups: [[UInt8]: StaticString] = [
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]: "prime256v1",
        [0x2b, 0x81, 0x04, 0x00, 0x22]: "secp384r1",
        [0x2b, 0x81, 0x04, 0x00, 0x23]: "secp521r1",
    ]

    private static func raw(_ point: ArraySlice<UInt8>) -> OpaquePointer? {
        Array(point).withUnsafeBufferPointer {
            EVP_PKEY_new_raw_public_key_ex(Crypto.library.context, "ED25519", nil, $0.baseAddress, $0.count)
        }
    }

    /// EVP_PKEY_fromdata(3).
    private static func make(
        _ type: String, numbers: [(StaticString, [UInt8])] = [], group: StaticString? = nil, point: [UInt8] = []
    ) -> OpaquePointer? {
        guard let builder = OSSL_PARAM_BLD_new() else { return nil }
        defer { OSSL_PARAM_BLD_free(builder) }
        var integers: [OpaquePointer] = []
        defer { for integer in integers { BN_free(integer) } }
        for (name, bytes) in numbers {
            guard let integer = BN_bin2bn(bytes, Int32(bytes.count), nil) else { return nil }
            integers.append(integer)
            guard OSSL_PARAM_BLD_push_BN(builder, text(name), integer) == 1 else { return nil }
        }
        if let group {
            guard OSSL_PARAM_BLD_push_utf8_string(builder, text("group"), text(group), group.utf8CodeUnitCount) == 1
            else { return nil }
        }
        return point.withUnsafeBytes { point in
            if point.count > 0,
                OSSL_PARAM_BLD_push_octet_string(builder, text("pub"), point.baseAddress, point.count) != 1
            {
                return nil
            }
            guard let parameters = OSSL_PARAM_BLD_to_param(builder) else { return nil }
            defer { OSSL_PARAM_free(parameters) }
            guard let context = EVP_PKEY_CTX_new_from_name(Crypto.library.context, type, nil) else { return nil }
            defer { EVP_PKEY_CTX_free(context) }
            var key: OpaquePointer?
            guard EVP_PKEY_fromdata_init(context) == 1,
                EVP_PKEY_fromdata(context, &key, chantal_evp_public_key, parameters) == 1
            else { return nil }
            return key
        }
    }

    /// A C string that lives as long as the process: the builder copies names and texts only at its end.
    private static func text(_ literal: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// Whether the numbers are this key's signature over a digest; false for a signature of another algorithm.
    func verifies(_ signature: SignaturePacket, digest: [UInt8], _ hash: SignatureHash) -> Bool {
        switch (kind, signature.keyAlgorithm) {
        case (.rsa, PublicKeyAlgorithm.rsa), (.rsa, PublicKeyAlgorithm.rsaSignOnly):
            let size = Int(EVP_PKEY_get_size(key))
            guard let number = VerifyingKey.padded(signature.numbers[0], to: size) else { return false }
            return verify(number, digest) {
                EVP_PKEY_CTX_set_rsa_padding($0, RSA_PKCS1_PADDING) == 1
                    && EVP_PKEY_CTX_set_signature_md($0, hash.method) == 1
            }
        case (.dsa, PublicKeyAlgorithm.dsa), (.ecdsa, PublicKeyAlgorithm.ecdsa):
            return verify(DER.sequence(signature.numbers), digest) { _ in true }
        case (.eddsa, PublicKeyAlgorithm.eddsa):
            guard let r = VerifyingKey.padded(signature.numbers[0], to: 32),
                let s = VerifyingKey.padded(signature.numbers[1], to: 32)
            else { return false }
            return verifyEdwards(r + s, digest)
        case (.eddsa, PublicKeyAlgorithm.ed25519): return verifyEdwards(signature.numbers[0], digest)
        default: return false
        }
    }

    private func verify(_ signature: [UInt8], _ digest: [UInt8], _ prepare: (OpaquePointer) -> Bool) -> Bool {
        guard let context = EVP_PKEY_CTX_new_from_pkey(Crypto.library.context, key, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_verify_init(context) == 1, prepare(context) else { return false }
        defer { ERR_clear_error() }
        return EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
    }

    /// RFC 8032 over the digest as the message.
    private func verifyEdwards(_ signature: [UInt8], _ digest: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        defer { ERR_clear_error() }
        guard EVP_DigestVerifyInit_ex(context, nil, nil, Crypto.library.context, nil, key, nil) == 1 else {
            return false
        }
        return EVP_DigestVerify(context, signature, signature.count, digest, digest.count) == 1
    }

    private static func padded(_ number: [UInt8], to size: Int) -> [UInt8]? {
        number.count > size ? nil : [UInt8](repeating: 0, count: size - number.count) + number
    }
}

/// What libcrypto wants DSA and ECDSA signatures in (X.690).
private enum DER {
    static func sequence(_ numbers: [[UInt8]]) -> [UInt8] {
        let content = numbers.flatMap { number in
            // Positive: a first bit that is set gets a zero in front.
            element(0x02, number.first.map { $0 >= 0x80 } ?? true ? [0] + number : number)
        }
        return element(0x30, content)
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        if content.count < 0x80 { return [tag, UInt8(content.count)] + content }
        if content.count <= 0xff { return [tag, 0x81, UInt8(content.count)] + content }
        return [tag, 0x82, UInt8(content.count >> 8 & 255), UInt8(content.count & 255)] + content
    }
}
