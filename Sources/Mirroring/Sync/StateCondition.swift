import Basics
import Store

/// Whether the generation in force is all there: a sync of an unchanged upstream makes it anew if it is not.
struct StateCondition {
    /// What is missing or damaged, in words; nil if nothing was found.
    let damage: String?
    /// Of these the blobs that are missing or of another size, as far as they are known.
    let lost: Set<Digest>
    /// The newest generation whose manifest and metadata can be read: what an ecosystem may take over from.
    let basis: GenerationRecord?
    /// Of a hosted repository the blobs that are lost. It is not made anew for them: they come back by hand, or what needs them goes.
    private(set) var lacking: Set<Digest> = []
    /// Whether nothing was found: then an unchanged upstream means that there is nothing to do.
    private(set) var isWhole = true

    /// Of a hosted repository the generation in force is all that is known of it: nothing can be made anew.
    static func hosted(_ record: GenerationRecord?, _ found: StateCondition) -> StateCondition {
        var condition = StateCondition(damage: nil, basis: record)
        condition.lacking = found.lost
        condition.isWhole = found.isWhole
        return condition
    }

    private init(damage: Damage?, basis: GenerationRecord?) {
        self.damage = damage?.description
        isWhole = damage == nil
        lost = damage?.lost ?? []
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

    private struct Damage {
        let description: String
        var lost: Set<Digest> = []
    }

    private struct Look {
        let records: LocalRecordStore
        let blobs: any BlobStore

        func absence(of record: GenerationRecord) throws -> Damage? {
            try records.hasManifest(record.manifest)
                ? nil : Damage(description: "its manifest \(record.manifest) is missing")
        }

        func damage(of record: GenerationRecord, metadataOnly: Bool = false) throws -> Damage? {
            if let absence = try absence(of: record) { return absence }
            var wanted: [Digest: Int64] = [:]
            do {
                try records.forEachLine(of: record.manifest) { line in
                    if !metadataOnly || line.role != .package { wanted[line.digest] = line.size }
                }
            } catch let error as ChantalError where error.code == .store {
                return Damage(description: error.description)
            }
            if !metadataOnly { try addTreeFiles(of: record, to: &wanted) }
            let lost = try wanted.filter { try blobs.size(of: $0.key) != $0.value }.keys
            if lost.isEmpty { return nil }
            return Damage(
                description: "\(lost.count) of its \(wanted.count) blobs are missing or of another size",
                lost: Set(lost))
        }

        /// What its tree holds beside the manifest.
        private func addTreeFiles(of record: GenerationRecord, to wanted: inout [Digest: Int64]) throws {
            guard let text = Digest(treeName: record.tree), text != record.manifest, try records.hasManifest(text)
            else { return }
            do {
                try records.forEachPointer(of: text) { wanted[$0.digest] = $0.size }
            } catch let error as ChantalError where error.code == .store {
                return  // the tree is made from the manifest then
            }
        }
    }
}
