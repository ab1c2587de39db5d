import Basics
import Mirroring

/// What belongs to one upload: a .changes file (`deb-changes(5)`).
struct ChangesFile {
    struct Part {
        let name: String
        let size: Int64
        let sha256: Checksum
    }

    /// In the order of the list.
    let parts: [Part]
    /// The suite that its maker meant it for.
    let distribution: String?

    private static let partLimit = 10_000

    init(_ bytes: [UInt8]) throws {
        let what = "the list of changes"
        let control = try ControlFile(bytes, file: what)
        distribution = try control[FieldName("Distribution")]
        parts = try control.with { stanza in
            guard let list = stanza[.checksumsSHA256] else {
                throw ChantalError(.malformed, "\(what) has no Checksums-Sha256")
            }
            var parts: [Part] = []
            try list.forEachLine { line in
                if line.trimmed.isEmpty { return }
                guard let (hash, size, name) = line.threeWords, let bytes = size.decimal,
                    let checksum = Checksum(.sha256, hexBytes: hash)
                else {
                    throw ChantalError(
                        .malformed, "Checksums-Sha256 holds what is not 'hash size name': '\(line.printable)'")
                }
                parts.append(Part(name: name.text, size: bytes, sha256: checksum))
                guard parts.count <= ChangesFile.partLimit else {
                    throw ChantalError(.tooLarge, "\(what) names too many files")
                }
            }
            guard !parts.isEmpty else { throw ChantalError(.malformed, "\(what) names no files") }
            return parts
        }
    }
}
