import Basics
import Catalog

/// How the sync of one repository ended.
public struct SyncReport: Sendable {
    public enum Status: String, Sendable {
        /// A new generation was committed.
        case changed
        /// There was nothing new.
        case unchanged
        /// A new generation was committed without what failed (`on_missing: keep`).
        case partial
        /// A change is held back until the user accepts it.
        case held
        /// Nothing was committed; the last generation stays in force.
        case failed
        /// Another process works on this repository.
        case locked
        /// SIGINT or SIGTERM; what was verified is kept.
        case interrupted
    }

    public var repository: String
    public var status: Status
    /// The generation in force afterwards, nil if there is none.
    public var generation: Int?
    public var manifest: Digest?
    public var packages = 0
    public var files = 0
    public var bytes: Int64 = 0
    /// What came over the wire; in a dry run what would.
    public var fetchedFiles = 0
    public var fetchedBytes: Int64 = 0
    /// What an earlier attempt had brought in and could not finish: it is not among the bytes.
    public var earlierBytes: Int64 = 0
    /// Of these files, in a dry run, those whose size nobody declares: they are not among the bytes.
    public var filesOfUnknownSize = 0
    public var requests = 0
    public var seconds = 0.0
    public var errors: [ChantalError] = []
    public var warnings: [String] = []

    /// Notes what ended the sync.
    mutating func fail(with error: any Error) {
        if let combined = error as? CombinedError {
            errors += combined.errors
        } else {
            errors.append(ChantalError.wrap(error))
        }
        switch errors.last?.code {
        case ChantalError.Code.locked?: status = .locked
        case ChantalError.Code.interrupted?: status = .interrupted
        case ChantalError.Code.held?: status = .held
        default: status = .failed
        }
    }

    /// What the history of attempts keeps.
    func attemptOutcome(at now: Timestamp) -> AttemptOutcome {
        AttemptOutcome(
            result: Attempt.Result(rawValue: status.rawValue) ?? .failed, finishedAt: now, generation: generation,
            requests: requests, files: fetchedFiles, bytes: fetchedBytes,
            errors: String(decoding: JSONValue.array(errors.map(\.json)).encoded(), as: UTF8.self))
    }

    public init(repository: String, status: Status) {
        self.repository = repository
        self.status = status
    }
}

extension ChantalError {
    /// As the command line and the history of attempts show it: `{"code","message","hint","path","url"}`.
    public var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return [
            "code": .string(code.rawValue), "message": .string(description), "hint": text(hint), "path": text(path),
            "url": text(url),
        ]
    }
}
