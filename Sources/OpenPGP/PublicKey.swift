import Basics
internal import CGPGME

/// What the signature check needs to know of a key.
struct PublicKey: Sendable {
    struct Part: Sendable {
        var fingerprint: String
        var expiresAt: Timestamp?
        /// Why nothing by this part counts.
        var problem: String?
        /// Whether its owner made it for signing content.
        var canSign: Bool
    }

    /// The primary key first.
    var parts: [Part]
    /// Why nothing by this key counts.
    var problem: String?

    var fingerprint: String { parts[0].fingerprint }

    /// Copies a key of gpgme's; nil for one without a fingerprint.
    init?(_ key: gpgme_key_t) {
        parts = []
        var next = key.pointee.subkeys
        while let subkey = next {
            let value = subkey.pointee
            next = value.next
            guard let fingerprint = value.fpr.map({ String(cString: $0) }) else { continue }
            parts.append(
                Part(
                    fingerprint: fingerprint,
                    expiresAt: value.expires > 0 ? Timestamp(seconds: Int64(value.expires)) : nil,
                    problem: value.revoked != 0
                        ? "revoked key" : value.expired != 0 ? "expired key" : value.invalid != 0 ? "invalid key" : nil,
                    canSign: value.can_sign != 0)
            )
        }
        if parts.isEmpty { return nil }
        let value = key.pointee
        problem =
            value.revoked != 0
            ? "revoked key"
            : value.expired != 0
                ? "expired key" : value.disabled != 0 ? "disabled key" : value.invalid != 0 ? "invalid key" : nil
    }

    /// All keys of a context's home.
    static func all(_ context: EngineContext) throws -> [PublicKey] {
        try Engine.check(gpgme_op_keylist_start(context.handle, nil, 0), "gpg cannot list keys")
        defer { gpgme_op_keylist_end(context.handle) }
        var keys: [PublicKey] = []
        while true {
            var key: gpgme_key_t?
            let status = gpgme_op_keylist_next(context.handle, &key)
            if gpgme_err_code(status) == GPG_ERR_EOF { return keys }
            try Engine.check(status, "gpg cannot list keys")
            guard let key else { return keys }
            defer { gpgme_key_unref(key) }
            if let copy = PublicKey(key) { keys.append(copy) }
        }
    }
}

/// Fingerprints as users write them.
enum Fingerprint {
    /// Upper-case hex without spaces, colons and `0x`.
    /// - Throws: ``ChantalError`` `config` for anything that is not a whole fingerprint (a short key id can be forged).
    static func normalised(_ text: String) throws -> String {
        var bytes = text.utf8.filter { $0 != 0x20 && $0 != 0x3a }
        if bytes.starts(with: "0x".utf8) { bytes.removeFirst(2) }
        guard bytes.count == 40 || bytes.count == 64, bytes.allSatisfy({ Hex.value($0) != nil }) else {
            throw ChantalError(
                .config, "'\(text)' is no whole fingerprint", hint: "give all 40 hex digits, as `gpg --show-keys` shows"
            )
        }
        return String(decoding: bytes, as: UTF8.self).uppercased()
    }
}
