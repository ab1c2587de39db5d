public import Basics

/// SHA-256 and every other checksum wanted, of bytes that pass once.
public final class MultiHasher {
    private var sha256 = SHA256Hasher()
    private let others: [ChecksumHasher]
    /// Where the computing is done, if not by the caller.
    private let thread: HashingThread?
    /// Pieces that the thread has not computed yet; the thread's.
    var pending = 0

    /// - Parameters:
    ///   - algorithms: what is wanted beside SHA-256, which is always there.
    ///   - inBackground: whether another thread may compute while the caller goes on. Worth it for long files with several
    ///     checksums: SHA-256 alone costs hardly more than the copy that this needs.
    public init(_ algorithms: Set<ChecksumAlgorithm> = [], inBackground: Bool = false) {
        others = algorithms.filter { $0 != .sha256 }.sorted().map(ChecksumHasher.init)
        thread = inBackground && !others.isEmpty ? HashingThread.shared : nil
    }

    /// Pieces of this size stay in the processor's cache while one method after the other reads them.
    private static let pieceSize = 1 << 16

    public func update(_ bytes: UnsafeRawBufferPointer) {
        if let thread { thread.submit(bytes, to: self) } else { compute(bytes) }
    }

    func compute(_ bytes: UnsafeRawBufferPointer) {
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
        thread?.settle(self)
        return Digests(sha256: sha256.finish(), others: others.map { $0.finish() })
    }

    /// Forgets what it was given.
    public func reset() {
        thread?.settle(self)
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

    /// The first declared checksum that the bytes do not have, with the one they have (nil if it was not computed); nil if all agree.
    public func mismatch(with declared: some Sequence<Checksum>) -> (declared: Checksum, actual: Checksum?)? {
        for checksum in declared {
            let actual = self[checksum.algorithm]
            if actual != checksum { return (checksum, actual) }
        }
        return nil
    }
}
