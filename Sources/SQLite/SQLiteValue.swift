public import Basics

/// What a parameter can be: an integer, a text, bytes, a digest (as its 32 bytes), or nil.
public protocol SQLiteValue {
    /// Binds this value to a parameter, counted from 1.
    func bind(to statement: Statement, at index: Int) throws
}

extension Int: SQLiteValue {
    public func bind(to statement: Statement, at index: Int) throws { try statement.bind(index, self) }
}

extension Int64: SQLiteValue {
    public func bind(to statement: Statement, at index: Int) throws { try statement.bind(index, self) }
}

extension String: SQLiteValue {
    public func bind(to statement: Statement, at index: Int) throws { try statement.bind(index, self) }
}

extension Digest: SQLiteValue {
    public func bind(to statement: Statement, at index: Int) throws { try statement.bind(index, self) }
}

extension Array: SQLiteValue where Element == UInt8 {
    public func bind(to statement: Statement, at index: Int) throws { try statement.bind(index, self) }
}

extension Optional: SQLiteValue where Wrapped: SQLiteValue {
    public func bind(to statement: Statement, at index: Int) throws {
        if let self {
            try self.bind(to: statement, at: index)
        } else {
            try statement.bind(index, nil as Int64?)
        }
    }
}
