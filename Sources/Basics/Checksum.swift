/// A hash function that an upstream may declare.
///
/// Only ``isStrong`` ones prove that a file is the one meant.
public enum ChecksumAlgorithm: String, CaseIterable, Sendable, Comparable {
    case md5, sha1, sha224, sha256, sha384, sha512
    case blake2b256 = "blake2b_256"

    /// Digest size in bytes.
    public var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha224: 28
        case .sha256, .blake2b256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// Whether a match is proof against a forger.
    public var isStrong: Bool { self != .md5 && self != .sha1 }

    /// From weakest to strongest.
    public static func < (a: ChecksumAlgorithm, b: ChecksumAlgorithm) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .md5: 0
        case .sha1: 1
        case .sha224: 2
        case .blake2b256: 3
        case .sha256: 4
        case .sha384: 5
        case .sha512: 6
        }
    }
}

/// A digest of any algorithm, as an upstream declares it.
public struct Checksum: Hashable, Sendable, CustomStringConvertible {
    public let algorithm: ChecksumAlgorithm
    /// As many bytes as ``ChecksumAlgorithm/byteCount`` says.
    public let bytes: [UInt8]

    /// Nil if the number of bytes is not the algorithm's.
    public init?(_ algorithm: ChecksumAlgorithm, bytes: [UInt8]) {
        guard bytes.count == algorithm.byteCount else { return nil }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Nil if the text is not hex of the algorithm's length.
    public init?(_ algorithm: ChecksumAlgorithm, hex: some Collection<UInt8>) {
        guard let bytes = Hex.bytes(hex) else { return nil }
        self.init(algorithm, bytes: bytes)
    }

    /// Nil if the text is not hex of the algorithm's length.
    public init?(_ algorithm: ChecksumAlgorithm, hex: UnsafeRawBufferPointer) {
        guard let bytes = Hex.bytes(hex) else { return nil }
        self.init(algorithm, bytes: bytes)
    }

    public init(_ digest: Digest) {
        algorithm = .sha256
        bytes = digest.bytes
    }

    public var hex: String { Hex.string(bytes) }

    /// The same value as a blob's identity, if it is a SHA-256.
    public var sha256: Digest? {
        algorithm == .sha256 ? bytes.withUnsafeBytes { Digest(bytes: $0) } : nil
    }

    /// `sha256:abcdef…`
    public var description: String { "\(algorithm.rawValue):\(hex)" }
}
