import Basics
import Hashing
import Store

/// What the next generation of a repository holds.
public struct SyncPlan {
    /// The verified documents that everything hangs on, by their path upstream: InRelease, repomd.xml.
    public var roots: [Root]
    /// Files still to be fetched, unless the store has them. Two files may want one path only if their content is the same.
    public var files: [PlannedFile]
    /// Number of packages (by name, version and architecture) in the generation.
    public var packages: Int
    /// Whether a signature was verified.
    public var verified: Bool
    /// When upstream's metadata stops being valid (Valid-Until, or the signature's expiry), if ever.
    public var expiresAt: Timestamp?
    /// The next moment at which time alone changes the result: end of a quarantine, re-signing. Expiry need not be repeated here.
    public var nextChangeAt: Timestamp?
    /// Whatever else decides the content, without own signatures and dates: two plans with equal roots, files and facts make
    /// the same repository.
    public var facts: [Digest]
    /// Whether the metadata is written anew (and so depends on the whole configuration), or is upstream's byte for byte.
    public var isRegenerated: Bool
    /// Whether a new generation is due although nothing else has changed: own signatures are about to expire.
    public var forcesGeneration = false
    /// Whether two states are the same if their manifests (and ``notes``) are, for the metadata has no date and no signature of its own:
    /// roots, files and facts are then not compared.
    public var isDecidedByManifest = false
    /// Packages that are left out for a defect upstream, by name; the sync fails unless `allow_missing` covers the path.
    public var defects: [Defect]
    /// Changes that are held back until the user accepts them (code `held`): what the plan holds is committed without them, and the
    /// sync ends with status `held`.
    public var held: [ChantalError] = []
    /// What packages must pass once they are in the store; one that does not is judged like a missing file.
    public var inspection: Inspection?
    /// The packages of the generation as ``Ecosystem/packages(in:since:into:)`` would tell them if nothing of the plan is missing, gathered
    /// with ``SyncSession/draftRows()`` so that the catalog need not read the metadata again; nil if they were not.
    public var rows: (any GenerationDraft)?
    /// What the user should know although all is well.
    public var warnings: [String]
    /// What the generation's record keeps for the ecosystem's own use; keys are words, values one line.
    public var notes: [String: String]
    /// What its sources lacked already, for people: of a view what its members' records name.
    public var incomplete: [String] = []
    /// Makes the metadata of the generation once the files are in the store. Verbatim mirrors return what they have fetched;
    /// regenerated ones render and sign. The result does not repeat `files`.
    public var compose: (_ contents: PlanContents) throws -> Composition

    /// What "nothing changed" compares: the roots, the files and the facts, without own signatures and dates.
    var selection: Digest {
        var hasher = SHA256Hasher()
        func add(_ line: String) { Array((line + "\n").utf8).withUnsafeBytes { hasher.update($0) } }
        for root in roots.sorted(by: { $0.path < $1.path }) { add("root \(root.digest) \(root.path)") }
        for fact in facts { add("fact \(fact)") }
        var line: [UInt8] = []
        // Places are moved, not files: those are large.
        for index in PathSort.order(of: files.map(\.path)) {
            let file = files[index]
            line.removeAll(keepingCapacity: true)
            line.append(contentsOf: "file ".utf8)
            if let digest = file.sha256 { digest.appendHex(to: &line) }
            for checksum in file.checksums where file.sha256 == nil { line.append(contentsOf: "\(checksum) ".utf8) }
            line.append(contentsOf: " \(file.size ?? -1) ".utf8)
            line.append(contentsOf: file.path.bytes)
            line.append(0x0a)
            line.withUnsafeBytes { hasher.update($0) }
        }
        return hasher.finish()
    }

    public struct Root: Sendable, Hashable {
        public let path: RepositoryPath
        public let digest: Digest
        public init(path: RepositoryPath, digest: Digest) {
            self.path = path
            self.digest = digest
        }
    }

    public struct Defect: Sendable {
        public let path: RepositoryPath?
        public let error: ChantalError
        public init(path: RepositoryPath?, error: ChantalError) {
            self.path = path
            self.error = error
        }
    }

    public init(
        roots: [Root], files: [PlannedFile], packages: Int, verified: Bool, expiresAt: Timestamp? = nil,
        nextChangeAt: Timestamp? = nil, facts: [Digest] = [], isRegenerated: Bool = false, defects: [Defect] = [],
        warnings: [String] = [], notes: [String: String] = [:],
        compose: @escaping (_ contents: PlanContents) throws -> Composition
    ) {
        self.roots = roots
        self.files = files
        self.packages = packages
        self.verified = verified
        self.expiresAt = expiresAt
        self.nextChangeAt = nextChangeAt
        self.facts = facts
        self.isRegenerated = isRegenerated
        self.defects = defects
        self.warnings = warnings
        self.notes = notes
        self.compose = compose
    }
}
