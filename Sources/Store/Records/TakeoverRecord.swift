import Basics

/// Files that were taken over from elsewhere for a repository, kept until its first good sync has taken from them what it needs.
public struct TakeoverRecord: Hashable, Sendable {
    public var repository: String
    /// Of a manifest whose paths are the digests of the files.
    public var manifest: Digest
    public var createdAt: Timestamp

    public init(repository: String, manifest: Digest, createdAt: Timestamp) {
        self.repository = repository
        self.manifest = manifest
        self.createdAt = createdAt
    }
}

extension TakeoverRecord: StoredRecord {
    static let kind = "takeover"

    func write(to record: inout RecordWriter) {
        record.line("repository", repository)
        record.line("manifest", manifest)
        record.line("created_at", createdAt)
    }

    init(from record: inout RecordReader) throws {
        self.init(
            repository: try record.text("repository"), manifest: try record.digest("manifest"),
            createdAt: try record.time("created_at"))
    }
}

extension LocalRecordStore {
    private static let takeovers = "takeovers"

    public func takeovers() throws -> [TakeoverRecord] {
        let names = try folder(LocalRecordStore.takeovers)?.names() ?? []
        return try names.filter { StoreNames.isRepository($0) }.compactMap { try takeover(of: $0) }
    }

    public func takeover(of repository: String) throws -> TakeoverRecord? {
        try StoreNames.checkRepository(repository)
        let path = "\(LocalRecordStore.takeovers)/\(repository)"
        guard let bytes = try read(path) else { return nil }
        let record = try TakeoverRecord(recordText: bytes, path: path)
        if record.repository != repository {
            throw ChantalError(.store, "the record '\(path)' is that of repository '\(record.repository)'", path: path)
        }
        return record
    }

    public func putTakeover(_ takeover: TakeoverRecord) throws {
        try StoreNames.checkRepository(takeover.repository)
        try write(
            takeover, naming: takeover.manifest, LocalRecordStore.takeovers, takeover.repository, collision: .replace)
    }

    @discardableResult
    public func deleteTakeover(of repository: String) throws -> Bool {
        try StoreNames.checkRepository(repository)
        return try remove(LocalRecordStore.takeovers, repository)
    }
}
