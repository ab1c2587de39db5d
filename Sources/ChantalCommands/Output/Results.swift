import Basics
import Mirroring

// What commands give, in the shapes of their JSON. Keys that are declared are always there; what is not known is null.

// MARK: Any command

struct ErrorResult: JSONResult {
    let error: ChantalError
    var members: KeyValuePairs<String, any JSONConvertible> { ["error": error] }
}

struct TextResult: JSONResult {
    let text: String
    var members: KeyValuePairs<String, any JSONConvertible> { ["text": text] }
}

struct VersionResult: JSONResult {
    var members: KeyValuePairs<String, any JSONConvertible> { ["version": ChantalVersion.text] }
}

// MARK: init, config, doctor

struct InitResult: JSONResult {
    let config: String
    let store: String
    /// Whether the configuration was written, or was there.
    let isNewConfig: Bool
    var members: KeyValuePairs<String, any JSONConvertible> {
        ["config": config, "store": store, "config_written": isNewConfig]
    }
}

struct ConfigCheckResult: JSONResult {
    let files: [String]
    let repositories: Int
    let errors: [ChantalError]
    var members: KeyValuePairs<String, any JSONConvertible> {
        ["valid": errors.isEmpty, "files": files, "repositories": repositories, "errors": errors]
    }
}

struct ConfigShowResult: JSONResult {
    let config: JSONValue
    var members: KeyValuePairs<String, any JSONConvertible> { ["config": config] }
}

struct DoctorResult: JSONResult {
    struct Check: JSONResult {
        enum Outcome: String { case ok, warning, problem }

        let name: String
        let outcome: Outcome
        let message: String
        let hint: String?
        var members: KeyValuePairs<String, any JSONConvertible> {
            ["name": name, "result": outcome.rawValue, "message": message, "hint": hint]
        }
    }

    let checks: [Check]
    let rebuilt: Bool
    var members: KeyValuePairs<String, any JSONConvertible> { ["checks": checks, "rebuilt": rebuilt] }
}

// MARK: sync

struct SyncResult: JSONResult {
    struct Repository: JSONResult {
        let repository: String
        let status: String
        let generation: Int?
        let manifest: Digest?
        let packages: Int
        let files: Int
        let bytes: Int64
        let fetchedFiles: Int
        let fetchedBytes: Int64
        let requests: Int
        let seconds: Double
        let errors: [ChantalError]
        let warnings: [String]
        var members: KeyValuePairs<String, any JSONConvertible> {
            [
                "repository": repository, "status": status, "generation": generation, "manifest": manifest,
                "packages": packages, "files": files, "bytes": bytes, "fetched_files": fetchedFiles,
                "fetched_bytes": fetchedBytes, "requests": requests, "seconds": seconds, "errors": errors,
                "warnings": warnings,
            ]
        }
    }

    let repositories: [Repository]
    let isDryRun: Bool
    /// What went wrong after the syncs: the states could not be named.
    let errors: [ChantalError]
    var members: KeyValuePairs<String, any JSONConvertible> {
        ["repositories": repositories, "dry_run": isDryRun, "errors": errors]
    }
}

// MARK: Snapshots, publications, repositories

struct SnapshotRow: JSONResult {
    let repository: String
    let name: String
    let generation: Int
    let manifest: Digest
    let createdAt: Timestamp
    let packages: Int?
    let files: Int?
    let bytes: Int64?
    var members: KeyValuePairs<String, any JSONConvertible> {
        [
            "repository": repository, "name": name, "generation": generation, "manifest": manifest,
            "created_at": createdAt, "packages": packages, "files": files, "bytes": bytes,
        ]
    }
}

struct SnapshotsResult: JSONResult {
    let snapshots: [SnapshotRow]
    var members: KeyValuePairs<String, any JSONConvertible> { ["snapshots": snapshots] }
}

struct SnapshotShowResult: JSONResult {
    let snapshot: SnapshotRow
    let type: String
    let upstream: [String]
    let verified: Bool
    let incomplete: [String]
    let publications: [String]
    var members: KeyValuePairs<String, any JSONConvertible> {
        [
            "snapshot": snapshot, "type": type, "upstream": upstream, "verified": verified, "incomplete": incomplete,
            "publications": publications,
        ]
    }
}

struct SnapshotName: JSONResult {
    let repository: String
    let name: String
    var members: KeyValuePairs<String, any JSONConvertible> { ["repository": repository, "name": name] }
}

struct SnapshotDeleteResult: JSONResult {
    let deleted: [SnapshotName]
    var members: KeyValuePairs<String, any JSONConvertible> { ["deleted": deleted] }
}

struct SnapshotPruneResult: JSONResult {
    let kept: [SnapshotName]
    let deleted: [SnapshotName]
    let isDryRun: Bool
    var members: KeyValuePairs<String, any JSONConvertible> { ["kept": kept, "deleted": deleted, "dry_run": isDryRun] }
}

struct PublicationRow: JSONResult {
    let name: String
    /// The repository, for one that follows.
    let follows: String?
    /// The state served, as `debian@12` or `debian@2026-11`; nil if it cannot be told.
    let state: String?
    let manifest: Digest
    /// Whether `public/` has it.
    let isServed: Bool
    var members: KeyValuePairs<String, any JSONConvertible> {
        ["name": name, "follows": follows, "state": state, "manifest": manifest, "served": isServed]
    }
}

struct PublicationsResult: JSONResult {
    let publications: [PublicationRow]
    let errors: [ChantalError]
    var members: KeyValuePairs<String, any JSONConvertible> { ["publications": publications, "errors": errors] }
}

