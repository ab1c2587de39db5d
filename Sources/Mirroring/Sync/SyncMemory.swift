import Basics
import Catalog
import Store

/// What makes a cheap "nothing changed" possible: the conditions under which the last generation was made, or last found current, and
/// whether what servers said is about that generation.
///
/// Kept in the catalog under the repository's name, with the number and the manifest of the generation that it is about: what another
/// generation has come to be in force by (a rename, an import, an older copy of the catalog) means nothing.
struct SyncMemory {
    private let catalog: any PackageCatalog
    private let repository: String
    private let previous: GenerationRecord?
    /// Found current under another configuration or at a later time than the record says.
    private let acknowledged: Conditions?
    /// What it was found current with, by path.
    private let roots: [String: Digest]
    private let validators: Conditions?

    private struct Conditions: Equatable {
        var generation: Int
        var manifest: Digest
        var config: Digest
        var until: Timestamp?

        init(_ record: GenerationRecord, config: Digest, until: Timestamp? = nil) {
            generation = record.number
            manifest = record.manifest
            self.config = config
            self.until = until
        }

        init?(_ text: String) {
            let words = text.prefix { $0 != "\n" }.split(separator: " ").map(String.init)
            guard words.count == 4, let generation = Int(words[0]), let manifest = Digest(hex: words[1]),
                let config = Digest(hex: words[2])
            else { return nil }
            self.generation = generation
            self.manifest = manifest
            self.config = config
            until = Int64(words[3]).map { Timestamp(seconds: $0) }
        }

        var text: String { "\(generation) \(manifest) \(config) \(until.map { String($0.seconds) } ?? "-")" }

        func isAbout(_ record: GenerationRecord) -> Bool {
            generation == record.number && manifest == record.manifest
        }
    }

    init(_ catalog: any PackageCatalog, repository: String, previous: GenerationRecord?) throws {
        self.catalog = catalog
        self.repository = repository
        self.previous = previous
        func read(_ key: String) throws -> Conditions? {
            guard let previous, let known = try catalog.value(for: key).flatMap(Conditions.init),
                known.isAbout(previous)
            else { return nil }
            return known
        }
        acknowledged = try read(SyncMemory.current(repository))
        roots =
            try acknowledged == nil ? [:] : SyncMemory.roots(catalog.value(for: SyncMemory.current(repository)) ?? "")
        validators = try read(SyncMemory.validators(repository))
    }

    private static func current(_ repository: String) -> String { "current \(repository)" }
    private static func validators(_ repository: String) -> String { "validators \(repository)" }

    private static func damaged(_ repository: String) -> String { "damaged \(repository)" }

    /// Remembers that something of the store was found damaged or lost that the repository may need.
    static func noteDamage(of repository: String, _ catalog: any PackageCatalog) throws {
        try catalog.setValue("1", for: damaged(repository))
    }

    /// Whether ``noteDamage(of:_:)`` was called since the generation in force was last found whole.
    static func mayBeDamaged(_ repository: String, _ catalog: any PackageCatalog) throws -> Bool {
        try catalog.value(for: damaged(repository)) != nil
    }

    /// Notes that the generation in force was found whole.
    static func noteWhole(_ repository: String, _ catalog: any PackageCatalog) throws {
        if try mayBeDamaged(repository, catalog) { try catalog.setValue(nil, for: damaged(repository)) }
    }

    /// Forgets what is known under a repository's name.
    static func forget(_ repository: String, _ catalog: any PackageCatalog) throws {
        for key in [current(repository), validators(repository), damaged(repository)]
        where try catalog.value(for: key) != nil {
            try catalog.setValue(nil, for: key)
        }
    }

    /// Whether unchanged roots mean that nothing has changed.
    func mayBeUnchanged(config: Digest, now: Timestamp) -> Bool {
        guard let previous, previous.isWhole else { return false }
        let recorded = Conditions(
            previous, config: previous.configDigest,
            until: [previous.nextChangeAt, previous.expiresAt].compactMap { $0 }.min())
        let known = [acknowledged, recorded].compactMap { $0 }
        return known.contains { $0.config == config && ($0.until.map { now < $0 } ?? true) }
    }

    /// Roots that give the generation in force although it was made of others, by path.
    func acknowledgedRoots(config: Digest) -> [String: Digest] { acknowledged?.config == config ? roots : [:] }

    /// The lines after the first: digest and path each.
    private static func roots(_ text: String) -> [String: Digest] {
        var result: [String: Digest] = [:]
        for line in text.split(separator: "\n").dropFirst() {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2, let digest = Digest(hex: String(words[0])) { result[String(words[1])] = digest }
        }
        return result
    }

    /// Whether what servers said of the parts of a repository is about the generation in force.
    func validatorsHold(config: Digest) -> Bool { validators?.config == config }

    /// Remembers that the last generation is what this configuration and this moment give.
    func acknowledge(config: Digest, plan: SyncPlan) throws {
        guard let previous else { return }
        let until = [plan.nextChangeAt, plan.expiresAt].compactMap { $0 }.min()
        var text = Conditions(previous, config: config, until: until).text
        for root in plan.roots where SyncSession.rootDigest(of: root.path, in: previous) != root.digest {
            text += "\n\(root.digest) \(root.path)"
        }
        try catalog.setValue(text, for: SyncMemory.current(repository))
    }

    /// Keeps what servers said in this sync, about the generation that is in force now.
    func rememberValidators(_ session: SyncSession, about record: GenerationRecord?, config: Digest) throws {
        guard let record else { return }
        try session.rememberValidators()
        guard session.roots.hasKept || session.validatorsHold else { return }
        let conditions = Conditions(record, config: config)
        if validators != conditions {
            try catalog.setValue(conditions.text, for: SyncMemory.validators(repository))
        }
    }
}

/// Keys of a generation record's notes that the engine itself uses.
enum GenerationNote {
    /// Set where `on_missing: keep` went on without something.
    static let partial = "partial"
    /// Set where changes were held back.
    static let held = "held"
    /// The digest of the files that the tree holds beside those of the manifest.
    static let treeFiles = "tree-files"
    /// Of a view: the states that it was made of, `rocky9@12 epel9@3`.
    static let members = "members"
    /// Followed by the root's path upstream, of a view by the name of a member; the value is its digest, that of the member's manifest.
    static let root = "root "
}

extension GenerationRecord {
    /// Of a view the states that it was made of, `rocky9@12`; empty for a repository's.
    public var members: [String] {
        notes[GenerationNote.members]?.split(separator: " ").map(String.init) ?? []
    }

    /// Whether it holds all that upstream had: nothing failed, nothing is held back.
    var isWhole: Bool { notes[GenerationNote.partial] == nil && notes[GenerationNote.held] == nil }
}
