import Basics
import Fetching

/// A document that everything hangs on, to be asked for.
public struct RootRequest: Sendable {
    /// How it is remembered what the last answer was.
    public enum Keeping: Sendable {
        /// In the record of the generation, as a root of the plan (``SyncPlan/roots``): for the few documents of which each decides
        /// about the whole. Asked for conditionally if ``SyncSession/mayBeUnchanged``.
        case inRecord
        /// In the catalog, beside what the server said: for thousands of documents of which each decides about a part, as a project's
        /// page. Asked for conditionally if ``SyncSession/validatorsHold``; `unchanged` then means that the part is as in the
        /// previous generation. Small ones that come in are held in memory, not in the store (``SyncSession/contents(of:limit:)``).
        case withValidators
    }

    /// Under which its digest is kept: for roots of the plan their path there.
    public var name: RepositoryPath
    public var source: FileSource
    /// The most bytes to accept.
    public var limit: Int64
    /// Sent along, wherever it leads: `Accept`. No secrets.
    public var headers: [(name: String, value: String)]
    public var kept: Keeping

    public init(
        name: RepositoryPath, source: FileSource, limit: Int64, headers: [(name: String, value: String)] = [],
        kept: Keeping = .inRecord
    ) {
        self.name = name
        self.source = source
        self.limit = limit
        self.headers = headers
        self.kept = kept
    }
}

/// What upstream said about a root.
public enum RootAnswer: Sendable {
    /// It is what the previous generation was made from.
    case unchanged(Digest)
    case fetched(RootFile)
    /// Upstream has no such file.
    case absent
}

/// A root that came in.
public struct RootFile: Sendable {
    public let digest: Digest
    /// In bytes.
    public let size: Int64
    /// Where redirects led, without user part: what relative URLs in it are relative to.
    public let url: String
    /// Content-Type as the server gave it.
    public let contentType: String?
    /// Its bytes, where the store does not have them.
    let held: HeldBytes?
}
