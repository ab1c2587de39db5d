import Basics
import Catalog
import Store

/// What makes a cheap "nothing changed" possible: the conditions under which the last generation was made, or last found current.
struct SyncMemory {
    private let catalog: any PackageCatalog
    private let repository: String
    private let previous: GenerationRecord?
    /// Found current under another configuration or at a later time than the record says; kept in the catalog, so forgotten with it.
    private let acknowledged: Conditions?

    private struct Conditions: Equatable {
        var generation: Int
        var config: Digest
        var until: Timestamp?

        init(generation: Int, config: Digest, until: Timestamp?) {
            self.generation = generation
            self.config = config
            self.until = until
        }

        init?(_ text: String) {
            let words = text.split(separator: " ").map(String.init)
            guard words.count == 3, let generation = Int(words[0]), let config = Digest(hex: words[1]) else {
                return nil
            }
            self.init(generation: generation, config: config, until: Int64(words[2]).map { Timestamp(seconds: $0) })
        }

        var text: String { "\(generation) \(config) \(until.map { String($0.seconds) } ?? "-")" }
    }

    init(_ catalog: any PackageCatalog, repository: String, previous: GenerationRecord?) throws {
        self.catalog = catalog
        self.repository = repository
        self.previous = previous
        acknowledged = try catalog.value(for: SyncMemory.key(repository)).flatMap(Conditions.init)
    }

    private static func key(_ repository: String) -> String { "current \(repository)" }

    /// Whether unchanged roots mean that nothing has changed.
    func mayBeUnchanged(config: Digest, now: Timestamp) -> Bool {
        guard let previous, previous.notes[GenerationNote.partial] == nil else { return false }
        let recorded = Conditions(
            generation: previous.number, config: previous.configDigest,
            until: [previous.nextChangeAt, previous.expiresAt].compactMap { $0 }.min())
        let known = acknowledged?.generation == previous.number ? [acknowledged!, recorded] : [recorded]
        return known.contains { $0.config == config && ($0.until.map { now < $0 } ?? true) }
    }

    /// Remembers that the last generation is what this configuration and this moment give.
    func acknowledge(config: Digest, plan: SyncPlan) throws {
        guard let previous else { return }
        let until = [plan.nextChangeAt, plan.expiresAt].compactMap { $0 }.min()
        try catalog.setValue(
            Conditions(generation: previous.number, config: config, until: until).text, for: SyncMemory.key(repository))
    }
}

/// Keys of a generation record's notes that the engine itself uses.
enum GenerationNote {
    /// Set where `on_missing: keep` went on without something.
    static let partial = "partial"
    /// Followed by the root's path upstream; the value is its digest.
    static let root = "root "
}
