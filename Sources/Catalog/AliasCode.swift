import Basics

/// A checksum as one blob: a byte for the algorithm, then its bytes.
enum AliasCode {
    // The numbers are part of the schema: never change one.
    private static let algorithms: [(ChecksumAlgorithm, UInt8)] = [
        (.md5, 1), (.sha1, 2), (.sha224, 3), (.sha256, 4), (.sha384, 5), (.sha512, 6), (.blake2b256, 7),
    ]

    static func encode(_ checksum: Checksum) -> [UInt8] {
        let code = algorithms.first { $0.0 == checksum.algorithm }?.1 ?? 0
        return [code] + checksum.bytes
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) -> Checksum? {
        guard let code = bytes.first, let algorithm = algorithms.first(where: { $0.1 == code })?.0 else { return nil }
        return Checksum(algorithm, bytes: Array(bytes.dropFirst()))
    }
}
