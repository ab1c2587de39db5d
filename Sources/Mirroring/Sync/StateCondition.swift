import Basics
import Store

/// Whether the generation in force is all there: a sync of an unchanged upstream makes it anew if it is not.
struct StateCondition {
    /// What is missing or damaged, in words; nil if nothing was found.
    let damage: String?
    /// The newest generation whose manifest and metadata can be read: what an ecosystem may take over from.
    let basis: GenerationRecord?

    static func whole(_ record: GenerationRecord?) -> StateCondition { StateCondition(damage: nil, basis: record) }

    private init(damage: String?, basis: GenerationRecord?) {
        self.damage = damage
        self.basis = basis
    }

    /// - Parameter thoroughly: also reads the manifest and asks for every blob, by a system call each; otherwise only whether the
    ///   manifest is there.
    init(
        of record: GenerationRecord?, repository: String, records: LocalRecordStore, blobs: any BlobStore,
        thoroughly: Bool
    ) throws {
        guard let record else {
            self.init(damage: nil, basis: nil)
            return
        }
        let look = Look(records: records, blobs: blobs)
        guard let damage = try thoroughly ? look.damage(of: record) : look.absence(of: record) else {
            self.init(damage: nil, basis: record)
            return
        }
        var basis: GenerationRecord?
        for number in try records.generations(of: repository).reversed() where number <= record.number {
            let candidate = try records.generation(number, of: repository)
            guard try look.damage(of: candidate, metadataOnly: true) == nil else { continue }
            basis = candidate
            break
        }
        self.init(damage: damage, basis: basis)
    }

    private struct Look {
        let records: LocalRecordStore
        let blobs: any BlobStore

        func absence(of record: GenerationRecord) throws -> String? {
            try records.hasManifest(record.manifest) ? nil : "its manifest \(record.manifest) is missing"
        }

        func damage(of record: GenerationRecord, metadataOnly: Bool = false) throws -> String? {
            if let absence = try absence(of: record) { return absence }
            var wanted: [Digest: Int64] = [:]
            do {
                try records.forEachLine(of: record.manifest) { line in
                    if !metadataOnly || line.role != .package { wanted[line.digest] = line.size }
                }
            } catch let error as ChantalError where error.code == .store {
                return error.description
            }
            let lost = try wanted.count { try blobs.size(of: $0.key) != $0.value }
            return lost == 0 ? nil : "\(lost) of its \(wanted.count) blobs are missing or of another size"
        }
    }
}
