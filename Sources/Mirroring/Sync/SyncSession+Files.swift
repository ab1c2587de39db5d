import Basics
import Catalog
import Fetching
import Hashing
import Store

/// A metadata file that an ecosystem wants now.
public struct MetadataRequest: Sendable {
    /// Where upstream has it.
    public var source: FileSource
    /// In bytes, where declared: one byte more ends the transfer.
    public var size: Int64?
    /// The most bytes to accept where no size is declared.
    public var sizeLimit: Int64?
    /// Declared checksums, all of them checked.
    public var checksums: [Checksum]
    /// Sent along, wherever it leads: `Accept`. No secrets.
    public var headers: [(name: String, value: String)]

    public init(
        source: FileSource, size: Int64? = nil, sizeLimit: Int64? = nil, checksums: [Checksum] = [],
        headers: [(name: String, value: String)] = []
    ) {
        self.source = source
        self.size = size
        self.sizeLimit = sizeLimit
        self.checksums = checksums
        self.headers = headers
    }

    /// A file at a path below the upstream's URLs.
    public init(source: RepositoryPath, size: Int64? = nil, sizeLimit: Int64? = nil, checksums: [Checksum] = []) {
        self.init(source: .path(source), size: size, sizeLimit: sizeLimit, checksums: checksums)
    }
}

// MARK: - Upstream's files

extension SyncSession {
    /// Fetches metadata files, those that the store has already without a request. Results stand in the order of the requests.
    public func fetch(_ requests: [MetadataRequest]) throws -> [Result<StoredFile, ChantalError>] {
        var results = [Result<StoredFile, ChantalError>?](repeating: nil, count: requests.count)
        let known = try present(requests.map { (try knownDigest(of: $0.checksums), $0.size) })
        var wanted: [FetchRequest] = []
        for (index, request) in requests.enumerated() {
            if let file = known[index] {
                results[index] = .success(file)
            } else {
                wanted.append(
                    FetchRequest(
                        request.source.location, name: request.source.name, size: request.size,
                        sizeLimit: request.sizeLimit, checksums: request.checksums, headers: request.headers,
                        tag: index))
            }
        }
        try downloader.fetch(wanted) { result in
            results[result.tag] = result.file.map { StoredFile(digest: $0.digest, size: $0.size) }
            if case .success(let file) = result.file { fetched.insert(file.digest) }
        }
        return results.map { $0 ?? .failure(ChantalError(.bug, "a transfer ended without a result")) }
    }

    /// For each digest the file that the store has, protected from now on; nil where it has none, or one of another size. Where no size is
    /// known, what did not come in just now is hashed: a blob that was cut short would tell a wrong one.
    func present(_ wanted: [(digest: Digest?, size: Int64?)]) throws -> [StoredFile?] {
        let sizes = try staging.rely(on: wanted.compactMap(\.digest))
        var next = 0
        return try wanted.map { digest, declared in
            guard let digest else { return nil }
            defer { next += 1 }
            guard let size = sizes[next], declared == nil || declared == size, !lost.contains(digest) else {
                return nil
            }
            if declared == nil, !fetched.contains(digest) {
                try checkCancellation()
                guard try isWhole(digest) else { return nil }
            }
            return StoredFile(digest: digest, size: size)
        }
    }

    private func isWhole(_ digest: Digest) throws -> Bool {
        var hasher = SHA256Hasher()
        try staging.open(digest).forEachChunk { hasher.update($0) }
        return hasher.finish() == digest
    }

    /// The blob of a file with these checksums. Where upstream declares no SHA-256, others are believed as far as this very repository has
    /// declared them before.
    func knownDigest(of checksums: [Checksum]) throws -> Digest? {
        if let digest = checksums.lazy.compactMap(\.sha256).first { return digest }
        guard let strongest = checksums.max(by: { $0.algorithm < $1.algorithm }) else { return nil }
        return try catalog.digest(for: strongest, repository: repository)
    }

    /// Remembers which blobs upstream's checksums other than SHA-256 stand for.
    func remember(_ aliases: [(checksum: Checksum, digest: Digest)]) throws {
        if !aliases.isEmpty { try catalog.addAliases(aliases, repository: repository) }
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

    /// The same for many small files, in their order: cheaper than one by one.
    public func put(_ batch: [[UInt8]]) throws -> [StoredFile] {
        try staging.put(batch).map { StoredFile(digest: $0.digest, size: $0.size) }
    }

    /// A writer for a large file that the ecosystem writes itself; its `finish()` gives digest and size.
    public func newBlob() throws -> any BlobWriter { try staging.writer(expected: [], size: nil) }
}

// MARK: - The way to upstream

extension SyncSession {
    /// The upstream's URLs in the order of preference, without user part and slash at the end.
    public var bases: [String] { downloader.upstream.bases }

    /// Replaces the upstream's URLs: by those of a list of mirrors, or by what becomes of the configured ones. The generation's record names
    /// them.
    ///
    /// - Parameter configured: whether the configuration itself names them (its variables replaced): then credentials go along. To
    ///   others they only do where their origin is one that the configuration names.
    /// - Throws: ``ChantalError`` `config` for what is no URL, `unsafe_path` for one that leads from the network into this machine's files.
    public func useUpstreams(_ urls: [String], configured: Bool = false) throws {
        var upstream = downloader.upstream
        try upstream.use(urls, trusted: configured)
        downloader.upstream = upstream
    }

    /// The bytes of a document at a URL that the configuration names, and where redirects led: a list of mirrors, a metalink. One plain
    /// request with the repository's credentials and the usual retries; nothing of it is remembered.
    public func document(url: String, limit: Int, headers: [(name: String, value: String)] = []) throws -> (
        bytes: [UInt8], finalURL: String
    ) {
        try cancellation.check()
        var upstream = downloader.upstream
        try upstream.trust(url)
        downloader.upstream = upstream
        let outcome = try downloader.fetchOne(
            FetchRequest(.url(url), name: Redaction.url(url), sizeLimit: Int64(limit), headers: headers))
        guard case .fetched(let file) = outcome else {
            throw ChantalError(.network, "the server answered 304 to a plain request", url: Redaction.url(url))
        }
        roots.pass(file.digest)
        return (try readAll(file.digest, limit: limit), Redaction.url(file.response.finalURL))
    }
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
