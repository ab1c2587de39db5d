import Basics

extension ChecksumAlgorithm {
    /// The algorithm that repository metadata calls so: `sha` is SHA-1, as old createrepo wrote it.
    init?(repodata name: UnsafeRawBufferPointer) {
        // As nearly all are.
        if name.equals("sha256") {
            self = .sha256
            return
        }
        var lower = name.map(\.asciiLowercased)
        lower.removeAll { $0 == UInt8(ascii: "-") }
        switch String(decoding: lower, as: UTF8.self) {
        case "sha", "sha1": self = .sha1
        case "sha224": self = .sha224
        case "sha256": self = .sha256
        case "sha384": self = .sha384
        case "sha512": self = .sha512
        case "md5": self = .md5
        default: return nil
        }
    }
}

extension Checksum {
    /// A checksum as metadata declares it.
    /// - Throws: ``ChantalError`` `malformed` for an unknown type, MD5, and what is no hex of the type's length. It does not name the file.
    init(type: UnsafeRawBufferPointer, hex: UnsafeRawBufferPointer, of what: @autoclosure () -> String) throws {
        guard let algorithm = ChecksumAlgorithm(repodata: type) else {
            throw ChantalError(.malformed, "the checksum of \(what()) has the unknown type '\(type.text)'")
        }
        guard algorithm != .md5 else {
            throw ChantalError(
                .malformed, "\(what()) has an MD5 checksum only, which vouches for nothing",
                hint: "upstream has to be made anew with sha256 (createrepo_c's default)")
        }
        guard let checksum = Checksum(algorithm, hex: hex.trimmed) else {
            throw ChantalError(.malformed, "the \(algorithm.rawValue) of \(what()) is no checksum: '\(hex.text)'")
        }
        self = checksum
    }
}
