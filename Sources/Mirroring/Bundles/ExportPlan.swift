import Basics
import Compression
import Hashing
import Store

/// A bundle that only has to be written.
struct PlannedBundle {
    var description: BundleDescription
    /// Texts of generations and notes of what was first seen, by their SHA-256.
    var records: [Digest: [UInt8]]
}

/// Makes the description of a bundle: which blobs it takes, and into which volume.
struct ExportPlan {
    /// Texts of manifests above this size, in bytes, are compressed.
    static let smallestCompressed = 4 << 10

    let engine: Engine
    let session: any StagingSession
    let selection: ExportSelection

    func plan(since bases: [ExportOptions.Base], volumeSize: Int64?, isSigned: Bool) throws -> PlannedBundle {
        let records = engine.records
        let times = selection.states.map(\.record.createdAt)
        var result = BundleDescription(createdAt: times.max() ?? Timestamp(seconds: 0))
        var texts: [Digest: [UInt8]] = [:]
        func keep(_ text: [UInt8]) -> (Digest, Int64) {
            let digest = sha256(of: text)
            texts[digest] = text
            return (digest, Int64(text.count))
        }
        result.snapshots = selection.snapshots.sorted { ($0.repository, $0.name) < ($1.repository, $1.name) }
        result.publications = selection.publications.sorted { $0.name < $1.name }
        for state in selection.states {
            let (digest, size) = keep(state.record.text)
            result.generations.append(
                .init(repository: state.repository, number: state.record.number, digest: digest, size: size))
        }
        for repository in result.repositories {
            guard let text = try records.firstSeen(of: repository)?.text() else { continue }
            let (digest, size) = keep(text)
            result.firstSeen.append(.init(repository: repository, digest: digest, size: size))
        }
        var wanted: [Digest: Int64] = [:]
        for manifest in Set(selection.states.map(\.record.manifest)).sorted() {
            try engine.cancellation.check()
            try records.forEachLine(of: manifest) { wanted[$0.digest] = $0.size }
            result.manifests.append(try member(of: manifest))
        }
        result.bases = try leaveOut(bases, from: &wanted)
        let blobs = wanted.map { BundleDescription.Blob(digest: $0.key, size: $0.value) }
            .sorted { $0.digest < $1.digest }
        try protect(blobs)
        result.volumes = try VolumeDivision(description: result, isSigned: isSigned, limit: volumeSize).divide(blobs)
        return PlannedBundle(description: result, records: texts)
    }

    /// How a manifest's text goes into the bundle.
    private func member(of manifest: Digest) throws -> BundleDescription.ManifestMember {
        var plain: Int64 = 0
        try engine.records.readManifest(manifest) { plain += Int64($0.count) }
        let isCompressed = plain > Int64(ExportPlan.smallestCompressed)
        var hasher = SHA256Hasher()
        var size: Int64 = 0
        try ExportPlan.render(manifest, isCompressed: isCompressed, engine.records) {
            hasher.update($0)
            size += Int64($0.count)
        }
        return .init(id: manifest, isCompressed: isCompressed, digest: hasher.finish(), size: size)
    }

    /// Gives the bytes of a manifest's member, the same each time.
    static func render(
        _ manifest: Digest, isCompressed: Bool, _ records: any RecordStore,
        _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard isCompressed else { return try records.readManifest(manifest, output) }
        let compressor = try Compressor(.zstd, level: 3)
        try records.readManifest(manifest) { try compressor.write($0, output) }
        try compressor.finish(output)
    }

    /// Takes out what the receiving side has.
    /// - Returns: the states that made a difference.
    private func leaveOut(_ bases: [ExportOptions.Base], from wanted: inout [Digest: Int64]) throws
        -> [BundleDescription.Base]
    {
        let records = engine.records
        var builtOn: [Digest: String] = [:]
        func leaveOut(_ manifest: Digest, _ name: String, _ wanted: inout [Digest: Int64]) throws {
            try records.forEachLine(of: manifest) {
                if wanted.removeValue(forKey: $0.digest) != nil { builtOn[manifest] = name }
            }
        }
        for base in bases {
            switch base {
            case .state(let reference):
                let state = try engine.resolve(reference)
                try leaveOut(state.record.manifest, state.name, &wanted)
            case .bundle(let path):
                var used: Set<Digest> = []
                let names = try ExportOptions.Base.forEachBlob(ofBundle: path) { manifest, blob in
                    if wanted.removeValue(forKey: blob) != nil { used.insert(manifest) }
                }
                for manifest in used { builtOn[manifest] = names[manifest] ?? "?" }
            case .manifests(let list):
                let known = try list.filter { try records.hasManifest($0.id) }
                for (id, name) in known { try leaveOut(id, name, &wanted) }
                if known.isEmpty {
                    throw ChantalError(
                        .notFound, "this store knows none of the states that the receiving side has",
                        hint: "export without --since, or take a bundle or state that the other side was given")
                }
            }
        }
        return builtOn.map { .init(manifest: $0.key, name: $0.value) }
            .sorted { ($0.name, $0.manifest) < ($1.name, $1.manifest) }
    }

    private func protect(_ blobs: [BundleDescription.Blob]) throws {
        let sizes = try session.rely(on: blobs.map(\.digest))
        for (blob, size) in zip(blobs, sizes) where size != blob.size {
            throw ChantalError(
                .store,
                "the store \(size == nil ? "has no" : "has a damaged") blob \(blob.digest), which is to be exported",
                hint: "`chantal verify --repair` brings it back, or says what else does")
        }
    }
}
