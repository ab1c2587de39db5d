import Basics
import Catalog
import FileSystem
import Mirroring
import Store

/// How one repository stands: its configuration, its latest generation, its last attempts.
struct RepositoryStatus {
    let result: StatusResult.Repository

    /// The state of one whose latest generation cannot be read.
    static let damaged = "damaged"

    init(_ name: String, _ engine: Engine, _ catalog: any PackageCatalog) throws {
        let section = engine.configuration[name]
        var record: GenerationRecord?
        var damage: ChantalError?
        do {
            record = try engine.store.records.latestGeneration(of: name)
        } catch let error as ChantalError where error.code == .store {
            damage = error
        }
        let attempt = try catalog.attempts(of: name, limit: 1) { Machine.isAlive(process: $0.pid) }.first
        let success = try catalog.lastSuccess(of: name)
        let errors = damage.map { JSONValue.array([$0.json]) } ?? attempt.flatMap { JSONReader.value($0.errors) }
        result = StatusResult.Repository(
            repository: name, type: section?.type ?? record?.type,
            memberNames: section?.members ?? record?.memberNames ?? [], madeOf: record?.members ?? [],
            state: damage != nil
                ? RepositoryStatus.damaged : RepositoryStatus.state(isConfigured: section != nil, attempt, record),
            generation: record?.number, manifest: record?.manifest,
            lastAttemptAt: attempt?.startedAt ?? record?.createdAt,
            lastSuccessAt: success.map { $0.finishedAt ?? $0.startedAt } ?? record?.succeededAt,
            expiresAt: record?.expiresAt, packages: record?.packages, files: record?.files, bytes: record?.bytes,
            verified: record?.verified, incomplete: record?.incomplete ?? [], errors: errors ?? .array([]))
    }

    /// The result of the last attempt. Where the catalog knows none, a generation is proof of a good one.
    private static func state(isConfigured: Bool, _ attempt: Attempt?, _ record: GenerationRecord?) -> String {
        guard isConfigured else { return "unconfigured" }
        if let attempt { return attempt.result.rawValue }
        guard let record else { return "never" }
        return (record.incomplete.isEmpty ? Attempt.Result.changed : .partial).rawValue
    }
}
