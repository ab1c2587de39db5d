import Basics

/// A state that a sync produced. Its existence is the commit.
public struct GenerationRecord: Hashable, Sendable {
    /// Counts from 1 within the repository.
    public var number: Int
    /// The ecosystem: `apt`, `rpm`, `pypi`.
    public var type: String
    public var manifest: Digest
    /// The tree it was published with: a name under `public/.trees/`.
    public var tree: String
    /// Of the verified upstream roots and the plan, without own signatures and dates: "nothing changed" compares it.
    public var selection: Digest
    public var createdAt: Timestamp
    /// URLs without credentials.
    public var upstream: [String]
    /// Of the repository's section of the configuration and of every file it refers to.
    public var configDigest: Digest
    public var packages: Int
    public var files: Int
    /// Sum of the sizes of all paths.
    public var bytes: Int64
    /// Whether upstream's signatures were verified.
    public var verified: Bool
    /// What is missing or left from an earlier state, for people.
    public var incomplete: [String]
    /// The next moment at which time alone changes the result.
    public var nextChangeAt: Timestamp?
    /// When upstream's metadata expires (Valid-Until).
    public var expiresAt: Timestamp?
    /// Small facts of the ecosystem's own.
    public var notes: [String: String]

    public init(
        number: Int, type: String, manifest: Digest, tree: String, selection: Digest, createdAt: Timestamp,
        upstream: [String], configDigest: Digest, packages: Int, files: Int, bytes: Int64, verified: Bool,
        incomplete: [String] = [], nextChangeAt: Timestamp? = nil, expiresAt: Timestamp? = nil,
        notes: [String: String] = [:]
    ) {
        self.number = number
        self.type = type
        self.manifest = manifest
        self.tree = tree
        self.selection = selection
        self.createdAt = createdAt
        self.upstream = upstream
        self.configDigest = configDigest
        self.packages = packages
        self.files = files
        self.bytes = bytes
        self.verified = verified
        self.incomplete = incomplete
        self.nextChangeAt = nextChangeAt
        self.expiresAt = expiresAt
        self.notes = notes
    }
}

extension GenerationRecord {
    /// The canonical text, as it lies in a store.
    public var text: [UInt8] { recordText }

    /// Reads a text.
    /// - Parameter path: for the error.
    /// - Throws: ``ChantalError`` `store` if it is not canonical.
    public init(text: [UInt8], path: String) throws { try self.init(recordText: text, path: path) }
}

extension GenerationRecord: StoredRecord {
    static let kind = "generation"

    func write(to record: inout RecordWriter) {
        record.line("number", number)
        record.line("type", type)
        record.line("manifest", manifest)
        record.line("tree", tree)
        record.line("selection", selection)
        record.line("created_at", createdAt)
        for url in upstream { record.line("upstream", url) }
        record.line("config", configDigest)
        record.line("packages", packages)
        record.line("files", files)
        record.line("bytes", bytes)
        record.line("verified", verified)
        for line in incomplete { record.line("incomplete", line) }
        record.line("next_change_at", nextChangeAt)
        record.line("expires_at", expiresAt)
        for (key, value) in notes.sorted(by: { $0.key < $1.key }) {
            record.line("note", "\(RecordWriter.word(key)) \(RecordWriter.word(value))")
        }
    }

    init(from record: inout RecordReader) throws {
        self.init(
            number: Int(try record.integer("number")), type: try record.text("type"),
            manifest: try record.digest("manifest"), tree: try record.text("tree"),
            selection: try record.digest("selection"), createdAt: try record.time("created_at"),
            upstream: record.all("upstream"), configDigest: try record.digest("config"),
            packages: Int(try record.integer("packages")), files: Int(try record.integer("files")),
            bytes: try record.integer("bytes"), verified: try record.flag("verified"),
            incomplete: record.all("incomplete"), nextChangeAt: try record.optionalTime("next_change_at"),
            expiresAt: try record.optionalTime("expires_at"))
        for line in record.all("note") {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 2 else { throw RecordReader.malformed("a note is no key and value") }
            notes[try RecordReader.unescape(String(words[0]))] = try RecordReader.unescape(String(words[1]))
        }
    }
}
