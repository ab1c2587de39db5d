import Basics

/// A name under `public/`: what it serves, and what it served.
public struct PublicationRecord: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        /// Moves with every sync of the repository.
        case follows(String)
        /// Stays where it is.
        case pinned(repository: String, generation: Int, snapshot: String?)

        public var repository: String {
            switch self {
            case .follows(let repository): repository
            case .pinned(let repository, _, _): repository
            }
        }
    }

    /// A state that the name served.
    public struct Served: Hashable, Sendable {
        public var manifest: Digest
        public var since: Timestamp
        /// Nil for the present state.
        public var until: Timestamp?

        public init(manifest: Digest, since: Timestamp, until: Timestamp? = nil) {
            self.manifest = manifest
            self.since = since
            self.until = until
        }
    }

    public var name: String
    public var source: Source
    public var manifest: Digest
    /// A name under `public/.trees/`.
    public var tree: String
    /// The latest time of a pointer that the name has ever served; nil if that is not known.
    public var newest: Timestamp?
    /// From old to new.
    public var history: [Served]

    public init(
        name: String, source: Source, manifest: Digest, tree: String, newest: Timestamp? = nil, history: [Served]
    ) {
        self.name = name
        self.source = source
        self.manifest = manifest
        self.tree = tree
        self.newest = newest
        self.history = history
    }
}

extension PublicationRecord: StoredRecord {
    static let kind = "publication"

    func write(to record: inout RecordWriter) {
        record.line("name", name)
        switch source {
        case .follows(let repository): record.line("follows", repository)
        case .pinned(let repository, let generation, let snapshot):
            record.line("pinned", repository)
            record.line("generation", generation)
            if let snapshot { record.line("snapshot", snapshot) }
        }
        record.line("manifest", manifest)
        record.line("tree", tree)
        record.line("newest", newest)
        for state in history {
            let end = state.until.map { " \($0.rfc3339)" } ?? ""
            record.line("served", "\(state.manifest) \(state.since.rfc3339)\(end)")
        }
    }

    init(from record: inout RecordReader) throws {
        let name = try record.text("name")
        let source: Source
        if let repository = record.next("follows") {
            source = .follows(repository)
        } else {
            source = .pinned(
                repository: try record.text("pinned"), generation: Int(try record.integer("generation")),
                snapshot: record.next("snapshot"))
        }
        self.init(
            name: name, source: source, manifest: try record.digest("manifest"), tree: try record.text("tree"),
            newest: try record.optionalTime("newest"), history: [])
        for line in record.all("served") {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 2 || words.count == 3, let manifest = Digest(hex: words[0]),
                let since = Timestamp(rfc3339: words[1])
            else { throw RecordReader.malformed("the value of 'served' is no such value") }
            var state = Served(manifest: manifest, since: since)
            if words.count == 3 {
                guard let until = Timestamp(rfc3339: words[2]) else {
                    throw RecordReader.malformed("the value of 'served' is no such value")
                }
                state.until = until
            }
            history.append(state)
        }
    }
}
