public import Basics

/// SHA-256 and every other checksum wanted, of bytes that pass once.
public final class MultiHasher {
    private var sha256 = SHA256Hasher()
    private let others: [ChecksumHasher]

    /// - Parameter algorithms: what is wanted beside SHA-256, which is always there.
    public init(_ algorithms: Set<ChecksumAlgorithm> = []) {
        others = algorithms.filter { $0 != .sha256 }.sorted().map(ChecksumHasher.init)
    }

    /// Pieces of this size stay in the processor's cache while one method after the other reads them.
    private static let pieceSize = 1 << 16

    public func update(_ bytes: UnsafeRawBufferPointer) {
        if others.isEmpty { return sha256.update(bytes) }
        var start = 0
        while start < bytes.count {
            let piece = bytes.slice(start..<min(start + MultiHasher.pieceSize, bytes.count))
            sha256.update(piece)
            for hasher in others { hasher.update(piece) }
            start += piece.count
        }
    }

    /// The checksums of everything since the beginning or the last `finish`; the hasher then starts anew.
    public func finish() -> Digests {
        return Digests(sha256: sha256.finish(), others: others.map { $0.finish() })
    }

    /// The checksums of bytes that are all there, where one of them is known; the hasher was given nothing else.
    public func digests(of bytes: UnsafeRawBufferPointer, knowing known: Checksum) -> Digests {
        sha256.update(bytes)
        let all = others.map { hasher in
            if hasher.algorithm == known.algorithm { return known }
            hasher.update(bytes)
            return hasher.finish()
        }
        return Digests(sha256: sha256.finish(), others: all)
    }

    /// Whether this is one of those it computes.
    public func computes(_ algorithm: ChecksumAlgorithm) -> Bool {
        algorithm == .sha256 || others.contains { $0.algorithm == algorithm }
    }

    /// Forgets what it was given.
    public func reset() {
        sha256.reset()
        for hasher in others { hasher.reset() }
    }
}

/// What a ``MultiHasher`` computed.
public struct Digests: Sendable, Hashable {
    public let sha256: Digest
    /// Without SHA-256, from the weakest to the strongest.
    public let others: [Checksum]

    public init(sha256: Digest, others: [Checksum] = []) {
        self.sha256 = sha256
        self.others = others
    }

    /// Nil if the algorithm was not asked for.
    public subscript(algorithm: ChecksumAlgorithm) -> Checksum? {
        algorithm == .sha256 ? Checksum(sha256) : others.first { $0.algorithm == algorithm }
    }

    /// The strongest declared checksum that the bytes do not have, with the one they have (nil if it was not computed); nil if all agree.
    public func mismatch(with declared: some Sequence<Checksum>) -> (declared: Checksum, actual: Checksum?)? {
        let wrong = declared.filter { self[$0.algorithm] != $0 }
        return wrong.max { $0.algorithm < $1.algorithm }.map { ($0, self[$0.algorithm]) }
    }
}
