import Basics

/// What the generation in force lacks, as the last sync found it.
///
/// A generation's record is a commit and does not change. What fails to come may change from sync to sync while the content stays: then no
/// generation is committed, and this record stands beside them and speaks for the one that it names.
public struct IncompleteRecord: Hashable, Sendable {
    public var generation: Int
    /// That generation's: another one of the same number is not meant.
    public var manifest: Digest
    /// In place of ``GenerationRecord/incomplete``.
    public var incomplete: [String]
    /// In place of the notes of these keys; nil where there is to be none.
    public var notes: [String: String?]

    public init(generation: Int, manifest: Digest, incomplete: [String], notes: [String: String?]) {
        self.generation = generation
        self.manifest = manifest
        self.incomplete = incomplete
        self.notes = notes
    }

    /// The generation's record, if it is the one that is meant, with what is said here.
    func applied(to record: GenerationRecord) -> GenerationRecord {
        guard record.number == generation, record.manifest == manifest else { return record }
        var result = record
        result.incomplete = incomplete
        for (key, value) in notes { result.notes[key] = value }
        return result
    }
}

extension IncompleteRecord: StoredRecord {
    static let kind = "incomplete"

    func write(to record: inout RecordWriter) {
        record.line("generation", generation)
        record.line("manifest", manifest)
        for line in incomplete { record.line("incomplete", line) }
        for (key, value) in notes.sorted(by: { $0.key < $1.key }) {
            if let value {
                record.line("note", "\(RecordWriter.word(key)) \(RecordWriter.word(value))")
            } else {
                record.line("note", RecordWriter.word(key))
            }
        }
    }

    init(from record: inout RecordReader) throws {
        self.init(
            generation: Int(try record.integer("generation")), manifest: try record.digest("manifest"),
            incomplete: record.all("incomplete"), notes: [:])
        for line in record.all("note") {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 1 || words.count == 2 else {
                throw RecordReader.malformed("a note is no key and value")
            }
            let value = words.count == 2 ? try RecordReader.unescape(String(words[1])) : nil
            notes.updateValue(value, forKey: try RecordReader.unescape(String(words[0])))
        }
    }
}
