public import Basics

/// The check of one signature while the content that it covers goes by. Used by one thread.
public final class SignatureCheck {
    /// The packet, with its header.
    let packet: [UInt8]
    private let signature: SignaturePacket?
    private let candidates: [SignatureChecker.Candidate]
    private let hash: (method: SignatureHash, running: RunningHash)?

    init(_ packet: [UInt8], _ signature: SignaturePacket?, _ candidates: [SignatureChecker.Candidate]) {
        self.packet = packet
        self.signature = signature
        self.candidates = candidates
        // Nothing is hashed for a signature by somebody unknown.
        hash =
            candidates.contains { $0.key != nil && $0.problem == nil }
            ? signature.flatMap { SignatureHash.of($0.hashAlgorithm) }.flatMap { method in
                RunningHash(method).map { (method, $0) }
            } : nil
    }

    /// The next bytes of the content.
    public func update(_ bytes: UnsafeRawBufferPointer) { hash?.running.update(bytes) }

    /// Who signed, as far as the signature says.
    var signer: String {
        if let candidate = candidates.first { return candidate.fingerprint }
        if let fingerprint = signature?.issuerFingerprint { return Hex.string(fingerprint).uppercased() }
        guard let id = signature?.issuerKeyID else { return "unknown fingerprint" }
        return Hex.string((0..<8).map { UInt8(truncatingIfNeeded: id >> UInt64(56 - 8 * $0)) }).uppercased()
    }

    /// Judges. To be called once, after all content.
    public func finish(now: Timestamp) -> SignatureVerdict {
        guard let signature else {
            return .notUnderstood(problem(.other("a kind of signature that is not known here")), signerIsKnown: false)
        }
        if candidates.isEmpty { return .bad(problem(.unknownKey)) }
        if let reason = objection(to: signature, now) { return .bad(problem(reason)) }
        // Two keys may have one key id: it is enough that one of them signed.
        var verdict: SignatureVerdict?
        var digest: [UInt8]?
        for candidate in candidates {
            if let reason = candidate.problem {
                verdict = verdict ?? .bad(SignatureProblem(candidate.fingerprint, reason))
                continue
            }
            guard let key = candidate.key, let hash else {
                verdict = .notUnderstood(
                    SignatureProblem(candidate.fingerprint, .other("a kind of key that is not known here")),
                    signerIsKnown: true)
                continue
            }
            if digest == nil {
                signature.trailer.withUnsafeBytes { hash.running.update($0) }
                digest = hash.running.finish()
            }
            if key.verifies(signature, digest: digest ?? [], hash.method) {
                return judge(signature, by: candidate)
            }
            if case .notUnderstood = verdict { continue }
            verdict = .bad(SignatureProblem(candidate.fingerprint, .tampered))
        }
        return verdict ?? .bad(problem(.unknownKey))
    }

    private func problem(_ reason: SignatureProblem.Reason) -> SignatureProblem { SignatureProblem(signer, reason) }

    /// What is wrong with a signature whoever made it.
    private func objection(to signature: SignaturePacket, _ now: Timestamp) -> SignatureProblem.Reason? {
        if signature.type != SignaturePacket.overBinary { return .other("not a signature over a file's bytes") }
        if signature.demandsMore { return .other("it holds a critical statement that is not known here") }
        if let name = SignatureHash.weakName(signature.hashAlgorithm) {
            // Since 2019 there are collisions with chosen beginnings for the price of a car, and GnuPG counts no signature of others
            // by it made after this day (2019-01-19); packages from before are still installed everywhere.
            let isOldEnough = signature.hashAlgorithm == 2 && signature.createdAt < 1_547_856_000
            if !isOldEnough { return .weakDigest(name) }
        }
        if let seconds = signature.validFor, signature.createdAt + seconds <= now.seconds { return .expiredSignature }
        // A clock may be a little wrong.
        if signature.createdAt > now.seconds + 86_400 { return .other("it was made in the future") }
        return nil
    }

    private func judge(_ signature: SignaturePacket, by candidate: SignatureChecker.Candidate) -> SignatureVerdict {
        if signature.createdAt < candidate.createdAt {
            return .bad(SignatureProblem(candidate.fingerprint, .other("it is older than the key")))
        }
        let ends = [
            signature.validFor.map { Timestamp(seconds: signature.createdAt + $0) }, candidate.expiresAt,
        ]
        return .good(
            GoodSignature(
                fingerprint: candidate.fingerprint, primaryFingerprint: candidate.primaryFingerprint,
                createdAt: Timestamp(seconds: signature.createdAt), expiresAt: ends.compactMap { $0 }.min()))
    }
}
