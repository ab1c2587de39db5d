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
        /// Those lines of the manifest whose paths the next state did not have, as a manifest of their own: a shorter way to the same
        /// retained files. Nil if it was not kept, or for the present state.
        public var gone: Digest?

        public init(manifest: Digest, since: Timestamp, until: Timestamp? = nil, gone: Digest? = nil) {
            self.manifest = manifest
            self.since = since
            self.until = until
            self.gone = gone
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
            let words = [state.since.rfc3339, state.until?.rfc3339, state.until == nil ? nil : state.gone?.hex]
            record.line("served", "\(state.manifest) \(words.compactMap(\.self).joined(separator: " "))")
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
            guard (2...4).contains(words.count), let manifest = Digest(hex: words[0]),
                let since = Timestamp(rfc3339: words[1])
            else { throw RecordReader.malformed("the value of 'served' is no such value") }
            var state = Served(manifest: manifest, since: since)
            if words.count > 2 {
                guard let until = Timestamp(rfc3339: words[2]) else {
                    throw RecordReader.malformed("the value of 'served' is no such value")
                }
                state.until = until
            }
            if words.count > 3 {
                guard let gone = Digest(hex: words[3]) else {
                    throw RecordReader.malformed("the value of 'served' is no such value")
                }
                state.gone = gone
            }
            history.append(state)
        }
    }
}
