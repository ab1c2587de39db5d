import Basics
import Catalog
import Fetching
import FileSystem
import OpenPGP
import Store

/// What an ecosystem works with during one sync: upstream's files come in, verified and staged, and nothing else is in reach.
public final class SyncSession {
    public let repository: String
    /// The generation in force, if any.
    public let previous: GenerationRecord?
    /// The moment of this sync; every decision about time uses it.
    public let now: Timestamp
    /// Whether an unchanged root means that nothing has changed: the configuration is that of the previous generation, no moment at
    /// which time alone changes the result has passed, and the user did not ask for everything.
    public let mayBeUnchanged: Bool

    let staging: any StagingSession
    private let downloader: Downloader
    private let bases: [String]
    private let catalog: any PackageCatalog
    private let cancellation: Cancellation
    private let signing: SigningSettings?
    private let workDirectory: (String) throws -> TemporaryDirectory
    /// Homes of keyrings, kept as long as the session.
    private var homes: [TemporaryDirectory] = []
    private let warning: (String) -> Void
    /// What servers said of the roots, by URL; remembered when the sync ends well.
    private var validators: [String: Catalog.Validators] = [:]
    private var firstSight: FirstSight

    init(
        repository: String, previous: GenerationRecord?, now: Timestamp, mayBeUnchanged: Bool,
        staging: any StagingSession,
        downloader: Downloader, bases: [String], catalog: any PackageCatalog, cancellation: Cancellation,
        signing: SigningSettings?,
        firstSight: FirstSight, workDirectory: @escaping (String) throws -> TemporaryDirectory,
        warning: @escaping (String) -> Void
    ) {
        self.repository = repository
        self.previous = previous
        self.now = now
        self.mayBeUnchanged = mayBeUnchanged
        self.staging = staging
        self.downloader = downloader
        self.bases = bases
        self.catalog = catalog
        self.cancellation = cancellation
        self.signing = signing
        self.firstSight = firstSight
        self.workDirectory = workDirectory
        self.warning = warning
    }

    /// Tells the user something although the work goes on.
    public func warn(_ message: String) { warning(message) }

    /// - Throws: `interrupted` once the user asked to stop. To be called in long loops.
    public func checkCancellation() throws { try cancellation.check() }
}

// MARK: - Upstream's files

/// What upstream said about a root.
public enum RootAnswer {
    /// It is what the previous generation was made from.
    case unchanged(Digest)
    case fetched(StoredFile)
    /// Upstream has no such file.
    case absent
}

/// A file in the store, or staged for it.
public struct StoredFile: Sendable, Hashable {
    public let digest: Digest
    /// In bytes.
    public let size: Int64
    public init(digest: Digest, size: Int64) {
        self.digest = digest
        self.size = size
    }
}

/// A metadata file that an ecosystem wants now.
public struct MetadataRequest: Sendable {
    /// Where upstream has it, relative to the repository's upstream URL.
    public var source: RepositoryPath
    /// In bytes, where declared: one byte more ends the transfer.
    public var size: Int64?
    /// The most bytes to accept where no size is declared.
    public var sizeLimit: Int64?
    /// Declared checksums, all of them checked.
    public var checksums: [Checksum]

    public init(source: RepositoryPath, size: Int64? = nil, sizeLimit: Int64? = nil, checksums: [Checksum] = []) {
        self.source = source
        self.size = size
        self.sizeLimit = sizeLimit
        self.checksums = checksums
    }
}

extension SyncSession {
    /// Asks for a root document, conditionally where an unchanged one would end the sync; one request.
    /// - Parameter limit: the most bytes to accept.
    /// - Parameter again: fetches it unconditionally, for a root that may have moved on since it was last asked for.
    public func root(_ path: RepositoryPath, limit: Int64, again: Bool = false) throws -> RootAnswer {
        try cancellation.check()
        let recorded = previous.flatMap { SyncSession.rootDigest(of: path, in: $0) }
        let isConditional = mayBeUnchanged && !again && recorded != nil
        var request = FetchRequest(path, sizeLimit: limit)
        if isConditional { request.validators = try knownValidators(of: path, recorded) }
        do {
            switch try downloader.fetchOne(request) {
            case .notModified:
                guard let recorded else {
                    throw ChantalError(
                        .network, "upstream answered 304 to a plain request for '\(path)'", path: "\(path)")
                }
                return .unchanged(recorded)
            case .fetched(let file):
                if let new = file.response.validators {
                    validators[file.response.url] = Catalog.Validators(
                        etag: new.etag, lastModified: new.lastModified, digest: file.digest)
                }
                if isConditional, file.digest == recorded { return .unchanged(file.digest) }
                return .fetched(StoredFile(digest: file.digest, size: file.size))
            }
        } catch let error as ChantalError where error.code == .missing {
            return .absent
        }
    }

    /// What to ask with, if the last answer of some copy of the repository is what the previous generation was made from.
    private func knownValidators(of path: RepositoryPath, _ recorded: Digest?) throws -> Fetching.Validators? {
        for base in bases {
            let url = "\(base)/\(path.urlEncoded)"
            guard let known = try catalog.validators(repository: repository, url: url), known.digest == recorded else {
                continue
            }
            return Fetching.Validators(etag: known.etag, lastModified: known.lastModified, url: url)
        }
        return nil
    }

    /// Keeps what servers said for the next sync.
    func rememberValidators() throws {
        for (url, known) in validators { try catalog.setValidators(known, repository: repository, url: url) }
    }

