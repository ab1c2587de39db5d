import Basics
import Hashing

/// What a name under `public/` served before it was taken away: whoever read it then may come back when the name is given again.
public struct WithdrawalRecord: Hashable, Sendable {
    public var name: String
    /// What it served last: a name under `public/.trees/`.
    public var tree: String
    /// No pointer that it has ever served has a later time.
    public var newest: Timestamp

    public init(name: String, tree: String, newest: Timestamp) {
        self.name = name
        self.tree = tree
        self.newest = newest
    }
}

extension WithdrawalRecord: StoredRecord {
    static let kind = "withdrawal"

    func write(to record: inout RecordWriter) {
        record.line("name", name)
        record.line("tree", tree)
        record.line("newest", newest)
    }

    init(from record: inout RecordReader) throws {
        self.init(name: try record.text("name"), tree: try record.text("tree"), newest: try record.time("newest"))
    }
}

extension LocalRecordStore {
    private static let withdrawn = "withdrawn"

    /// Not the name itself: of two names one may be a directory of the other, once the first is gone.
    private static func fileName(_ name: String) -> String { sha256(of: Array(name.utf8)).hex }

    public func withdrawal(of name: String) throws -> WithdrawalRecord? {
        try StoreNames.checkPublication(name)
        let path = "\(LocalRecordStore.withdrawn)/\(LocalRecordStore.fileName(name))"
        guard let bytes = try read(path) else { return nil }
        let record = try WithdrawalRecord(recordText: bytes, path: path)
        if record.name != name {
            throw ChantalError(.store, "the record '\(path)' is that of publication '\(record.name)'", path: path)
        }
        return record
    }

    public func putWithdrawal(_ withdrawal: WithdrawalRecord) throws {
        try StoreNames.checkPublication(withdrawal.name)
        try write(
            withdrawal.recordText, LocalRecordStore.withdrawn, LocalRecordStore.fileName(withdrawal.name),
            collision: .replace)
    }
}
