import Basics
import SQLite

/// The tables of a SQLite catalog.
///
/// A package is stored once, with the interval of generations that hold it: `first <= g`, and `g < until` unless `until` is NULL. Only
/// numbers in `generation` count; what lies in an interval beside them is never looked at. Three things follow:
/// - Rows and ends of intervals written for a generation that is not in `generation` yet (or no longer) are invisible, so indexing
///   may be cut off at any moment.
/// - A row whose interval holds no number of `generation` is garbage, whatever it comes from; `repository.dirty` says to look.
/// - `indexing` names the run that may write a repository's packages; the two generations it compares with outlive their removal.
///
/// A row is compared with others by `hash`, of all that ``RowBuffer`` holds of it.
///
/// A package's rowid is (repository id << 40) + a running number, so that one repository's rows lie together.
enum CatalogSchema {
    /// Kept in `user_version`. Another number means: make the catalog anew.
    static let version = 3
    /// The one before, which lacks the lists of names and nothing else: it is brought up to date in place.
    private static let listlessVersion = 2

    static let sequenceBits: Int64 = 40

    static func rows(of repository: Int64) -> ClosedRange<Int64> {
        (repository << sequenceBits)...(((repository + 1) << sequenceBits) - 1)
    }

    private static let nameList = "CREATE TABLE name_list(repository INTEGER PRIMARY KEY, names BLOB NOT NULL);"

    // `word` keeps no text of its own: its columns are those of the same names in `package`. What is looked at of every row stands
    // before the long texts: SQLite reads no further than it has to.
    static let statements = """
        CREATE TABLE repository(id INTEGER PRIMARY KEY, name TEXT UNIQUE, type TEXT NOT NULL,
            dirty INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE generation(repository INTEGER NOT NULL, number INTEGER NOT NULL, manifest BLOB NOT NULL,
            PRIMARY KEY(repository, number)) WITHOUT ROWID;
        CREATE TABLE indexing(repository INTEGER PRIMARY KEY, token INTEGER NOT NULL, number INTEGER NOT NULL,
            previous INTEGER, next INTEGER);
        CREATE TABLE package(id INTEGER PRIMARY KEY, repository INTEGER NOT NULL, first INTEGER NOT NULL, until INTEGER,
            hash BLOB NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, architecture TEXT NOT NULL, grp TEXT NOT NULL,
            source TEXT NOT NULL, homepage TEXT NOT NULL, digest BLOB, size INTEGER NOT NULL, alias BLOB,
            path TEXT NOT NULL, summary TEXT NOT NULL, provides TEXT NOT NULL, files TEXT NOT NULL);
        CREATE INDEX package_name ON package(repository, name COLLATE NOCASE);
        CREATE VIRTUAL TABLE word USING fts5(name, summary, provides, files, content='package', content_rowid='id', columnsize=0);
        \(nameList)
        CREATE TABLE validator(repository TEXT NOT NULL, url TEXT NOT NULL, etag TEXT, last_modified TEXT,
            digest BLOB NOT NULL, PRIMARY KEY(repository, url)) WITHOUT ROWID;
        CREATE TABLE alias(checksum BLOB NOT NULL, scope TEXT NOT NULL, digest BLOB NOT NULL,
            PRIMARY KEY(checksum, scope)) WITHOUT ROWID;
        CREATE TABLE attempt(id INTEGER PRIMARY KEY AUTOINCREMENT, repository TEXT NOT NULL, pid INTEGER NOT NULL,
            started_at INTEGER NOT NULL, finished_at INTEGER, result TEXT NOT NULL, generation INTEGER,
            requests INTEGER NOT NULL DEFAULT 0, files INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
            errors TEXT NOT NULL DEFAULT '[]');
        CREATE INDEX attempt_repository ON attempt(repository, id);
        CREATE INDEX attempt_success ON attempt(repository, id) WHERE result IN ('changed', 'unchanged');
        CREATE TABLE signature(blob BLOB NOT NULL, key TEXT NOT NULL, PRIMARY KEY(blob, key)) WITHOUT ROWID;
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """

    /// Columns of a package in the order that ``StoredPackage`` reads them, after `id`, `first`, `until` and `hash`.
    static let columns =
        "name, version, architecture, grp, summary, digest, path, size, alias, provides, files, source, homepage"
    /// Those of the word lists.
    static let words = "name, summary, provides, files"

    /// The small fact that holds the key of ``RowHasher``: hashes are compared with those of earlier runs.
    static let keyName = "row key"

    /// Makes the tables if there are none, and adds what an older version lacks.
    /// - Returns: whether there was anything to do.
    /// - Throws: ``ChantalError`` `needs_rebuild` if the file holds something else.
    static func prepare(_ database: Connection) throws -> Bool {
        if try database.userVersion() == listlessVersion { return try addNameLists(database) }
        if try isCurrent(database) { return false }
        try database.execute("PRAGMA journal_mode = WAL")
        try database.transaction {
            // Another process may have been faster.
            if try isCurrent(database) { return }
            try database.execute(statements)
            try database.run("INSERT INTO meta(key, value) VALUES(?, ?)", keyName, RowHasher.newKey())
            try database.execute("PRAGMA user_version = \(version)")
        }
        return true
    }

    private static func addNameLists(_ database: Connection) throws -> Bool {
        try database.transaction {
            // Another process may have been faster.
            if try database.userVersion() != listlessVersion { return }
            try database.execute(nameList)
            var repositories: [Int64] = []
            try database.query("SELECT id FROM repository") { repositories.append($0.int64(0)) }
            for repository in repositories { try NameList.write(repository, database) }
            try database.execute("PRAGMA user_version = \(version)")
        }
        return try isCurrent(database)
    }

    /// Whether the tables are there; false if there is none at all.
    /// - Throws: ``ChantalError`` `needs_rebuild` if there are others.
    static func isCurrent(_ database: Connection) throws -> Bool {
        if try database.isEmpty() { return false }
        let found = try database.userVersion()
        if found != version { throw otherVersion(found, database.path) }
        return true
    }

    private static func otherVersion(_ found: Int, _ path: String) -> ChantalError {
        ChantalError(
            .needsRebuild, "the catalog '\(path)' has schema \(found), this chantal has \(version)",
            hint: "it is derived from files: `chantal doctor --rebuild` makes it anew", path: path)
    }
}
