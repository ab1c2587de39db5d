import Basics
import Hashing

/// The digests that a package holds of itself, against what they are. Used by one thread.
final class PackageDigests {
    private let header: PackageHeader
    private let name: String
    /// Of header and payload.
    private let md5: (hasher: ChecksumHasher, declared: [UInt8])?
    /// Of the payload: several declared values, of which one has to hold (the second is that of the payload before compression).
    private var payload: [(hasher: ChecksumHasher, declared: [Checksum])] = []

    init(_ header: PackageHeader, name: String) {
        self.header = header
        self.name = name
        md5 = header.signature.binary(.md5).map { (ChecksumHasher(.md5), Array($0)) }
        md5?.hasher.update(header.main.bytes)
        let algorithm = PackageDigests.algorithm(header.main.number(.payloadDigestAlgorithm) ?? 8)
        addPayload(algorithm, .payloadDigest, .payloadDigestAlternative)
        addPayload(.sha512, .payloadSHA512, nil)
    }

    private func addPayload(_ algorithm: ChecksumAlgorithm?, _ tag: HeaderTag, _ alternative: HeaderTag?) {
        guard let algorithm, algorithm.isStrong, header.main.isImmutable else { return }
        let declared = ([tag] + (alternative.map { [$0] } ?? [])).compactMap { tag in
            header.main.texts(tag).first.flatMap { Checksum(algorithm, hex: header.main.bytes[$0]) }
        }
        if header.main.entry(tag) != nil, !declared.isEmpty { payload.append((ChecksumHasher(algorithm), declared)) }
    }

    /// RFC 4880, 9.4.
    private static func algorithm(_ number: UInt64) -> ChecksumAlgorithm? {
        switch number {
        case 8: .sha256
        case 9: .sha384
        case 10: .sha512
        case 11: .sha224
        default: nil
        }
    }

    /// Whether the header holds a strong digest of the payload: then a signature over the header covers both.
    var headerCoversPayload: Bool { !payload.isEmpty }

    /// SHA-256 and SHA-1 of the main header.
    func checkHeader() throws {
        guard header.main.isImmutable else { return }
        for (tag, algorithm) in [(HeaderTag.sha256Header, ChecksumAlgorithm.sha256), (.sha1Header, .sha1)] {
            guard let declared = header.signature.text(tag) else { continue }
            let actual = ChecksumHasher.checksum(algorithm, of: header.main.bytes)
            if Checksum(algorithm, hex: declared) != actual { throw mismatch("header", algorithm) }
        }
    }

    func update(_ chunk: UnsafeRawBufferPointer) {
        md5?.hasher.update(chunk)
        for (hasher, _) in payload { hasher.update(chunk) }
    }

    /// After the whole payload.
    func checkPayload() throws {
        for (hasher, declared) in payload where !declared.contains(hasher.finish()) {
            throw mismatch("payload", hasher.algorithm)
        }
        if let md5, md5.hasher.finish().bytes != md5.declared { throw mismatch("content", .md5) }
    }

    private func mismatch(_ part: String, _ algorithm: ChecksumAlgorithm) -> ChantalError {
        ChantalError(
            .mismatch,
            "the package \(name) is corrupted: its \(part) does not have the \(algorithm.rawValue) that it names itself",
            hint: "fetch it from another mirror; if all have the same file, upstream has to build it again", path: name)
    }
}

extension ChecksumHasher {
    fileprivate func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }
}
