import Basics
import Mirroring

/// What the engine does not offer yet.
enum Maintenance {
    static func verify(
        _ engine: Engine, _ states: [StateReference], quick: Bool, repair: Bool, _ progress: SyncProgress
    ) throws -> VerifyResult {
        throw ChantalError(.bug, "this chantal cannot verify yet")
    }

    static func collectGarbage(_ engine: Engine, dryRun: Bool, grace: Int64) throws -> GarbageResult {
        throw ChantalError(.bug, "this chantal cannot collect garbage yet")
    }
}
