import Basics
import Hashing
import Mirroring
import OpenPGP

/// Checks what a package says of itself: its own digests, and signatures by the keys of a keyring.
///
/// A package passes if every digest that it holds is right, at least one good signature covers header *and* payload, and no key of the
/// keyring signed anything else in its place. The payload is covered by a signature over header and payload (rpm's V3 signatures), or by
/// one over the header in which the payload's SHA-256 or SHA-512 stands. Used from any thread.
final class PackageSignatures: Sendable {
    /// What a verdict depends on besides the package.
    let key: String

    private let checker: SignatureChecker
    private let now: Timestamp

    /// - Parameter now: the moment that keys and signatures must be valid at.
    init(keyring: Keyring, now: Timestamp) throws {
        checker = try SignatureChecker(keyring)
        self.now = now
        key = "rpm-1-\(sha256(of: checker.identity).hex)"
    }

    /// - Parameter name: the file, for messages.
    /// - Throws: ``ChantalError`` that names the file: `malformed`, `mismatch` for a wrong digest, `signature` with the reason.
    func check(_ reader: any BlobReader, name: String) throws {
        let package = try PackageReader(reader, name: name)
        let header = package.header
        var verdicts: [SignatureVerdict] = []
        for packets in try header.headerSignatures(name: name) {
            let found = header.main.bytes.withUnsafeBytes {
                checker.check(packets, over: $0, name: name, now: now)
            }
            guard let found else { throw PackageSignatures.damaged(name) }
            verdicts += found
        }
        var whole: [SignatureCheck] = []
        for packets in try header.wholeSignatures(name: name) {
            guard let checks = checker.begin(packets) else { throw PackageSignatures.damaged(name) }
            whole += checks
        }
        header.main.bytes.withUnsafeBytes { bytes in for check in whole { check.update(bytes) } }
        let digests = PackageDigests(header, name: name)
        try digests.checkHeader()
        try package.forEachPayloadChunk { chunk in
            digests.update(chunk)
            for check in whole { check.update(chunk) }
        }
        try digests.checkPayload()
        let wholeVerdicts = whole.map { $0.finish(now: now) }
        try judge(verdicts, wholeVerdicts, payloadIsInHeader: digests.headerCoversPayload, name: name)
    }

    private func judge(
        _ ofHeader: [SignatureVerdict], _ ofWhole: [SignatureVerdict], payloadIsInHeader: Bool, name: String
    ) throws {
        let all = ofHeader + ofWhole
        if all.isEmpty {
            throw ChantalError(
                .signature, "the package \(name) is not signed",
                hint: "ask upstream for a signed one, or set `verify: {packages: false}`", path: name)
        }
        func isGood(_ verdict: SignatureVerdict) -> Bool { if case .good = verdict { true } else { false } }
        if all.contains(where: \.isTampered) || !all.contains(where: isGood) {
            throw checker.error(all, name: "the package \(name)")
        }
        if !payloadIsInHeader, !ofWhole.contains(where: isGood) {
            throw ChantalError(
                .signature,
                "the signature of the package \(name) covers its header only, which names no digest of the payload",
                hint: "upstream must sign it with rpm 4.14 or later, or with a signature over header and payload",
                path: name)
        }
    }

    private static func damaged(_ name: String) -> ChantalError {
        ChantalError(.signature, "the package \(name) has a damaged signature", path: name)
    }
}

extension PackageHeader {
    /// Packets that sign the main header as it stands; none for a header without region, where rpm looks for none.
    fileprivate func headerSignatures(name: String) throws -> [[UInt8]] {
        guard main.isImmutable else { return [] }
        var packets: [[UInt8]] = []
        for range in signature.texts(.openPGP) {
            guard range.count < 1 << 20, let packet = Base64.decode(signature.bytes[range].filter { $0 != 0x0a })
            else {
                throw ChantalError(.signature, "the package \(name) has a damaged signature", path: name)
            }
            if !packets.contains(packet) { packets.append(packet) }
        }
        for tag in [HeaderTag.rsaHeader, .dsaHeader] {
            guard let packet = try single(tag, name: name), !packets.contains(packet) else { continue }
            packets.append(packet)
        }
        return packets
    }

    /// Packets that sign main header and payload.
    fileprivate func wholeSignatures(name: String) throws -> [[UInt8]] {
        try [HeaderTag.pgp, .gpg].compactMap { try single($0, name: name) }
    }

    private func single(_ tag: HeaderTag, name: String) throws -> [UInt8]? {
        let found = signature.entries.filter { $0.tag == tag }
        guard found.count <= 1 else {
            throw ChantalError(.signature, "the package \(name) holds one kind of signature twice", path: name)
        }
        return signature.binary(tag).map(Array.init)
    }
}
