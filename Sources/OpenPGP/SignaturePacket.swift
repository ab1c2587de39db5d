import Basics

/// A signature packet of version 3 or 4 (RFC 4880, 5.2).
struct SignaturePacket {
    var type: UInt8
    var keyAlgorithm: UInt8
    var hashAlgorithm: UInt8
    /// Seconds since 1970.
    var createdAt: Int64
    /// Seconds after ``createdAt``; nil if it has no end.
    var validFor: Int64?
    var issuerKeyID: UInt64?
    var issuerFingerprint: [UInt8]?
    /// What is hashed after the content.
    var trailer: [UInt8]
    /// The numbers that make up the signature, without leading zeros.
    var numbers: [[UInt8]] = []
    /// Signatures within this one, such as a subkey's own agreement to its binding.
    var embedded: [[UInt8]] = []
    /// Whether it says something that a reader must understand and this one does not.
    var demandsMore = false

    static let overBinary: UInt8 = 0x00
    static let subkeyBinding: UInt8 = 0x18
    static let primaryKeyBinding: UInt8 = 0x19

    /// - Parameter body: of the packet, without its header.
    /// - Returns: nil if it is of another version, of an unknown algorithm, or damaged.
    init?(_ body: ArraySlice<UInt8>) {
        var reader = ByteReader(body)
        guard let version = reader.byte() else { return nil }
        switch version {
        case 3:
            guard reader.byte() == 5, let type = reader.byte(), let created = reader.number(4),
                let issuer = reader.number(8), let key = reader.byte(), let hash = reader.byte()
            else { return nil }
            (self.type, keyAlgorithm, hashAlgorithm) = (type, key, hash)
            createdAt = Int64(created)
            issuerKeyID = issuer
            trailer = [type] + (0..<4).map { UInt8(truncatingIfNeeded: created >> UInt64(24 - 8 * $0)) }
        case 4:
            guard let type = reader.byte(), let key = reader.byte(), let hash = reader.byte(),
                let hashed = reader.counted(2)
            else { return nil }
            (self.type, keyAlgorithm, hashAlgorithm) = (type, key, hash)
            createdAt = 0
            let portion = body[body.startIndex..<reader.position]
            trailer = Array(portion) + [4, 0xff]
            trailer += (0..<4).map { UInt8(truncatingIfNeeded: portion.count >> (24 - 8 * $0)) }
            guard let unhashed = reader.counted(2), readSubpackets(hashed, areHashed: true), createdAt > 0,
                readSubpackets(unhashed, areHashed: false)
            else { return nil }
        default: return nil
        }
        guard reader.number(2) != nil, let numbers = SignaturePacket.numbers(&reader, keyAlgorithm) else { return nil }
        self.numbers = numbers
    }

    private static func numbers(_ reader: inout ByteReader, _ algorithm: UInt8) -> [[UInt8]]? {
        if algorithm == PublicKeyAlgorithm.ed25519 {
            return reader.bytes(64).flatMap { reader.isAtEnd ? [Array($0)] : nil }
        }
        let count: Int
        switch algorithm {
        case PublicKeyAlgorithm.rsa, PublicKeyAlgorithm.rsaSignOnly: count = 1
        case PublicKeyAlgorithm.dsa, PublicKeyAlgorithm.ecdsa, PublicKeyAlgorithm.eddsa: count = 2
        default: return nil
        }
        var numbers: [[UInt8]] = []
        for _ in 0..<count {
            guard let number = reader.multiprecision() else { return nil }
            numbers.append(number)
        }
        return reader.isAtEnd ? numbers : nil
    }

    /// RFC 4880, 5.2.3.1. What decides counts only where it is hashed.
    private mutating func readSubpackets(_ area: ArraySlice<UInt8>, areHashed: Bool) -> Bool {
        var reader = ByteReader(area)
        while !reader.isAtEnd {
            guard let content = reader.subpacket(), let kind = content.first else { return false }
            let value = content.dropFirst()
            switch kind & 0x7f {
            case 2 where areHashed:
                guard value.count == 4 else { return false }
                createdAt = Int64(ByteReader.value(value))
            case 3 where areHashed:
                guard value.count == 4 else { return false }
                let seconds = Int64(ByteReader.value(value))
                validFor = seconds == 0 ? nil : seconds
            case 16:
                guard value.count == 8 else { return false }
                if issuerKeyID == nil { issuerKeyID = ByteReader.value(value) }
            case 33:
                guard let version = value.first else { return false }
                if version == 4, value.count == 21, issuerFingerprint == nil {
                    issuerFingerprint = Array(value.dropFirst())
                }
            case 32: if embedded.count < 8 { embedded.append(Array(value)) }
            case 2, 3, 4, 7, 9, 11, 21...28, 30: break
            default: if kind & 0x80 != 0 { demandsMore = true }
            }
        }
        return true
    }
}

/// RFC 4880, 9.1, and RFC 9580, 9.1.
enum PublicKeyAlgorithm {
    static let rsa: UInt8 = 1
    static let rsaSignOnly: UInt8 = 3
    static let dsa: UInt8 = 17
    static let ecdsa: UInt8 = 19
    static let eddsa: UInt8 = 22
    static let ed25519: UInt8 = 27
}

/// Takes numbers and counted bytes from the front of a packet's body.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var position: Int { rest.startIndex }
    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// Big-endian, of up to eight bytes.
    mutating func number(_ width: Int) -> UInt64? { bytes(width).map { ByteReader.value($0) } }

    /// Bytes with their number in front.
    mutating func counted(_ width: Int) -> ArraySlice<UInt8>? { number(width).flatMap { bytes(Int($0)) } }

    static func value(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    /// A multiprecision integer (RFC 4880, 3.2) without leading zeros; none above 16,384 bits is taken.
    mutating func multiprecision() -> [UInt8]? {
        guard let bits = number(2), bits <= 16_384, let value = bytes((Int(bits) + 7) / 8) else { return nil }
        return Array(value.drop(while: { $0 == 0 }))
    }

    /// A signature subpacket's type and content.
    mutating func subpacket() -> ArraySlice<UInt8>? {
        guard let first = byte() else { return nil }
        switch first {
        case 0..<192: return bytes(Int(first))
        case 192..<255: return byte().flatMap { bytes((Int(first) - 192) << 8 + Int($0) + 192) }
        default: return counted(4)
        }
    }
}
