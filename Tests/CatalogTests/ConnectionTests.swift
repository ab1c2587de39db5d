import Basics
import SQLite
import Testing

@Suite("A connection")
struct ConnectionTests {
    private func open(_ directory: TemporaryDirectory, busyTimeout: Int32 = 60_000) throws -> Connection {
        try Connection(path: directory.path + "/db", mode: .readWrite, busyTimeout: busyTimeout)
    }

    @Test("values come back as they were bound")
    func values() throws {
        let directory = try TemporaryDirectory()
        let connection = try open(directory)
        try connection.execute("CREATE TABLE t(a, b, c, d, e, f)")
        try connection.run(
            "INSERT INTO t VALUES(?, ?, ?, ?, ?, ?)", Int64.min, "a\u{0}b", [0, 255] as [UInt8], nil as String?, "",
            Sample.digest(1))
        var seen = false
        try connection.query("SELECT * FROM t") { row in
            seen = true
            #expect(row.int64(0) == .min)
            #expect(row.string(1) == "a\u{0}b")
            #expect(Array(row.bytes(2)) == [0, 255])
            #expect(row.isNull(3) && row.optionalString(3) == nil)
            #expect(!row.isNull(4) && row.optionalString(4) == "")
            #expect(row.digest(5) == Sample.digest(1))
        }
        #expect(seen)
    }

    @Test("a transaction that throws leaves nothing, one within another joins it")
    func transactions() throws {
        let directory = try TemporaryDirectory()
        let connection = try open(directory)
        try connection.execute("CREATE TABLE t(a)")
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try connection.transaction {
                try connection.transaction { try connection.run("INSERT INTO t VALUES(1)") }
                throw Stop()
            }
        }
        #expect(!connection.isInTransaction)
        var count = -1
        try connection.query("SELECT count(*) FROM t") { count = $0.int(0) }
        #expect(count == 0)
    }

    @Test("a query may run within the rows of the same query")
    func nested() throws {
        let directory = try TemporaryDirectory()
        let connection = try open(directory)
        try connection.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1), (2), (3)")
        var pairs = 0
        try connection.query("SELECT a FROM t") { _ in try connection.query("SELECT a FROM t") { _ in pairs += 1 } }
        #expect(pairs == 9)
    }

    @Test("errors tell what to do and never what was bound")
    func errors() throws {
        let directory = try TemporaryDirectory()
        let connection = try open(directory)
        try connection.execute("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES('secret')")
        do {
            try connection.run("INSERT INTO t VALUES(?)", "secret")
            Issue.record("a second equal value was taken")
        } catch let error as ChantalError {
            #expect(error.code == .bug)
            #expect(!"\(error)".contains("secret"))
        }
        #expect(throws: ChantalError(.bug, "")) { try connection.prepare("SELEKT") }
        #expect(throws: ChantalError(.bug, "")) { try connection.prepare("  ") }
        let other = try open(directory, busyTimeout: 1)
        try connection.transaction {
            #expect(throws: ChantalError(.locked, "")) { try other.transaction {} }
        }
        try other.transaction {}
    }
}
