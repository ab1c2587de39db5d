import Basics

/// The name of a deb822 field, prepared for lookups: names are equal whatever the case of their letters.
public struct FieldName: Sendable {
    public let text: StaticString
    let hash: UInt32

    public init(_ text: StaticString) {
        self.text = text
        var hash = FieldName.seed
        for index in 0..<text.utf8CodeUnitCount { hash = FieldName.step(hash, text.utf8Start[index]) }
        self.hash = hash
    }

    static let seed: UInt32 = 2_166_136_261

    /// One step of FNV-1a over the name in lower case.
    @inline(__always)
    static func step(_ hash: UInt32, _ byte: UInt8) -> UInt32 { (hash ^ UInt32(byte | 0x20)) &* 16_777_619 }
}

extension FieldName: CustomStringConvertible {
    public var description: String { text.description }
}

extension FieldName {
    static let package = FieldName("Package")
    static let version = FieldName("Version")
    static let architecture = FieldName("Architecture")
    static let source = FieldName("Source")
    static let section = FieldName("Section")
    static let priority = FieldName("Priority")
    static let depends = FieldName("Depends")
    static let preDepends = FieldName("Pre-Depends")
    static let provides = FieldName("Provides")
    static let multiArch = FieldName("Multi-Arch")
    static let summary = FieldName("Description")
    static let descriptionMD5 = FieldName("Description-md5")
    static let filename = FieldName("Filename")
    static let size = FieldName("Size")
    static let md5sum = FieldName("MD5sum")
    static let sha1 = FieldName("SHA1")
    static let sha256 = FieldName("SHA256")
    static let sha512 = FieldName("SHA512")
    static let homepage = FieldName("Homepage")
    static let binary = FieldName("Binary")
    static let directory = FieldName("Directory")
    static let files = FieldName("Files")
    static let checksumsSHA1 = FieldName("Checksums-Sha1")
    static let checksumsSHA256 = FieldName("Checksums-Sha256")
    static let checksumsSHA512 = FieldName("Checksums-Sha512")
}
