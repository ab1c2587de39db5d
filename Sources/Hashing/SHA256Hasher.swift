public import Basics

/// SHA-256 (FIPS 180-4) of bytes as they arrive.
public struct SHA256Hasher: ~Copyable, Sendable {
    private var context: DigestContext

    public init() { context = DigestContext(.sha256) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { context.update($0) } }

    /// The digest of everything since the beginning or the last `finish`; the hasher then starts anew.
    public mutating func finish() -> Digest {
        // 32 bytes always: the method is SHA-256.
        context.finish { Digest(bytes: $0)! }
    }

    /// Forgets what it was given.
    public mutating func reset() { context.reset() }

    /// The digest of bytes that are all there.
    public static func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// The digest of bytes that are all there.
    public static func digest(of bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { digest(of: $0) } }
}

/// The SHA-256 of bytes that are all there.
public func sha256(of bytes: [UInt8]) -> Digest { SHA256Hasher.digest(of: bytes) }

/// The SHA-256 of bytes that are all there.
public func sha256(of bytes: UnsafeRawBufferPointer) -> Digest { SHA256Hasher.digest(of: bytes) }
