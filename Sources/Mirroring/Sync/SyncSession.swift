import Basics
import Catalog
import Fetching
import FileSystem
import OpenPGP
import Store

/// What an ecosystem works with during one sync: upstream's files come in, verified and staged, and nothing else is in reach.
///
/// Used by one thread.
public final class SyncSession {
    public let repository: String
    /// The generation in force, if any.
    public let previous: GenerationRecord?
    /// The moment of this sync; every decision about time uses it.
    public let now: Timestamp
    /// Whether an unchanged root means that nothing has changed: the configuration is that of the previous generation, nothing of it
    /// is missing or held back, no moment at which time alone changes the result has passed, and the user did not ask for everything.
    public let mayBeUnchanged: Bool
    /// Whether what servers said of roots kept ``RootRequest/Keeping/withValidators`` is about the generation in force: the
    /// configuration is the same, and the user did not ask for everything. Holds for a partial generation too.
    public let validatorsHold: Bool
    /// Whether the user accepts changes that would be held back (`--accept-removals`).
    public let acceptsRemovals: Bool

    /// Whether the generation in force is not whole, so that another has to take its place.
    let isDamaged: Bool
    /// The blobs for which it is not.
    let lost: Set<Digest>
    /// Of a hosted repository the blobs that it has lost.
    let lacking: Set<Digest>
    /// Those of them that the user has brought back.
    var broughtBack: Set<Digest> = []
    /// The generation that ``previousState()`` reads: the one in force, unless it cannot be read.
    let basis: GenerationRecord?
    /// Roots that were found to give the generation in force, other than those it was made of.
    let acknowledgedRoots: [String: Digest]
    let staging: any StagingSession
    let downloader: Downloader
    let catalog: any PackageCatalog
    let records: LocalRecordStore
    let cancellation: Cancellation
    let signing: SigningSettings?
    let workDirectory: (String) throws -> TemporaryDirectory
    /// Homes of keyrings, kept as long as the session.
    var homes: [TemporaryDirectory] = []
    var roots = RootMemory()
    /// What came in by ``fetch(_:)``.
    var fetched: Set<Digest> = []
    /// For roots that are read and not stored.
    let room = HoldingRoom(limit: 16 << 20)
    var firstSight: FirstSight
    private let warning: (String) -> Void

    init(
        repository: String, conditions: Conditions, staging: any StagingSession, downloader: Downloader,
        catalog: any PackageCatalog, records: LocalRecordStore, cancellation: Cancellation, signing: SigningSettings?,
        firstSight: FirstSight,
        workDirectory: @escaping (String) throws -> TemporaryDirectory, warning: @escaping (String) -> Void
    ) {
        self.repository = repository
        previous = conditions.previous
        now = conditions.now
        mayBeUnchanged = conditions.mayBeUnchanged
        validatorsHold = conditions.validatorsHold
        acceptsRemovals = conditions.acceptsRemovals
        isDamaged = conditions.state.damage != nil
        lost = conditions.state.lost
        lacking = conditions.state.lacking
        basis = conditions.state.basis
        acknowledgedRoots = conditions.acknowledgedRoots
        self.staging = staging
        self.downloader = downloader
        self.catalog = catalog
        self.records = records
        self.cancellation = cancellation
        self.signing = signing
        self.firstSight = firstSight
        self.workDirectory = workDirectory
        self.warning = warning
    }

    /// Under which conditions a sync begins.
    struct Conditions {
        var previous: GenerationRecord?
        var state: StateCondition
        var now: Timestamp
        var mayBeUnchanged: Bool
        var validatorsHold: Bool
        var acceptsRemovals: Bool
        /// By path, where they are others than those in the record of the generation in force.
        var acknowledgedRoots: [String: Digest] = [:]
    }

    /// Tells the user something although the work goes on.
    public func warn(_ message: String) { warning(message) }

    /// - Throws: `interrupted` once the user asked to stop. To be called in long loops.
    public func checkCancellation() throws { try cancellation.check() }
}

/// A file in the store, or staged for it.
public struct StoredFile: Sendable, Hashable {
    public let digest: Digest
    /// In bytes.
    public let size: Int64
    public init(digest: Digest, size: Int64) {
        self.digest = digest
        self.size = size
    }
}
