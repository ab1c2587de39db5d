import Basics
import Mirroring

// MARK: export, import

struct ExportResult: JSONResult {
    struct Volume: JSONResult {
        let path: String
        let bytes: Int64
        var members: KeyValuePairs<String, any JSONConvertible> { ["path": path, "bytes": bytes] }
    }

    struct State: JSONResult {
        let repository: String
        let generation: Int
        let snapshots: [String]
        let manifest: Digest
        var members: KeyValuePairs<String, any JSONConvertible> {
            ["repository": repository, "generation": generation, "snapshots": snapshots, "manifest": manifest]
        }
    }

    let report: ExportReport
    var members: KeyValuePairs<String, any JSONConvertible> {
        [
            "bundle": report.set, "volumes": report.volumes.map { Volume(path: $0.name, bytes: $0.bytes) },
            "states": report.states.map {
                State(
                    repository: $0.repository, generation: $0.generation, snapshots: $0.snapshots,
                    manifest: $0.manifest)
            }, "publications": report.publications, "builds_on": report.bases, "files": report.blobs,
            "bytes": report.bytes, "signed": report.isSigned,
        ]
    }
}

struct ImportResult: JSONResult {
    struct Repository: JSONResult {
        let repository: String
        let status: String
        let generation: Int?
        let manifest: Digest?
        let states: Int
        let snapshots: [String]
        var members: KeyValuePairs<String, any JSONConvertible> {
            [
                "repository": repository, "status": status, "generation": generation, "manifest": manifest,
                "new_states": states, "snapshots": snapshots,
            ]
        }
    }

    let report: ImportReport
    let isVerifyOnly: Bool
    var members: KeyValuePairs<String, any JSONConvertible> {
        [
            "bundle": report.set,
            "repositories": report.repositories.map {
                Repository(
                    repository: $0.repository, status: $0.isChanged ? "changed" : "unchanged",
                    generation: $0.generation, manifest: $0.manifest, states: $0.states, snapshots: $0.snapshots)
            }, "publications": report.publications, "files": report.blobs, "bytes": report.bytes,
            "new_files": report.newBlobs, "new_bytes": report.newBytes, "signed": report.isSigned,
            "signed_by": report.signers, "warnings": report.warnings, "verify_only": isVerifyOnly,
        ]
    }
}

// MARK: import-tree

struct TakeoverResult: JSONResult {
    let report: TakeoverReport
    var members: KeyValuePairs<String, any JSONConvertible> {
        [
            "repository": report.repository, "files": report.files, "bytes": report.bytes,
            "new_blobs": report.newFiles, "new_bytes": report.newBytes, "skipped": report.skipped,
        ]
    }
}
