public import Basics

/// What a store's repositories hold, and what a sync remembers from one run to the next.
///
/// A catalog is derived: everything but failed attempts and validators can be made again from the store's files. An error with code
/// `needs_rebuild` means that it has to be.
///
/// A generation shows in answers once its ``GenerationIndexer/finish()`` has returned, whole, or not at all. Closures given to a
/// catalog must not write to it.
public protocol PackageCatalog: AnyObject, Sendable {
    // MARK: Generations

    /// Begins to index a generation. What an earlier, unfinished run of this repository left is undone first; an earlier, finished
    /// index of the same generation is replaced.
    ///
    /// Only who holds the repository's sync lock may call this: a second indexer of one repository takes over from the first,
    /// whose next call then fails with `locked`. Any order of generations works; ascending is fastest.
    func beginGeneration(repository: String, type: String, number: Int, manifest: Digest) throws
        -> any GenerationIndexer

    /// Gathers the packages of a generation that may follow on the latest, for ``GenerationIndexer/add(_:)-(GenerationDraft)``.
    ///
    /// Only who holds the repository's sync lock may call this, and keeps it until the generation is indexed.
    /// - Parameter spool: makes room outside of memory, asked for at most once.
    func draftGeneration(of repository: String, spool: @escaping () throws -> any RowSpool) throws
        -> any GenerationDraft

    /// The generations that are indexed, with their manifests. What a crash left unfinished is not among them.
    func indexedGenerations(of repository: String) throws -> [Int: Digest]

    /// The repositories that have an indexed generation, with their types, sorted by name.
    func repositories() throws -> [(name: String, type: String)]

    /// Forgets a generation, and the packages that only it held. One that is not indexed is no error.
    func removeGeneration(_ number: Int, of repository: String) throws

    /// Forgets a repository: generations, packages, validators, weak aliases, history.
    func removeRepository(_ repository: String) throws

    /// Renames a repository in all that is kept about it.
    /// - Throws: ``ChantalError`` `exists` if the new name is taken.
    func renameRepository(_ old: String, to new: String) throws

    // MARK: Packages

    /// Hands over every package of a generation in the order of ``PackageRow``.
    /// - Throws: ``ChantalError`` `not_found` if the generation is not indexed.
    func forEachPackage(of state: RepositoryState, _ body: (PackageRow) throws -> Void) throws

    /// The packages that two states do not share. A package is its group, name, version, architecture and content (digest, or else
    /// alias and size): another path or summary alone is no difference.
    func difference(_ first: RepositoryState, _ second: RepositoryState) throws -> PackageDifference

    /// Finds packages whose name, summary or provided names hold all words, each as the beginning of a word there, without regard to
    /// case. A word that begins with a slash is the beginning of a path instead: one of the files in ``PackageRow/files`` has it.
    ///
    /// Names that begin with a single word come first, then those whose name holds all words, then the others; each by name.
    /// - Parameters:
    ///   - states: generations to look at besides the latest of each repository: those that snapshots name.
    ///   - limit: at most so many hits; nil for all.
    ///   - body: takes each hit in this order.
    func search(
        words: [String], type: String?, repository: String?, states: Set<RepositoryState>, limit: Int?,
        _ body: (SearchHitFields) throws -> Void
    ) throws

    /// Everything known of the packages of a name (in any case of ASCII letters), ordered by repository and package.
    func history(ofPackage name: String, repository: String?) throws -> [PackageHistory]

    /// The packages of these names (in any case of ASCII letters) in the latest generations, ordered by repository and package.
    func packages(named names: [String]) throws -> [FoundPackage]

    /// The packages in the latest generations that are made from a source package of one of these names (in any case of ASCII
    /// letters), or have one of these very homepages, ordered as above. Looks at every row once.
    func packages(bySources sources: [String], orHomepages homepages: [String]) throws -> [FoundPackage]

    /// For each of these names (in any case of ASCII letters) the packages in the latest generations that provide it beside their
    /// own, ordered as above.
    func packages(providing names: [String]) throws -> [String: [FoundPackage]]

    // MARK: Validators

    /// What was remembered about a URL; the part of a URL that holds a user is ignored here as in all that is kept.
    func validators(repository: String, url: String) throws -> Validators?
    func setValidators(_ validators: Validators, repository: String, url: String) throws
    /// The same for many URLs.
    func setValidators(_ validators: [(url: String, validators: Validators)], repository: String) throws
    func forgetValidators(repository: String) throws
    func forgetValidators(repository: String, urls: [String]) throws

    // MARK: Aliases

    /// The blob that has a checksum; nil if unknown. A SHA-256 is its own answer.
    ///
    /// What a weak algorithm (MD5, SHA-1) stands for is known only within the repository that said so: others may forge it.
    func digest(for checksum: Checksum, repository: String) throws -> Digest?
    /// The same for many.
    func digests(for checksums: [Checksum], repository: String) throws -> [Checksum: Digest]
    func addAliases(_ aliases: [(checksum: Checksum, digest: Digest)], repository: String) throws
    /// Forgets the aliases of blobs that are gone.
    func keepAliases(where isKept: (Digest) throws -> Bool) throws

    // MARK: Attempts

    /// Records that a sync has begun. At most a thousand attempts a repository are kept, and its last success.
    func beginAttempt(repository: String, pid: Int32, startedAt: Timestamp) throws -> Int64
    func finishAttempt(_ id: Int64, _ outcome: AttemptOutcome) throws
    /// The attempts of a repository, the last one first. A running one for which `isAlive` says no reads as interrupted.
    func attempts(of repository: String, limit: Int, isAlive: (Attempt) throws -> Bool) throws -> [Attempt]
    /// The last attempt that ended well.
    func lastSuccess(of repository: String) throws -> Attempt?

    // MARK: Signatures and small facts

    /// Whether a blob's own signature was found good with a key (its fingerprint) before.
    func isSignatureVerified(_ blob: Digest, key: String) throws -> Bool
    /// Those of many blobs for which it was.
    func verifiedSignatures(among blobs: [Digest], key: String) throws -> Set<Digest>
    func rememberSignatures(_ blobs: [Digest], key: String) throws

    /// A small fact by its name.
    func value(for key: String) throws -> String?
    func setValue(_ value: String?, for key: String) throws

    /// What does not fit together inside the catalog, in sentences; empty when all is well.
    func defects() throws -> [String]
}

/// Takes the packages of one generation. Used by one thread; rows are not kept in memory.
///
/// Each addition throws ``ChantalError`` `locked` if the generation is being indexed by another process since.
public protocol GenerationIndexer: PackageSink {
    /// The nearest indexed generation before this one: what ``PackageSink/keep(name:)`` takes from.
    var previous: Int? { get }

    /// Adds all that a draft has gathered. It must be the first addition; further ones may follow.
    /// - Returns: false if the catalog has changed since, or the draft was given up: then nothing was added.
    func add(_ draft: any GenerationDraft) throws -> Bool

    /// Writes what is left, and makes the generation visible.
    func finish() throws -> IndexSummary
}

extension PackageCatalog {
    /// The same as a list.
    public func search(
        words: [String], type: String?, repository: String?, states: Set<RepositoryState>, limit: Int?
    ) throws -> [SearchHit] {
        var hits: [SearchHit] = []
        try search(words: words, type: type, repository: repository, states: states, limit: limit) {
            hits.append(SearchHit($0))
        }
        return hits
    }

    /// Finds packages in the latest generations.
    public func search(words: [String], limit: Int?) throws -> [SearchHit] {
        try search(words: words, type: nil, repository: nil, states: [], limit: limit)
    }
}