struct PublishResult: JSONResult {
    let publication: PublicationRow
    let warnings: [String]
    var members: KeyValuePairs<String, any JSONConvertible> { ["publication": publication, "warnings": warnings] }
}

struct UnpublishResult: JSONResult {
    let name: String
    var members: KeyValuePairs<String, any JSONConvertible> { ["unpublished": name] }
}

struct RepositoryRow: JSONResult {
    let repository: String
    let type: String?
    /// Of a view, in order.
    let memberNames: [String]
    let isConfigured: Bool
    let generations: [Int]
    let snapshots: [String]
    let publications: [String]
    var members: KeyValuePairs<String, any JSONConvertible> {
        [
            "repository": repository, "type": type, "members": memberNames, "configured": isConfigured,
            "generations": generations,
            "snapshots": snapshots, "publications": publications,
        ]
    }
}

struct RepositoriesResult: JSONResult {
    let repositories: [RepositoryRow]
    var members: KeyValuePairs<String, any JSONConvertible> { ["repositories": repositories] }
}

struct RepositoryRenameResult: JSONResult {
    let old: String
    let new: String
    var members: KeyValuePairs<String, any JSONConvertible> { ["renamed_from": old, "renamed_to": new] }
}

struct RepositoryDeleteResult: JSONResult {
    let repository: String
    let generations: Int
    let snapshots: [String]
    let publications: [String]
    let isDryRun: Bool
    var members: KeyValuePairs<String, any JSONConvertible> {
        [
            "deleted": repository, "generations": generations, "snapshots": snapshots, "publications": publications,
            "dry_run": isDryRun,
        ]
    }
}

// MARK: status, stats

struct StatusResult: JSONResult {
    struct Repository: JSONResult {
        let repository: String
        let type: String?
        /// Of a view, in order.
        let memberNames: [String]
        /// Of a view the states that its generation was made of.
        let madeOf: [String]
        let state: String
        let generation: Int?
        let manifest: Digest?
        let lastAttemptAt: Timestamp?
        let lastSuccessAt: Timestamp?
        let expiresAt: Timestamp?
        let packages: Int?
        let files: Int?
        let bytes: Int64?
        let verified: Bool?
        let incomplete: [String]
        let errors: JSONValue
        var members: KeyValuePairs<String, any JSONConvertible> {
            [
                "repository": repository, "type": type, "members": memberNames, "made_of": madeOf, "state": state,
                "generation": generation, "manifest": manifest,
                "last_attempt_at": lastAttemptAt, "last_success_at": lastSuccessAt, "expires_at": expiresAt,
                "packages": packages, "files": files, "bytes": bytes, "verified": verified, "incomplete": incomplete,
                "errors": errors,
            ]
        }
    }

    let repositories: [Repository]
    let publications: [PublicationRow]
    let errors: [ChantalError]
    var members: KeyValuePairs<String, any JSONConvertible> {
        ["repositories": repositories, "publications": publications, "errors": errors]
    }
}

struct StatsResult: JSONResult {
    struct Repository: JSONResult {
        let repository: String
        let generations: Int
        let snapshots: Int
        let packages: Int
        let files: Int
        let bytes: Int64
        let ownBytes: Int64
        var members: KeyValuePairs<String, any JSONConvertible> {
            [
                "repository": repository, "generations": generations, "snapshots": snapshots, "packages": packages,
                "files": files, "bytes": bytes, "own_bytes": ownBytes,
            ]
        }
    }

    let blobs: Int
    let bytes: Int64
    let logicalBytes: Int64
    let repositories: [Repository]
    var members: KeyValuePairs<String, any JSONConvertible> {
        ["blobs": blobs, "bytes": bytes, "logical_bytes": logicalBytes, "repositories": repositories]
    }
}

// MARK: Maintenance

struct VerifyResult: JSONResult {
    struct Defect: JSONResult {
        let kind: String
        let digest: Digest?
        let path: String?
        let repository: String?
        let message: String
        let isRepaired: Bool
        var members: KeyValuePairs<String, any JSONConvertible> {
            [
                "kind": kind, "digest": digest, "path": path, "repository": repository, "message": message,
                "repaired": isRepaired,
            ]
        }
    }

    let checked: Int
    let bytes: Int64
    let defects: [Defect]
    var members: KeyValuePairs<String, any JSONConvertible> {
        ["checked": checked, "bytes": bytes, "defects": defects]
    }
}

struct GarbageResult: JSONResult {
    let removedBlobs: Int
    let removedBytes: Int64
    let keptBlobs: Int
    let keptBytes: Int64
    let isDryRun: Bool
    var members: KeyValuePairs<String, any JSONConvertible> {
        [
            "removed_blobs": removedBlobs, "removed_bytes": removedBytes, "kept_blobs": keptBlobs,
            "kept_bytes": keptBytes, "dry_run": isDryRun,
        ]
    }
}

extension VerifyResult {
    init(_ report: VerificationReport) {
        checked = report.checked
        bytes = report.bytes
        defects = report.defects.map {
            Defect(
                kind: $0.kind.rawValue, digest: $0.digest, path: $0.path, repository: $0.repository,
                message: $0.message, isRepaired: $0.isRepaired)
        }
    }
}

extension GarbageResult {
    init(_ report: GarbageReport) {
        removedBlobs = report.removedBlobs
        removedBytes = report.removedBytes
        keptBlobs = report.keptBlobs
        keptBytes = report.keptBytes
        isDryRun = report.isDryRun
    }
}
