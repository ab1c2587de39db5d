import Basics
import Hashing

/// Names of a bundle's members.
enum BundleNames {
    static let description = "BUNDLE"
    static let signature = "BUNDLE.asc"
    static func volume(_ number: Int) -> String { "VOLUME.\(number)" }
    static func sums(_ number: Int) -> String { "SHA256SUMS.\(number)" }
    static func record(_ digest: Digest) -> String { "records/\(digest.hex)" }
    static func manifest(_ member: BundleDescription.ManifestMember) -> String {
        "manifests/\(member.id.hex)\(member.isCompressed ? ".zst" : "")"
    }
    static let blobNameLength = "blobs/sha256/ab/".utf8.count + Digest.hexCount
    static func blob(_ digest: Digest) -> String {
        let hex = digest.hex
        return "blobs/sha256/\(hex.prefix(2))/\(hex)"
    }

    /// What a volume says of itself: the first member's text.
    static func header(set: Digest, number: Int, of count: Int) -> [UInt8] {
        Array("chantal-volume 1\nset \(set)\nnumber \(number)\nof \(count)\n".utf8)
    }
}

extension BundleDescription {
    /// A member beside the blobs, all of them in the first volume, in this order.
    struct Attachment {
        var name: String
        var digest: Digest
        var size: Int64
    }

    /// Manifests, then records; a record that two repositories share is there once.
    var attachments: [Attachment] {
        let records = generations.map { ($0.digest, $0.size) } + firstSeen.map { ($0.digest, $0.size) }
        let unique = Dictionary(records) { first, _ in first }.sorted { $0.key < $1.key }
        return manifests.map { Attachment(name: BundleNames.manifest($0), digest: $0.digest, size: $0.size) }
            + unique.map { Attachment(name: BundleNames.record($0.key), digest: $0.key, size: $0.value) }
    }

    /// The text of `SHA256SUMS.n`, as sha256sum(1) writes it: every other member of the volume.
    /// - Parameters:
    ///   - set: the SHA-256 of the description.
    ///   - signature: of the signature's bytes, if there is one.
    func sums(ofVolume number: Int, set: Digest, signature: Digest?, _ output: (UnsafeRawBufferPointer) throws -> Void)
        rethrows
    {
        var piece: [UInt8] = []
        func add(_ digest: Digest, _ name: String) throws {
            digest.appendHex(to: &piece)
            piece.append(contentsOf: "  \(name)\n".utf8)
            if piece.count > 64 << 10 {
                try piece.withUnsafeBytes(output)
                piece.removeAll(keepingCapacity: true)
            }
        }
        let header = BundleNames.header(set: set, number: number, of: volumes.count)
        try add(sha256(of: header), BundleNames.volume(number))
        try add(set, BundleNames.description)
        if let signature { try add(signature, BundleNames.signature) }
        if number == 1 { for member in attachments { try add(member.digest, member.name) } }
        for blob in volumes[number - 1] { try add(blob.digest, BundleNames.blob(blob.digest)) }
        try piece.withUnsafeBytes(output)
    }
}
