extension Connection {
    /// What a transaction is for.
    public enum TransactionKind: Sendable {
        /// Reads one state of the database, whatever others write meanwhile.
        case read
        /// Writes: takes the writer's lock at once, so that nothing read in it is out of date.
        case write
    }

    /// Runs the body within one transaction: committed when it returns, rolled back when it throws.
    ///
    /// Within another transaction it joins that one.
    @discardableResult
    public func transaction<T>(_ kind: TransactionKind = .write, _ body: () throws -> T) throws -> T {
        if isInTransaction { return try body() }
        try execute(kind == .write ? "BEGIN IMMEDIATE" : "BEGIN")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    // An error such as SQLITE_FULL may have rolled back already; a ROLLBACK that fails then has nothing to tell.
    private func rollBack() {
        if isInTransaction { _ = try? execute("ROLLBACK") }
    }

    /// The number that the application keeps in the file's header (`PRAGMA user_version`).
    public func userVersion() throws -> Int {
        var version = 0
        try query("PRAGMA user_version") { version = $0.int(0) }
        return version
    }

    /// Whether the file holds no table at all.
    public func isEmpty() throws -> Bool {
        var count = 0
        try query("SELECT count(*) FROM sqlite_schema") { count = $0.int(0) }
        return count == 0
    }
}
