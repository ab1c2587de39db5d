import Basics

/// What was decided: generations, snapshots, publications, and the manifests they name. These records are the truth; all else derives from them.
public protocol RecordStore: Sendable {
    // MARK: Manifests

    /// Stores a manifest; one that is there already stays. Protect its id with ``StagingSession/protect(_:)`` first.
    @discardableResult
    func put(_ manifest: Manifest) throws -> Digest
    /// Stores a manifest also where there is a damaged one of this digest. Protect its id as for ``put(_:)``.
    @discardableResult
    func restore(_ manifest: Manifest) throws -> Digest
    /// - Throws: ``ChantalError`` `store` if it is missing or damaged.
    func manifest(_ digest: Digest) throws -> Manifest
    func hasManifest(_ digest: Digest) throws -> Bool
    /// Reads a manifest without keeping it. Only when this returns, the lines are proved to be those of the digest.
    /// - Parameter isWanted: of a line's role and the bytes of its path; nil if all are.
    func forEachLine(
        of manifest: Digest, where isWanted: ((Role, UnsafeRawBufferPointer) -> Bool)?,
        _ body: (ManifestLine) throws -> Void) throws
    /// Gives a manifest's text in pieces. Only when this returns, they are proved to be those of the digest.
    func readManifest(_ digest: Digest, _ output: (UnsafeRawBufferPointer) throws -> Void) throws
    /// Every manifest, in the order of the digests.
    func forEachManifest(_ body: (Digest) throws -> Void) throws
    /// - Returns: whether there was one.
    @discardableResult
    func removeManifest(_ digest: Digest) throws -> Bool
    /// Removes manifests as ``BlobStore/removeUnlessRelied(_:recheck:)`` removes blobs. Manifests go before the blobs they name.
    func removeManifestsUnlessRelied(_ batch: [Digest], recheck: () throws -> Set<Digest>) throws -> SweepResult

    // MARK: Repositories and generations

    /// Every repository that has or had a generation, sorted.
    func repositories() throws -> [String]
    /// The numbers of a repository's generations, ascending; none for a repository that is not there.
    func generations(of repository: String) throws -> [Int]
    /// With what ``putIncomplete(_:of:)`` says of it.
    /// - Throws: ``ChantalError`` `not_found`.
    func generation(_ number: Int, of repository: String) throws -> GenerationRecord
    /// Makes the manifest durable, then the record: that is the commit.
    /// - Throws: ``ChantalError`` `exists` if the number is taken, `store` if the manifest is not there.
    func commit(_ generation: GenerationRecord, to repository: String) throws
    /// Says of a generation that it lacks something else than its record says. Makes or replaces.
    func putIncomplete(_ incomplete: IncompleteRecord, of repository: String) throws
    /// - Returns: whether there was one.
    @discardableResult
    func deleteGeneration(_ number: Int, of repository: String) throws -> Bool
    /// - Throws: ``ChantalError`` `not_found`, or `exists` if the new name is taken.
    func renameRepository(_ old: String, to new: String) throws
    /// Removes a repository with its generations and snapshots at one stroke.
    @discardableResult
    func deleteRepository(_ name: String) throws -> Bool

    // MARK: Snapshots

    /// Sorted by name.
    func snapshots(of repository: String) throws -> [SnapshotRecord]
    /// - Throws: ``ChantalError`` `not_found`.
    func snapshot(_ name: String, of repository: String) throws -> SnapshotRecord
    /// - Throws: ``ChantalError`` `exists` if the name is taken, `store` if the manifest is not there.
    func createSnapshot(_ snapshot: SnapshotRecord, of repository: String) throws
    @discardableResult
    func deleteSnapshot(_ name: String, of repository: String) throws -> Bool

    // MARK: Publications

    /// Sorted by name.
    /// - Throws: ``ChantalError`` `store` if one cannot be read: then it is not known what it keeps.
    func publications() throws -> [PublicationRecord]
    /// Those that can be read, and the others, each sorted by name.
    func readablePublications() throws -> ReadablePublications
    /// Nil if there is none.
    func publication(_ name: String) throws -> PublicationRecord?
    /// Makes or replaces.
    /// - Throws: ``ChantalError`` `exists` if the name is a prefix of another's or the other way round, `store` if the manifest is not there.
    func putPublication(_ publication: PublicationRecord) throws
    @discardableResult
    func deletePublication(_ name: String) throws -> Bool
    /// What a name served that was taken away once; nil if none of that name was. Stays when the name is given again.
    func withdrawal(of name: String) throws -> WithdrawalRecord?
    /// Makes or replaces.
    func putWithdrawal(_ withdrawal: WithdrawalRecord) throws

    // MARK: Taken over

    /// Sorted by repository.
    func takeovers() throws -> [TakeoverRecord]
    /// Nil if nothing was taken over, or it has been used up.
    func takeover(of repository: String) throws -> TakeoverRecord?
    /// Makes or replaces.
    func putTakeover(_ takeover: TakeoverRecord) throws
    @discardableResult
    func deleteTakeover(of repository: String) throws -> Bool

    // MARK: First seen

    /// Nil if nothing was ever stored; what was stored may be empty.
    func firstSeen(of repository: String) throws -> FirstSeen?
    func putFirstSeen(_ firstSeen: FirstSeen, of repository: String) throws
}

/// The publications of a store, where some of their records may be damaged.
public struct ReadablePublications: Sendable {
    public struct Damaged: Sendable {
        public var name: String
        /// What is wrong with its record.
        public var error: ChantalError
    }

    public var records: [PublicationRecord] = []
    /// Their names are taken, whatever they serve.
    public var damaged: [Damaged] = []

    public init() {}
}

extension RecordStore {
    /// Every line of a manifest, as ``forEachLine(of:where:_:)`` gives those that are wanted.
    public func forEachLine(of manifest: Digest, _ body: (ManifestLine) throws -> Void) throws {
        try forEachLine(of: manifest, where: nil, body)
    }

    /// The lines of a manifest whose role is ``Role/pointer``.
    public func forEachPointer(of manifest: Digest, _ body: (ManifestLine) throws -> Void) throws {
        func isPointer(_ role: Role, _ path: UnsafeRawBufferPointer) -> Bool { role == .pointer }
        try forEachLine(of: manifest, where: isPointer, body)
    }

    public func publications() throws -> [PublicationRecord] {
        let all = try readablePublications()
        if let damaged = all.damaged.first { throw damaged.error }
        return all.records
    }

    /// The generation with the highest number, nil if there is none.
    public func latestGeneration(of repository: String) throws -> GenerationRecord? {
        var before: Int?
        while let number = try generations(of: repository).last, number != before {
            if let record = try generationIfPresent(number, of: repository) { return record }
            before = number
        }
        return nil
    }

    /// Nil if there is none: a sync may let go of a generation between a look at the list and one at the record.
    public func generationIfPresent(_ number: Int, of repository: String) throws -> GenerationRecord? {
        do { return try generation(number, of: repository) } catch let error as ChantalError
            where error.code == .notFound
        {
            return nil
        }
    }
}
