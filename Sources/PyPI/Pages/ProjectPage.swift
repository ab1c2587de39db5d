import Basics

/// A project of the simple repository API (PEP 503, 691, 700, 792), as a page describes it.
struct ProjectPage: Sendable, Equatable {
    /// As the page writes it; nil where HTML does not say.
    var name: String?
    var files: [ProjectFile] = []
    /// `active`, `archived`, `quarantined`, `deprecated`; nil where the page does not say.
    var status: String?
    var statusReason: String?
    /// Of the last change that the page tells of, where the index counts changes.
    var serial: Int64?
    /// On chantal's own pages: what the project is, on one line.
    var summary: String?
    /// On chantal's own pages: where it is at home.
    var homepage: String?

    /// Whether clients must be offered nothing of it (PEP 792).
    var isQuarantined: Bool { status == ProjectPage.quarantined }

    static let quarantined = "quarantined"
}

/// A distribution file that a page offers.
struct ProjectFile: Sendable, Equatable {
    var filename: String
    /// Absolute, without a fragment.
    var url: String
    /// Those of known algorithms.
    var checksums: [Checksum] = []
    /// Whether a checksum is declared that is none, so that no file can have it.
    var hasBrokenChecksum = false
    /// Requires-Python, byte for byte; never empty.
    var requiresPython: String?
    /// Nil if it is not yanked (PEP 592); empty without a reason.
    var yanked: String?
    var coreMetadata = CoreMetadata.none
    /// In bytes.
    var size: Int64?
    /// RFC 3339 with `Z`, as written.
    var uploadTime: String?
    /// An absolute URL (PEP 740).
    var provenance: String?
    /// On chantal's own pages: the requirements that brought it in.
    var why: [String] = []

    var sha256: Digest? { checksums.lazy.compactMap(\.sha256).first }

    /// Whether it is a file to be installed from, and not a link to somewhere else: a home page, the directory above.
    var isDistribution: Bool {
        guard DistributionFilename.isDistribution(filename) else { return false }
        let reference = URLReference(url)
        guard ["http", "https", "file"].contains(reference.scheme ?? "") else { return false }
        return !reference.path.hasSuffix("/") || reference.filename != filename
    }
}

/// What a page says of a file's `.metadata` twin (PEP 658, 714).
enum CoreMetadata: Sendable, Equatable {
    case none
    /// There is one, of unknown content.
    case unhashed
    case hashed([Checksum])
}

extension Checksum {
    /// A checksum by the name that hashlib and the simple API have for its algorithm; nil for an unknown one.
    /// - Throws: ``BrokenChecksum`` if the text is no checksum of that algorithm.
    static func declared(_ algorithm: String, _ hex: String) throws(BrokenChecksum) -> Checksum? {
        guard let known = ChecksumAlgorithm(rawValue: algorithm.lowercased()) else { return nil }
        guard let checksum = Checksum(known, hex: Array(hex.utf8)) else { throw BrokenChecksum() }
        return checksum
    }
}

struct BrokenChecksum: Error {}

extension ProjectFile {
    mutating func declare(_ algorithm: String, _ hex: String) {
        do {
            if let checksum = try Checksum.declared(algorithm, hex) { checksums.append(checksum) }
        } catch { hasBrokenChecksum = true }
    }

    mutating func setUploadTime(_ text: String) {
        guard let time = Timestamp(rfc3339: text) else { return }
        // uv refuses a page with a time that does not end with Z.
        uploadTime = text.hasSuffix("Z") ? text : time.rfc3339
    }
}
