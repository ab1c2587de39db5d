import Basics

/// A generation with a name that keeps it.
public struct SnapshotRecord: Hashable, Sendable {
    public var name: String
    public var generation: Int
    public var manifest: Digest
    public var createdAt: Timestamp

    public init(name: String, generation: Int, manifest: Digest, createdAt: Timestamp) {
        self.name = name
        self.generation = generation
        self.manifest = manifest
        self.createdAt = createdAt
    }
}

extension SnapshotRecord: StoredRecord {
    static let kind = "snapshot"

    func write(to record: inout RecordWriter) {
        record.line("name", name)
        record.line("generation", generation)
        record.line("manifest", manifest)
        record.line("created_at", createdAt)
    }

    init(from record: inout RecordReader) throws {
        self.init(
            name: try record.text("name"), generation: Int(try record.integer("generation")),
            manifest: try record.digest("manifest"), createdAt: try record.time("created_at"))
    }
}
