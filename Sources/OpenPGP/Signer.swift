import Basics
internal import CGPGME

/// Signs with a secret key of a gpg home, through its agent.
///
/// Used from any thread; signatures are made one after the other. Never asks: a passphrase comes from the caller or from the agent's cache.
/// An agent that was started for a home named by the caller ends with this.
public final class Signer: Sendable {
    /// Of the primary key, upper-case hex.
    public let fingerprint: String

    private let context: EngineContext
    private let passphrase: Passphrase
    private let agent: Agent?

    /// - Parameters:
    ///   - key: the whole fingerprint of the primary key or a subkey; gpg signs with the newest subkey that may.
    ///   - home: a gpg home; nil for the user's own.
    ///   - passphrase: without line end.
    /// - Throws: ``ChantalError``: `config` for a wrong fingerprint, `not_found` without the secret key, `signature` for one that
    ///   is expired, revoked or cannot sign.
    public init(key fingerprint: String, home: String?, passphrase: [UInt8]?) throws {
        let wanted = try Fingerprint.normalised(fingerprint)
        let context = try EngineContext(home: home)
        agent = try home.map(Agent.init)
        let key = try context.exclusively { try Signer.secretKey(wanted, context, home: home) }
        defer { gpgme_key_unref(key) }
        guard let copy = PublicKey(key) else { throw ChantalError(.bug, "gpgme gave a key without fingerprint") }
        self.fingerprint = copy.fingerprint
        if let problem = copy.problem ?? (key.pointee.can_sign == 0 ? "it cannot sign" : nil) {
            throw ChantalError(
                .signature, "the signing key \(wanted) is unusable: \(problem)",
                hint: "renew it, or name another in `signing.key`")
        }
        gpgme_set_armor(context.handle, 1)
        try Engine.check(gpgme_signers_add(context.handle, key), "gpg refuses the signing key \(wanted)")
        self.context = context
        self.passphrase = Passphrase(passphrase)
        try self.passphrase.attach(to: context)
    }

    private static func secretKey(_ wanted: String, _ context: EngineContext, home: String?) throws -> gpgme_key_t {
        var key: gpgme_key_t?
        let status = gpgme_get_key(context.handle, wanted, &key, 1)
        if status == 0, let key { return key }
        let place = home ?? "the user's own gpg home"
        throw ChantalError(
            .notFound, "there is no secret key \(wanted) in \(place)",
            hint: gpgme_err_code(status) == GPG_ERR_EOF
                ? "import it (gpg --import), or make one (gpg --quick-generate-key), as the user that runs this"
                : "gpg says: \(Engine.reason(status))")
    }

    /// The text signed in clear, as InRelease is.
    public func clearsign(_ text: [UInt8]) throws -> [UInt8] { try sign(text, GPGME_SIG_MODE_CLEAR) }

    /// An armored detached signature, as Release.gpg is.
    public func detached(_ bytes: [UInt8]) throws -> [UInt8] { try sign(bytes, GPGME_SIG_MODE_DETACH) }

    /// The public key, without what others say of it.
    public func publicKey(armored: Bool) throws -> [UInt8] {
        try context.exclusively {
            gpgme_set_armor(context.handle, armored ? 1 : 0)
            defer { gpgme_set_armor(context.handle, 1) }
            let output = try EngineData()
            try Engine.check(
                gpgme_op_export(context.handle, fingerprint, UInt32(GPGME_EXPORT_MODE_MINIMAL), output.handle),
                "gpg cannot export the key \(fingerprint)")
            let bytes = output.take()
            if bytes.isEmpty { throw ChantalError(.signature, "gpg exports nothing for the key \(fingerprint)") }
            return bytes
        }
    }

    private func sign(_ bytes: [UInt8], _ mode: gpgme_sig_mode_t) throws -> [UInt8] {
        try context.exclusively {
            try bytes.withUnsafeBytes { buffer in
                let input = try EngineData(borrowing: buffer)
                let output = try EngineData()
                passphrase.wasRefused = false
                let status = gpgme_op_sign(context.handle, input.handle, output.handle, mode)
                if status != 0 { throw failed(status) }
                try checkDigest()
                return output.take()
            }
        }
    }

    private func failed(_ status: gpgme_error_t) -> ChantalError {
        if passphrase.wasRefused {
            return ChantalError(
                .signature,
                passphrase.isThere
                    ? "the passphrase of the signing key \(fingerprint) is wrong"
                    : "the signing key \(fingerprint) needs a passphrase",
                hint: "set `signing.passphrase_file`, or use a key without passphrase")
        }
        return ChantalError(
            .signature, "gpg cannot sign with the key \(fingerprint): \(Engine.reason(status))",
            hint: "try `gpg --local-user \(fingerprint) --clearsign` as the same user")
    }

    /// A gpg.conf of the user's may ask for a weak digest, which apt would refuse.
    private func checkDigest() throws {
        guard let made = gpgme_op_sign_result(context.handle)?.pointee.signatures else {
            throw ChantalError(.signature, "gpg made no signature with the key \(fingerprint)")
        }
        switch made.pointee.hash_algo {
        case GPGME_MD_SHA256, GPGME_MD_SHA384, GPGME_MD_SHA512: break
        default:
            throw ChantalError(
                .signature, "gpg signed with a weak digest", hint: "remove digest options from the home's gpg.conf")
        }
    }
}

/// The answer to gpg's question for a passphrase (pinentry mode loopback). Used only by whoever has its context to himself.
final class Passphrase: @unchecked Sendable {
    private var line: [UInt8]
    let isThere: Bool
    var wasRefused = false

    init(_ bytes: [UInt8]?) {
        isThere = bytes != nil
        line = (bytes ?? []) + [UInt8(ascii: "\n")]
    }

    // Best effort: copies may be elsewhere, this one goes.
    deinit { for index in line.indices { line[index] = 0 } }

    func attach(to context: EngineContext) throws {
        try Engine.check(
            gpgme_set_pinentry_mode(context.handle, GPGME_PINENTRY_MODE_LOOPBACK), "gpg has no loopback pinentry")
        // The signer keeps this alive as long as the context.
        gpgme_set_passphrase_cb(
            context.handle,
            { this, _, _, previousWasBad, descriptor in
                guard let this else { return gpgme_error(GPG_ERR_CANCELED) }
                let passphrase = Unmanaged<Passphrase>.fromOpaque(this).takeUnretainedValue()
                return passphrase.answer(on: descriptor, previousWasBad: previousWasBad != 0)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func answer(on descriptor: Int32, previousWasBad: Bool) -> gpgme_error_t {
        if !isThere || previousWasBad {
            wasRefused = true
            return gpgme_error(GPG_ERR_CANCELED)
        }
        let status = line.withUnsafeBytes { gpgme_io_writen(descriptor, $0.baseAddress, $0.count) }
        return status == 0 ? 0 : gpgme_error(GPG_ERR_CANCELED)
    }
}
