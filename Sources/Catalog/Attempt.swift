public import Basics

/// One run of a sync for one repository.
public struct Attempt: Hashable, Sendable {
    public var id: Int64
    public var repository: String
    /// The process that runs or ran it.
    public var pid: Int32
    public var startedAt: Timestamp
    /// Nil while it runs.
    public var finishedAt: Timestamp?
    public var result: Result
    /// The generation that it committed or found unchanged.
    public var generation: Int?
    public var requests: Int
    /// Files and bytes fetched.
    public var files: Int
    public var bytes: Int64
    /// A JSON array of errors as the command line shows them.
    public var errors: String

    /// How an attempt ended.
    public enum Result: String, Sendable, CaseIterable {
        case running, changed, unchanged, partial, held, failed, locked, interrupted

        /// Whether the mirror was complete and up to date afterwards.
        public var isSuccess: Bool { self == .changed || self == .unchanged }
    }
}

/// How an attempt ended, for ``PackageCatalog/finishAttempt(_:_:)``.
public struct AttemptOutcome: Hashable, Sendable {
    public var result: Attempt.Result
    public var finishedAt: Timestamp
    public var generation: Int?
    public var requests: Int
    public var files: Int
    public var bytes: Int64
    public var errors: String

    public init(
        result: Attempt.Result, finishedAt: Timestamp, generation: Int? = nil, requests: Int = 0, files: Int = 0,
        bytes: Int64 = 0, errors: String = "[]"
    ) {
        self.result = result
        self.finishedAt = finishedAt
        self.generation = generation
        self.requests = requests
        self.files = files
        self.bytes = bytes
        self.errors = errors
    }
}
