import Basics
internal import CGPGME

/// Public keys of one or more keyring files, and the verification of what they signed.
///
/// Used from any thread; verifications go one after the other.
public final class Keyring: Sendable {
    /// Of every primary key, upper-case hex.
    public let fingerprints: [String]

    private let keys: [String: (key: Int, part: Int)]
    private let all: [PublicKey]
    private let files: [String]
    private let pinned: Set<String>
    private let context: EngineContext
    /// For hints.
    let origin: SignedOrigin

    /// - Parameters:
    ///   - files: binary or armored public keys, or keyboxes (.kbx).
    ///   - home: an empty directory with mode 0700, owned by the caller and kept by it while this lives.
    ///   - origin: whose signatures these keys verify.
    ///   - pinned: fingerprints of primary keys or subkeys; if there are any, signatures by others do not count.
    /// - Throws: ``ChantalError`` that names the file: unreadable, no key in it, damaged; `config` for a wrong fingerprint.
    public init(files: [String], home: String, origin: SignedOrigin = .upstream, pinned: [String] = []) throws {
        self.files = files
        self.origin = origin
        self.pinned = Set(try pinned.map(Fingerprint.normalised))
        let material = try files.flatMap { try KeyringFile(path: $0, setting: origin.setting).keys }
        try KeyringHome.fill(home, material)
        let context = try EngineContext(home: home)
        let all = try context.exclusively {
            if KeyringHome.needsImport(material) { try KeyringHome.importKeys(material, context) }
            return try PublicKey.all(context)
        }
        self.all = all
        fingerprints = all.map(\.fingerprint)
        var keys: [String: (key: Int, part: Int)] = [:]
        for (index, key) in all.enumerated() {
            for (part, value) in key.parts.enumerated() { keys[value.fingerprint] = (index, part) }
        }
        self.keys = keys
        self.context = context
        let names = files.joined(separator: ", ")
        if all.isEmpty {
            throw ChantalError(
                .signature, "gpg accepts no key of the keyring \(names)", hint: "look at `gpg --show-keys FILE`",
                path: files.first)
        }
        if !self.pinned.isEmpty, self.pinned.isDisjoint(with: keys.keys) {
            throw ChantalError(
                .signature, "none of the pinned fingerprints is that of a key in \(names)",
                hint: "correct `fingerprints:` or `\(origin.setting):`", path: files.first)
        }
    }

    /// Verifies a message signed in clear, such as InRelease.
    /// - Parameter name: the file, for messages.
    /// - Throws: ``ChantalError`` `signature` that names the file and each signature's fingerprint and defect.
    public func verifyClearsigned(_ bytes: [UInt8], name: String) throws -> VerifiedText {
        let message = try Clearsigned.checked(bytes, name: name)
        return try message.withUnsafeBytes { buffer in
            let (seen, text) = try run(name) { context in
                let input = try EngineData(borrowing: buffer)
                let output = try EngineData()
                let status = gpgme_op_verify(context.handle, input.handle, nil, output.handle)
                return (status, output.take())
            }
            return VerifiedText(text: text, signatures: try judge(seen, name))
        }
    }

    /// Verifies bytes by detached signatures, such as Release by Release.gpg.
    /// - Parameters:
    ///   - signature: binary or armored; several after each other count all.
    ///   - name: the file with the signatures, for messages.
    public func verifyDetached(_ signature: [UInt8], of bytes: [UInt8], name: String) throws -> [GoodSignature] {
        let packets = try Signatures.checked(signature, name: name)
        return try packets.withUnsafeBytes { packets in
            try bytes.withUnsafeBytes { buffer in
                let (seen, _) = try run(name) { context in
                    let signature = try EngineData(borrowing: packets)
                    let text = try EngineData(borrowing: buffer)
                    return (gpgme_op_verify(context.handle, signature.handle, text.handle, nil), [])
                }
                return try judge(seen, name)
            }
        }
    }

    /// All keys as packets, merged where several files have one.
    func exported() throws -> [UInt8] {
        try context.exclusively {
            let output = try EngineData()
            gpgme_set_armor(context.handle, 0)
            try Engine.check(gpgme_op_export(context.handle, nil, 0, output.handle), "gpg cannot export the keyring")
            return output.take()
        }
    }

    var pinnedFingerprints: Set<String> { pinned }
    /// The files, for messages.
    var names: [String] { files }

    /// What gpg knows of a key in this keyring; nil if it does not accept it.
    func candidate(_ packet: KeyPacket, isBound: Bool) -> SignatureChecker.Candidate? {
        let fingerprint = Hex.string(packet.fingerprint).uppercased()
        guard let (index, part) = keys[fingerprint] else { return nil }
        let key = all[index]
        var problem: SignatureProblem.Reason?
        if let word = key.problem ?? key.parts[part].problem {
            problem = .badKey(word)
        } else if !key.parts[part].canSign {
            problem = .badKey("key not made for signing")
        } else if !pinned.isEmpty, !pinned.contains(fingerprint), !pinned.contains(key.fingerprint) {
            problem = .notPinned
        }
        return SignatureChecker.Candidate(
            fingerprint: fingerprint, primaryFingerprint: key.fingerprint, key: isBound ? VerifyingKey(packet) : nil,
            createdAt: packet.createdAt,
            expiresAt: [key.parts[0].expiresAt, key.parts[part].expiresAt].compactMap { $0 }.min(),
            problem: problem)
    }

    private func run(
        _ name: String, _ verify: (EngineContext) throws -> (gpgme_error_t, [UInt8])
    ) throws -> ([SeenSignature], [UInt8]) {
        try context.exclusively {
            let (status, text) = try verify(context)
            let seen = SeenSignature.all(context)
            // gpg also fails as a whole when one of several signatures does; then each says why.
            if status != 0, seen.isEmpty {
                throw ChantalError(
                    .signature, "\(name): gpg cannot read its signatures: \(Engine.reason(status))", path: name)
            }
            return (seen, text)
        }
    }

    /// The good ones; an error that tells of all if none is, or if one is by a known key over other content: as apt does, whose
    /// clients would refuse the file.
    private func judge(_ seen: [SeenSignature], _ name: String) throws -> [GoodSignature] {
        var good: [GoodSignature] = []
        var problems: [SignatureProblem] = []
        for signature in seen {
            guard signature.problem == nil, let (index, part) = keys[signature.fingerprint] else {
                problems.append(signature.problem ?? SignatureProblem(signature.fingerprint, .unknownKey))
                continue
            }
            let key = all[index]
            if let word = key.problem ?? key.parts[part].problem {
                problems.append(SignatureProblem(signature.fingerprint, .badKey(word)))
            } else if !pinned.isEmpty, !pinned.contains(signature.fingerprint), !pinned.contains(key.fingerprint) {
                problems.append(SignatureProblem(signature.fingerprint, .notPinned))
            } else {
                good.append(
                    GoodSignature(
                        fingerprint: signature.fingerprint, primaryFingerprint: key.fingerprint,
                        createdAt: signature.createdAt,
                        expiresAt: [signature.expiresAt, key.parts[0].expiresAt, key.parts[part].expiresAt]
                            .compactMap { $0 }.min()))
            }
        }
        let isTampered = problems.contains {
            if case .tampered = $0.reason { true } else { false }
        }
        if good.isEmpty || isTampered {
            throw SignatureProblem.error(problems, name: name, keyrings: files, origin: origin)
        }
        return good
    }
}
