import Basics
internal import CCrypto

/// The digest methods of libcrypto, each fetched once for the whole process (EVP_MD_fetch(3) costs microseconds and takes locks).
struct MessageDigest: @unchecked Sendable {
    // Methods are immutable and counted by reference once fetched; this one is kept for ever.
    let method: OpaquePointer

    private init(_ name: String) {
        guard let method = EVP_MD_fetch(MessageDigest.library.context, name, nil) else {
            preconditionFailure("libcrypto offers no \(name): its default provider is missing")
        }
        self.method = method
    }

    /// A library context of one's own: it has the default provider and does not read the machine's openssl.cnf, where FIPS mode or a
    /// policy would take MD5 away. MD5 is computed to compare what upstream lists, never trusted.
    private struct Library: @unchecked Sendable {
        let context = OSSL_LIB_CTX_new()
    }
    private static let library = Library()

    static let md5 = MessageDigest("MD5")
    static let sha1 = MessageDigest("SHA1")
    static let sha224 = MessageDigest("SHA2-224")
    static let sha256 = MessageDigest("SHA2-256")
    static let sha384 = MessageDigest("SHA2-384")
    static let sha512 = MessageDigest("SHA2-512")

    /// Nil for BLAKE2b with 32 bytes: OpenSSL before 3.2 has only 64.
    static func of(_ algorithm: ChecksumAlgorithm) -> MessageDigest? {
        switch algorithm {
        case .md5: md5
        case .sha1: sha1
        case .sha224: sha224
        case .sha256: sha256
        case .sha384: sha384
        case .sha512: sha512
        case .blake2b256: nil
        }
    }
}

/// One running computation of libcrypto (EVP_DigestInit_ex2(3)). It can be used again after each ``finish(_:)``.
struct DigestContext: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer
    private let digest: MessageDigest

    init(_ digest: MessageDigest) {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a hash context") }
        self.context = context
        self.digest = digest
        start()
    }

    deinit { EVP_MD_CTX_free(context) }

    private func start() {
        // Fails only without memory, or for a method that does not exist.
        precondition(EVP_DigestInit_ex2(context, digest.method, nil) == 1, "libcrypto cannot start a digest")
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        precondition(EVP_DigestUpdate(context, base, bytes.count) == 1, "libcrypto cannot continue a digest")
    }

    /// Hands the digest's bytes out and starts anew.
    mutating func finish<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        let result = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) { buffer in
            var size: UInt32 = 0
            precondition(
                EVP_DigestFinal_ex(context, buffer.baseAddress, &size) == 1, "libcrypto cannot finish a digest")
            return body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<Int(size)]))
        }
        start()
        return result
    }

    mutating func reset() { start() }
}
