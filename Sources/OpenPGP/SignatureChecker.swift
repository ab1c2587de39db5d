public import Basics
internal import CGPGME

/// Checks many small signatures by the keys of a keyring, without a process for each: gpg says once which keys count (not revoked, not
/// expired, well bound, made for signing), and libcrypto does the rest. What is not understood here is left to gpg.
///
/// Used from any thread.
public final class SignatureChecker: Sendable {
    /// A key or subkey that may have signed.
    struct Candidate: Sendable {
        var fingerprint: String
        var primaryFingerprint: String
        /// Nil: gpg has to judge its signatures.
        var key: VerifyingKey?
        var createdAt: Int64
        var expiresAt: Timestamp?
        var problem: SignatureProblem.Reason?
    }

    /// Different for keyrings with different keys, and for other pins: a verdict holds for one identity.
    public let identity: [UInt8]

    private let keyring: Keyring
    private let candidates: [UInt64: [Candidate]]

    /// - Throws: ``ChantalError`` `signature` if gpg cannot hand the keys out.
    public init(_ keyring: Keyring) throws {
        self.keyring = keyring
        let material = try keyring.exported()
        guard let packets = Packet.split(material) else {
            throw ChantalError(.signature, "gpg hands out keys that are damaged")
        }
        var candidates: [UInt64: [Candidate]] = [:]
        for key in KeyBlock.all(material, packets) {
            for (packet, isBound) in key.parts {
                guard let candidate = keyring.candidate(packet, isBound: isBound) else { continue }
                candidates[packet.keyID, default: []].append(candidate)
            }
        }
        self.candidates = candidates
        identity = material + keyring.pinnedFingerprints.sorted().joined(separator: " ").utf8
    }

    /// Starts to check the signatures of a packet sequence; the content follows by ``SignatureCheck/update(_:)``.
    /// - Returns: nil if the bytes are no signature packets.
    public func begin(_ signatures: [UInt8]) -> [SignatureCheck]? {
        guard let packets = Packet.split(signatures), !packets.isEmpty, packets.count <= 16,
            packets.allSatisfy({ $0.tag == Packet.signature })
        else { return nil }
        return packets.map { packet in
            let body = signatures[packet.body]
            let signature = SignaturePacket(body)
            let known = signature.map { candidates(for: $0) } ?? []
            return SignatureCheck(Array(signatures[packet.whole]), signature, known)
        }
    }

    private func candidates(for signature: SignaturePacket) -> [Candidate] {
        if let fingerprint = signature.issuerFingerprint {
            let text = Hex.string(fingerprint).uppercased()
            return candidates[ByteReader.value(fingerprint.suffix(8)), default: []].filter { $0.fingerprint == text }
        }
        return signature.issuerKeyID.map { candidates[$0, default: []] } ?? []
    }

    /// Checks signatures over bytes that are all there.
    /// - Parameter name: the file, for messages.
    /// - Returns: nil if there are no signature packets.
    public func check(
        _ signatures: [UInt8], over content: UnsafeRawBufferPointer, name: String, now: Timestamp
    ) -> [SignatureVerdict]? {
        begin(signatures)?.map { check in
            check.update(content)
            let verdict = check.finish(now: now)
            guard case .notUnderstood(_, signerIsKnown: true) = verdict else { return verdict }
            do {
                let good = try keyring.verifyDetached(check.packet, of: Array(content), name: name)
                return good.first.map { .good($0) } ?? verdict
            } catch let error as ChantalError {
                return .bad(SignatureProblem(check.signer, .other(error.message)))
            } catch {
                return .bad(SignatureProblem(check.signer, .other("\(error)")))
            }
        }
    }

    /// One error for content that no signature proves.
    public func error(_ verdicts: [SignatureVerdict], name: String) -> ChantalError {
        let problems = verdicts.compactMap { verdict -> SignatureProblem? in
            switch verdict {
            case .good: nil
            case .bad(let problem): problem
            case .notUnderstood(let problem, _): problem
            }
        }
        return SignatureProblem.error(problems, name: name, keyrings: keyring.names, origin: keyring.origin)
    }
}

/// What is found about one signature.
public enum SignatureVerdict: Sendable {
    case good(GoodSignature)
    case bad(SignatureProblem)
    /// Of a kind that is not known here; whether its signer is in the keyring.
    case notUnderstood(SignatureProblem, signerIsKnown: Bool)

    /// Whether a key of the keyring signed something else than this content.
    public var isTampered: Bool {
        if case .bad(let problem) = self, case .tampered = problem.reason { true } else { false }
    }
}

/// A primary key with its subkeys, as a keyring holds them.
private struct KeyBlock {
    /// Each with whether it agreed to belong to the primary key, which a subkey that signs must have signed itself: else anyone could
    /// claim another's subkey, and its signatures, as his own.
    var parts: [(packet: KeyPacket, isBound: Bool)] = []

    static func all(_ bytes: [UInt8], _ packets: [Packet]) -> [KeyBlock] {
        var blocks: [KeyBlock] = []
        for (index, packet) in packets.enumerated() {
            switch packet.tag {
            case Packet.publicKey:
                // One that cannot be read keeps its subkeys from counting for the key before it.
                blocks.append(KeyBlock())
                if let key = KeyPacket(bytes[packet.body]) { blocks[blocks.count - 1].parts = [(key, true)] }
            case Packet.publicSubkey:
                guard let primary = blocks.last?.parts.first?.packet, let key = KeyPacket(bytes[packet.body]) else {
                    continue
                }
                let signatures = packets[(index + 1)...].prefix(while: { $0.tag == Packet.signature })
                    .map { bytes[$0.body] }
                blocks[blocks.count - 1].parts.append((key, isBound(key, to: primary, by: signatures)))
            default: break
            }
        }
        return blocks
    }

    /// Whether both keys signed the pair (RFC 4880, 5.2.1: 0x18 with 0x19 within).
    private static func isBound(
        _ key: KeyPacket, to primary: KeyPacket, by signatures: [ArraySlice<UInt8>]
    ) -> Bool {
        guard let own = VerifyingKey(key), let owner = VerifyingKey(primary) else { return false }
        func verifies(_ signature: SignaturePacket, _ signer: VerifyingKey) -> Bool {
            // Of one's own statements about one's own keys SHA-1 is good enough for gpg, and old keys have no others.
            guard !signature.demandsMore, let hash = SignatureHash.of(signature.hashAlgorithm),
                let running = RunningHash(hash)
            else { return false }
            for part in [primary.hashed, key.hashed, signature.trailer] { part.withUnsafeBytes { running.update($0) } }
            return signer.verifies(signature, digest: running.finish(), hash)
        }
        return signatures.contains { body in
            guard let binding = SignaturePacket(body), binding.type == SignaturePacket.subkeyBinding,
                verifies(binding, owner)
            else { return false }
            return binding.embedded.contains { body in
                guard let agreement = SignaturePacket(body[...]) else { return false }
                return agreement.type == SignaturePacket.primaryKeyBinding && verifies(agreement, own)
            }
        }
    }
}