    /// Remembers which blobs upstream's checksums other than SHA-256 stand for.
    func remember(_ aliases: [(checksum: Checksum, digest: Digest)]) throws {
        if !aliases.isEmpty { try catalog.addAliases(aliases, repository: repository) }
    }
}

extension SyncSession {
    static func rootDigest(of path: RepositoryPath, in record: GenerationRecord) -> Digest? {
        record.notes["\(GenerationNote.root)\(path)"].flatMap { Digest(hex: $0) }
    }

    /// The bytes of a root that was just asked for; fetches it again where the answer was "unchanged" and the store no longer has it.
    public func rootContents(_ path: RepositoryPath, _ answer: RootAnswer, limit: Int) throws -> [UInt8]? {
        switch answer {
        case .absent: return nil
        case .fetched(let file): return try readAll(file.digest, limit: limit)
        case .unchanged(let digest):
            if try staging.rely(on: [digest])[0] != nil { return try readAll(digest, limit: limit) }
            guard case .fetched(let file) = try root(path, limit: Int64(limit), again: true) else { return nil }
            return try readAll(file.digest, limit: limit)
        }
    }

    /// Fetches metadata files, those that the store has already without a request. Results stand in the order of the requests.
    public func fetch(_ requests: [MetadataRequest]) throws -> [Result<StoredFile, ChantalError>] {
        var results = [Result<StoredFile, ChantalError>?](repeating: nil, count: requests.count)
        let known = try present(requests.map { ($0.checksums, $0.size) })
        var wanted: [FetchRequest] = []
        for (index, request) in requests.enumerated() {
            if let file = known[index] {
                results[index] = .success(file)
            } else {
                wanted.append(
                    FetchRequest(
                        request.source, size: request.size, sizeLimit: request.sizeLimit, checksums: request.checksums,
                        tag: index))
            }
        }
        try downloader.fetch(wanted) { result in
            results[result.tag] = result.file.map { StoredFile(digest: $0.digest, size: $0.size) }
        }
        return results.map { $0 ?? .failure(ChantalError(.bug, "a transfer ended without a result")) }
    }

    /// For each set of checksums the file that the store has, protected from now on; nil where it has none.
    func present(_ wanted: [(checksums: [Checksum], size: Int64?)]) throws -> [StoredFile?] {
        var digests = [Digest?](repeating: nil, count: wanted.count)
        for (index, want) in wanted.enumerated() {
            digests[index] = want.checksums.lazy.compactMap(\.sha256).first
            if digests[index] == nil,
                let strongest = want.checksums.filter(\.algorithm.isStrong).max(by: { $0.algorithm < $1.algorithm })
            {
                digests[index] = try catalog.digest(for: strongest, repository: repository)
            }
        }
        let asked = digests.compactMap { $0 }
        let sizes = try staging.rely(on: asked)
        var next = 0
        return wanted.indices.map { index in
            guard let digest = digests[index] else { return nil }
            defer { next += 1 }
            guard let size = sizes[next], wanted[index].size == nil || wanted[index].size == size else { return nil }
            return StoredFile(digest: digest, size: size)
        }
    }

    /// Opens a file that is in the store or staged.
    public func open(_ digest: Digest) throws -> any BlobReader { try staging.open(digest) }

    /// The bytes of a file of at most `limit` bytes.
    public func readAll(_ digest: Digest, limit: Int) throws -> [UInt8] {
        let reader = try staging.open(digest)
        guard reader.size <= Int64(limit) else {
            throw ChantalError(.tooLarge, "a file of \(reader.size) bytes is larger than the \(limit) that it may have")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(reader.size))
        try reader.forEachChunk { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Stages bytes that the ecosystem wrote itself.
    public func put(_ bytes: [UInt8]) throws -> StoredFile {
        let (digest, size) = try staging.put(bytes)
        return StoredFile(digest: digest, size: size)
    }

    /// A writer for a large file that the ecosystem writes itself; its `finish()` gives digest and size.
    public func newBlob() throws -> any BlobWriter { try staging.writer(expected: [], size: nil) }
}

// MARK: - Keys

extension SyncSession {
    /// The keys that a repository's metadata may be signed with.
    /// - Throws: `config` or `signature`, naming the file that cannot be read or holds no key.
    public func keyring(_ files: [String], pinned: [String] = []) throws -> Keyring {
        let home = try workDirectory("keyring")
        homes.append(home)
        return try Keyring(files: files, home: home.directory.path, pinned: pinned)
    }

    /// The user's key, nil if the configuration has none.
    public func signer() throws -> Signer? {
        guard let signing else { return nil }
        return try Signer(
            key: signing.key, home: signing.home, passphrase: signing.passphrase.map { Array(try $0.reveal().utf8) })
    }

    /// Since when each of these has been offered, for quarantines where upstream has no dates; noted now for what is new.
    public func firstSeen(_ packages: [Checksum]) throws -> [Timestamp] { try firstSight.note(packages, at: now) }

    /// What the record store is to remember of it, nil if nothing.
    var changedFirstSeen: FirstSeen? { firstSight.changed }
}

extension FetchResult {
    /// The file; a plain request is never answered with "not modified".
    var file: Result<Fetched, ChantalError> {
        outcome.flatMap { outcome in
            switch outcome {
            case .fetched(let file): .success(file)
            case .notModified(let response):
                .failure(ChantalError(.network, "the server answered 304 to a plain request", url: response.url))
            }
        }
    }
}
