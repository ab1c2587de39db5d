public import Basics
internal import CSQLite

/// A compiled statement; owns the `sqlite3_stmt` pointer. Parameters count from 1, columns from 0.
public final class Statement {
    private let handle: OpaquePointer

    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Goes to the next row (sqlite3_step).
    /// - Returns: false when there is no further one; the statement is then ready to run again.
    @inline(__always)
    public func step() throws -> Bool {
        let result = sqlite3_step(handle)
        if result == SQLITE_ROW { return true }
        // Reset at once: an idle statement must not hold a lock.
        sqlite3_reset(handle)
        if result == SQLITE_DONE { return false }
        throw SQLiteFailure.error(result, sqlite3_db_handle(handle))
    }

    /// Runs a statement that gives no rows; bound values stay.
    @inline(__always)
    public func run() throws {
        while try step() {}
    }

    /// Makes the statement ready to run again (sqlite3_reset); an error of the last run was thrown by ``step()``.
    public func reset() {
        sqlite3_reset(handle)
    }

    /// Sets all parameters to NULL (sqlite3_clear_bindings).
    public func unbind() {
        sqlite3_clear_bindings(handle)
    }

    private func check(_ result: Int32) throws {
        if result != SQLITE_OK { throw SQLiteFailure.error(result, sqlite3_db_handle(handle)) }
    }

    // MARK: Parameters

    public func bind(_ index: Int, _ value: Int64?) throws {
        if let value {
            try check(sqlite3_bind_int64(handle, Int32(index), value))
        } else {
            try check(sqlite3_bind_null(handle, Int32(index)))
        }
    }

    public func bind(_ index: Int, _ value: Int?) throws {
        try bind(index, value.map(Int64.init))
    }

    public func bind(_ index: Int, _ value: String?) throws {
        guard var value else { return try bind(index, nil as Int64?) }
        try value.withUTF8 { try bind(index, text: UnsafeRawBufferPointer($0), borrowed: false) }
    }

    public func bind(_ index: Int, _ value: [UInt8]?) throws {
        guard let value else { return try bind(index, nil as Int64?) }
        try value.withUnsafeBytes { try bind(index, blob: $0, borrowed: false) }
    }

    public func bind(_ index: Int, _ value: Digest?) throws {
        try bind(index, value?.bytes)
    }

    /// Binds UTF-8 text.
    /// - Parameter borrowed: not copied; the caller keeps the bytes in place until the statement has run, and then unbinds.
    @inline(__always)
    public func bind(_ index: Int, text: UnsafeRawBufferPointer, borrowed: Bool) throws {
        // A null pointer would bind NULL where the empty text is meant.
        let result =
            text.isEmpty
            ? csqlite_bind_text(handle, Int32(index), "", 0, 0)
            : csqlite_bind_text(handle, Int32(index), text.baseAddress, UInt64(text.count), borrowed ? 0 : 1)
        try check(result)
    }

    /// Binds bytes; `borrowed` as for text.
    @inline(__always)
    public func bind(_ index: Int, blob: UnsafeRawBufferPointer, borrowed: Bool) throws {
        let result =
            blob.isEmpty
            ? sqlite3_bind_zeroblob(handle, Int32(index), 0)
            : csqlite_bind_blob(handle, Int32(index), blob.baseAddress, UInt64(blob.count), borrowed ? 0 : 1)
        try check(result)
    }

    // MARK: Columns

    @inline(__always)
    public func int64(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

    @inline(__always)
    public func int(_ column: Int) -> Int { Int(sqlite3_column_int64(handle, Int32(column))) }

    @inline(__always)
    public func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

    public func optionalInt(_ column: Int) -> Int? { isNull(column) ? nil : int(column) }

    /// The bytes of a text or blob, in place: valid until the next step, reset, or a read of this column as another type.
    @inline(__always)
    public func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        guard let start = sqlite3_column_blob(handle, Int32(column)) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column))))
    }

    /// A text, empty for NULL.
    @inline(__always)
    public func string(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

    public func optionalString(_ column: Int) -> String? { isNull(column) ? nil : string(column) }

    /// A SHA-256 kept as 32 bytes; nil for NULL.
    public func digest(_ column: Int) -> Digest? { Digest(bytes: bytes(column)) }
}
