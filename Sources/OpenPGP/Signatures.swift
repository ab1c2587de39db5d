public import Basics
internal import CGPGME

/// A signature that is good: by a known, valid key, over these bytes, with a strong digest.
public struct GoodSignature: Sendable, Hashable {
    /// Of the key or subkey that signed, upper-case hex.
    public var fingerprint: String
    public var primaryFingerprint: String
    public var createdAt: Timestamp
    /// The earliest end of the signature, the key that signed, and its primary key; nil if none ends.
    public var expiresAt: Timestamp?
}

/// What a good signature covers.
public struct VerifiedText: Sendable {
    /// The bytes that gpg returned as signed; nothing else of the file may be read.
    public var text: [UInt8]
    /// At least one.
    public var signatures: [GoodSignature]
}

/// Where signed files come from: what to do about a signature that does not count.
public enum SignedOrigin: Sendable {
    case upstream
    /// Another chantal, on the way over an air gap.
    case bundle

    /// The key of the configuration that names the keyring.
    var setting: String { self == .upstream ? "keyring" : "bundle_keyring" }
    var signer: String { self == .upstream ? "upstream" : "the exporter" }
    var ifTampered: String {
        self == .upstream
            ? "something between upstream and here changes the file; try another upstream"
            : "the bundle was changed after it was signed, or damaged on its way: bring it over again"
    }
}

/// Why a signature does not count.
public struct SignatureProblem: Sendable {
    enum Reason: Sendable {
        case unknownKey, notPinned, tampered, expiredSignature
        case weakDigest(String)
        case badKey(String)
        case other(String)
    }

    var fingerprint: String
    var reason: Reason

    init(_ fingerprint: String, _ reason: Reason) {
        self.fingerprint = fingerprint
        self.reason = reason
    }

    private var words: String {
        switch reason {
        case .unknownKey: "unknown key"
        case .notPinned: "not a pinned key"
        case .tampered: "bad signature: the content is not what was signed"
        case .expiredSignature: "expired signature"
        case .weakDigest(let name): "weak digest \(name)"
        case .badKey(let words): words
        case .other(let words): words
        }
    }

    private func hint(_ origin: SignedOrigin) -> String {
        switch reason {
        case .unknownKey: "add the key with this fingerprint to `\(origin.setting):`, if you trust it"
        case .notPinned: "add the fingerprint to `fingerprints:`, if you trust it"
        case .tampered: origin.ifTampered
        case .expiredSignature: "\(origin.signer) has not renewed its signature, or this machine's clock is wrong"
        case .weakDigest: "\(origin.signer) must sign with SHA-256 or better"
        case .badKey: "get \(origin.signer)'s current keyring; the key may have been renewed"
        case .other: "look at `gpg --verify`"
        }
    }

    /// One error for a file whose signatures are all unusable.
    static func error(
        _ problems: [SignatureProblem], name: String, keyrings: [String], origin: SignedOrigin
    ) -> ChantalError {
        if problems.isEmpty {
            return ChantalError(.signature, "\(name) holds no signature", path: name)
        }
        let list = problems.map { "\($0.fingerprint) (\($0.words))" }.joined(separator: ", ")
        // A file with unknown signers beside a defect of the known one: the defect is what the user can act on.
        let main =
            problems.first {
                if case .unknownKey = $0.reason { false } else { true }
            } ?? problems[0]
        return ChantalError(
            .signature, "\(name) is not validly signed by a key in \(keyrings.joined(separator: ", ")): \(list)",
            hint: main.hint(origin), path: name)
    }
}

/// A signature as gpgme reports it.
struct SeenSignature {
    var fingerprint: String
    var createdAt: Timestamp
    var expiresAt: Timestamp?
    var problem: SignatureProblem?

    static func all(_ context: EngineContext) -> [SeenSignature] {
        var result: [SeenSignature] = []
        var next = gpgme_op_verify_result(context.handle)?.pointee.signatures
        while let signature = next {
            result.append(SeenSignature(signature.pointee))
            next = signature.pointee.next
        }
        return result
    }

    private init(_ signature: _gpgme_signature) {
        fingerprint = signature.fpr.map { String(cString: $0) } ?? "unknown fingerprint"
        createdAt = Timestamp(seconds: Int64(signature.timestamp))
        expiresAt = signature.exp_timestamp > 0 ? Timestamp(seconds: Int64(signature.exp_timestamp)) : nil
        problem = SeenSignature.reason(signature).map { [fingerprint] in SignatureProblem(fingerprint, $0) }
    }

    /// Nil for a good one.
    private static func reason(_ signature: _gpgme_signature) -> SignatureProblem.Reason? {
        if let name = weakDigest(signature.hash_algo) { return .weakDigest(name) }
        switch gpgme_err_code(signature.status) {
        case GPG_ERR_NO_ERROR: break
        case GPG_ERR_BAD_SIGNATURE: return .tampered
        case GPG_ERR_SIG_EXPIRED: return .expiredSignature
        case GPG_ERR_KEY_EXPIRED: return .badKey("expired key")
        case GPG_ERR_CERT_REVOKED: return .badKey("revoked key")
        case GPG_ERR_NO_PUBKEY: return .unknownKey
        default: return .other(Engine.reason(signature.status))
        }
        let summary = signature.summary.rawValue
        if summary & GPGME_SIGSUM_KEY_REVOKED.rawValue != 0 { return .badKey("revoked key") }
        if summary & GPGME_SIGSUM_KEY_EXPIRED.rawValue != 0 { return .badKey("expired key") }
        if summary & GPGME_SIGSUM_SIG_EXPIRED.rawValue != 0 { return .expiredSignature }
        if summary & GPGME_SIGSUM_RED.rawValue != 0 { return .tampered }
        if signature.wrong_key_usage != 0 { return .badKey("key not made for signing") }
        return nil
    }

    /// Digests for which collisions can be made. The algorithm of a signature that gpg could not check may be unknown (0).
    private static func weakDigest(_ algorithm: gpgme_hash_algo_t) -> String? {
        switch algorithm {
        case GPGME_MD_MD5: "MD5"
        case GPGME_MD_SHA1: "SHA-1"
        case GPGME_MD_RMD160: "RIPEMD-160"
        case GPGME_MD_MD2, GPGME_MD_MD4, GPGME_MD_TIGER, GPGME_MD_HAVAL: "of a broken kind"
        default: nil
        }
    }
}
