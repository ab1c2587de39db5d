import Basics

/// A generation that the catalog does not have because it cannot be read: its record, its manifest or its metadata is damaged or missing.
public struct CatalogGap: Sendable {
    public let repository: String
    public let generation: Int
    public let error: ChantalError

    /// In one sentence, without the repository.
    public var message: String { "the packages of generation \(generation) are not in the catalog: \(error)" }

    /// What to do about it.
    public static let hint = "chantal verify --repair mends what upstream still has"

    /// Whether an error is about what was to be read, and not about the machine, the catalog itself or another process.
    static func isDamage(_ error: ChantalError) -> Bool {
        ![.interrupted, .locked, .noSpace, .permission, .needsRebuild, .bug].contains(error.code)
    }
}
