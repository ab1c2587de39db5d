import Basics
import Mirroring

/// A project as its pages offer it: only files that are in the store.
struct PublishedProject: Sendable {
    let name: ProjectName
    /// As upstream writes it.
    var displayName: String
    var status: String?
    var statusReason: String?
    /// What it is, on one line, as its newest metadata has it.
    var summary: String?
    /// Its homepage, as its newest metadata has it.
    var homepage: String?
    var files: [PublishedFile] = []

    /// Every version of which there is a file, normalised, in order; what is no version of PEP 440 has none.
    var versions: [String] {
        var known: Set<Version> = []
        for file in files {
            if let version = DistributionFilename(file.filename, of: name)?.version { known.insert(version) }
        }
        return known.sorted().map(\.description)
    }
}

/// A file as a page offers it.
struct PublishedFile: Sendable, Equatable {
    var filename: String
    var digest: Digest
    /// In bytes.
    var size: Int64
    /// What else upstream declares, SHA-256 aside.
    var checksums: [Checksum] = []
    /// Byte for byte.
    var requiresPython: String?
    /// Empty without a reason; nil if it is not yanked.
    var yanked: String?
    /// SHA-256 of the `.metadata` twin; nil if there is none.
    var metadata: Digest?
    /// RFC 3339 with `Z`.
    var uploadTime: String?
    /// Absolute.
    var provenance: String?
    /// The requirements that brought it in, from what the user wrote on.
    var why: [String] = []
}
