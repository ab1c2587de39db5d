public import Basics

/// Any checksum that an upstream may declare, of bytes as they arrive.
public final class ChecksumHasher {
    public let algorithm: ChecksumAlgorithm
    // One of the two: libcrypto's, or one of our own where libcrypto has none.
    private var context: DigestContext?
    private var blake2b: BLAKE2b?

    public init(_ algorithm: ChecksumAlgorithm) {
        self.algorithm = algorithm
        if let digest = MessageDigest.of(algorithm) {
            context = DigestContext(digest)
        } else {
            context = nil
            blake2b = BLAKE2b(outputCount: algorithm.byteCount)
        }
    }

    public func update(_ bytes: UnsafeRawBufferPointer) {
        context?.update(bytes)
        blake2b?.update(bytes)
    }

    /// The checksum of everything since the beginning or the last `finish`; the hasher then starts anew.
    public func finish() -> Checksum {
        let bytes = context?.finish { Array($0) } ?? blake2b?.finish() ?? []
        guard let checksum = Checksum(algorithm, bytes: bytes) else {
            preconditionFailure("\(algorithm.rawValue) made \(bytes.count) bytes")
        }
        return checksum
    }

    /// Forgets what it was given.
    public func reset() {
        context?.reset()
        blake2b?.reset()
    }

    /// The checksum of bytes that are all there.
    public static func checksum(_ algorithm: ChecksumAlgorithm, of bytes: [UInt8]) -> Checksum {
        let hasher = ChecksumHasher(algorithm)
        bytes.withUnsafeBytes { hasher.update($0) }
        return hasher.finish()
    }
}
