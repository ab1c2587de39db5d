import Basics

/// A record with a canonical text.
protocol StoredRecord: Sendable {
    /// The word of its first line.
    static var kind: String { get }
    func write(to record: inout RecordWriter)
    init(from record: inout RecordReader) throws
}

extension StoredRecord {
    /// The canonical text.
    var recordText: [UInt8] {
        var record = RecordWriter(kind: Self.kind)
        write(to: &record)
        return record.finish()
    }

    /// - Parameter path: for the error.
    /// - Throws: ``ChantalError`` `store` if the text is not canonical.
    init(recordText bytes: [UInt8], path: String) throws {
        do {
            var record = try RecordReader(bytes, kind: Self.kind)
            try self.init(from: &record)
            try record.finish()
            if recordText != bytes { throw RecordReader.malformed("it is not in its canonical form") }
        } catch {
            throw ChantalError(
                .store, "the \(Self.kind) record '\(path)' cannot be used",
                hint: "restore it from a backup, or remove it",
                path: path, cause: error)
        }
    }
}
