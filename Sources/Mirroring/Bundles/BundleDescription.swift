import Basics
import Hashing
import Store

/// What a bundle says of itself, in the member `BUNDLE` of each of its volumes (docs/bundle-format.md).
///
/// A signature over this text covers the whole bundle: every other member is named here by its SHA-256.
struct BundleDescription: Sendable, Equatable {
    /// A state that the receiver is taken to have, and whose files are left out.
    struct Base: Sendable, Hashable {
        var manifest: Digest
        /// For people: `debian@12`.
        var name: String
    }

    /// The text of a manifest.
    struct ManifestMember: Sendable, Hashable {
        /// Of the text.
        var id: Digest
        var isCompressed: Bool
        /// Of the member's bytes.
        var digest: Digest
        /// Of the member, in bytes.
        var size: Int64
    }

    /// The record of a generation.
    struct GenerationMember: Sendable, Hashable {
        var repository: String
        /// Where it comes from; the receiver gives a number of its own.
        var number: Int
        var digest: Digest
        var size: Int64
    }

    struct FirstSeenMember: Sendable, Hashable {
        var repository: String
        var digest: Digest
        var size: Int64
    }

    struct Snapshot: Sendable, Hashable {
        var repository: String
        var generation: Int
        var createdAt: Timestamp
        var name: String
    }

    struct Publication: Sendable, Hashable {
        var name: String
        var source: PublicationRecord.Source
    }

    struct Blob: Sendable, Hashable {
        var digest: Digest
        var size: Int64
    }

    /// When the youngest of its generations was made.
    var createdAt: Timestamp
    var bases: [Base] = []
    var manifests: [ManifestMember] = []
    var generations: [GenerationMember] = []
    var firstSeen: [FirstSeenMember] = []
    var snapshots: [Snapshot] = []
    var publications: [Publication] = []
    /// The blobs of each volume, in the order of their digests through all of them.
    var volumes: [[Blob]] = [[]]

    var blobCount: Int { volumes.reduce(0) { $0 + $1.count } }
    var blobBytes: Int64 { volumes.reduce(0) { $0 + $1.reduce(0) { $0 + $1.size } } }

    /// Names of its repositories, sorted.
    var repositories: [String] { Set(generations.map(\.repository)).sorted() }

    /// Gives the text in pieces.
    func write(_ output: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var piece: [UInt8] = []
        piece.reserveCapacity(80 << 10)
        var hasher = SHA256Hasher()
        func line(_ words: String...) { piece.append(contentsOf: (words.joined(separator: " ") + "\n").utf8) }
        func flush() throws {
            hasher.update(piece)
            try piece.withUnsafeBytes(output)
            piece.removeAll(keepingCapacity: true)
        }
        line("chantal-bundle 1")
        line("created_at", createdAt.rfc3339)
        for base in bases { line("base", base.manifest.hex, base.name) }
        for manifest in manifests {
            line(
                "manifest", manifest.id.hex, manifest.isCompressed ? "zstd" : "plain", manifest.digest.hex,
                "\(manifest.size)")
        }
        for record in generations {
            line("generation", record.repository, "\(record.number)", record.digest.hex, "\(record.size)")
        }
        for notes in firstSeen { line("first-seen", notes.repository, notes.digest.hex, "\(notes.size)") }
        for snapshot in snapshots {
            line(
                "snapshot", snapshot.repository, "\(snapshot.generation)", snapshot.createdAt.rfc3339, snapshot.name)
        }
        for publication in publications {
            switch publication.source {
            case .follows(let repository): line("publication", publication.name, "follows", repository)
            case .pinned(let repository, let generation, let snapshot):
                let words = ["publication", publication.name, "pinned", repository, "\(generation)"]
                line((words + (snapshot.map { [$0] } ?? [])).joined(separator: " "))
            }
        }
        for (index, blobs) in volumes.enumerated() {
            line("volume", "\(index + 1)", "\(blobs.count)", "\(blobs.reduce(0) { $0 + $1.size })")
            for blob in blobs {
                piece.append(contentsOf: "blob ".utf8)
                blob.digest.appendHex(to: &piece)
                piece.append(contentsOf: " \(blob.size)\n".utf8)
                if piece.count >= 64 << 10 { try flush() }
            }
        }
        try flush()
        line("sha256", hasher.finish().hex)
        try piece.withUnsafeBytes(output)
    }

    /// The whole text.
    var text: [UInt8] {
        var text: [UInt8] = []
        write { text.append(contentsOf: $0) }
        return text
    }
}
