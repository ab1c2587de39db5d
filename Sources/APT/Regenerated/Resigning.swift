import Basics
import Mirroring

/// When the metadata that chantal writes for a section has to be signed anew, with `valid_for`.
struct Resigning {
    /// The note of a generation's record that tells it.
    private static let note = "resign-at"

    /// Whether the signature in force is old enough.
    let isDue: Bool
    private let resignAt: Timestamp?
    private let plannedAt: Timestamp?

    init(_ section: RepositorySection, _ session: SyncSession) {
        resignAt = section.value(ArchiveSettings.validFor).map { session.now + $0 / 2 }
        plannedAt = session.previous?.notes[Resigning.note].flatMap(Timestamp.init(rfc3339:))
        isDue = resignAt != nil && (plannedAt.map { $0 <= session.now } ?? true)
    }

    /// If nothing else changes, the signature that is in force still ends when it ends.
    private var next: Timestamp? {
        guard resignAt != nil else { return nil }
        return isDue ? resignAt : [resignAt, plannedAt].compactMap { $0 }.min()
    }

    /// Lets the plan force a generation when it is time, and tell when that will be.
    func apply(to plan: inout SyncPlan) {
        plan.nextChangeAt = [plan.nextChangeAt, next].compactMap { $0 }.min()
        plan.forcesGeneration = isDue
        if let resignAt { plan.notes[Resigning.note] = resignAt.rfc3339 }
    }
}
