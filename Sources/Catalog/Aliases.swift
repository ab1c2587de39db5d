public import Basics
import SQLite

extension SQLiteCatalog {
    public func digest(for checksum: Checksum, repository: String) throws -> Digest? {
        if let digest = checksum.sha256 { return digest }
        return try use { try SQLiteCatalog.digest(for: checksum, repository, $0) }
    }

    public func digests(for checksums: [Checksum], repository: String) throws -> [Checksum: Digest] {
        try read { database in
            var result: [Checksum: Digest] = [:]
            result.reserveCapacity(checksums.count)
            for checksum in checksums {
                result[checksum] = try checksum.sha256 ?? SQLiteCatalog.digest(for: checksum, repository, database)
            }
            return result
        }
    }

    public func addAliases(_ aliases: [(checksum: Checksum, digest: Digest)], repository: String) throws {
        var position = 0
        while position < aliases.count {
            let chunk = aliases[position..<min(position + 20_000, aliases.count)]
            try write { database in
                for alias in chunk { try SQLiteCatalog.add(alias: alias.checksum, alias.digest, repository, database) }
            }
            position += chunk.count
        }
    }

    public func keepAliases(where isKept: (Digest) throws -> Bool) throws {
        var gone: [Digest] = []
        try use { database in
            try database.query("SELECT DISTINCT digest FROM alias") { row in
                if let digest = row.digest(0), try !isKept(digest) { gone.append(digest) }
            }
        }
        if gone.isEmpty { return }
        let lost = Set(gone)
        // There is no index by digest: one pass finds the keys, short transactions remove them.
        var keys: [(checksum: [UInt8], scope: String)] = []
        try use { database in
            try database.query("SELECT checksum, scope, digest FROM alias") { row in
                if let digest = row.digest(2), lost.contains(digest) {
                    keys.append((Array(row.bytes(0)), row.string(1)))
                }
            }
        }
        var position = 0
        while position < keys.count {
            let chunk = keys[position..<min(position + 20_000, keys.count)]
            try write { database in
                for key in chunk {
                    try database.run("DELETE FROM alias WHERE checksum = ? AND scope = ?", key.checksum, key.scope)
                }
            }
            position += chunk.count
        }
    }

    /// A strong checksum means the same everywhere (scope empty); a weak one only where it was declared.
    private static func scope(_ checksum: Checksum, _ repository: String) -> String {
        checksum.algorithm.isStrong ? "" : repository
    }

    static func add(alias: Checksum, _ digest: Digest, _ repository: String, _ database: Connection) throws {
        if alias.algorithm == .sha256 { return }
        try database.run(
            "INSERT OR REPLACE INTO alias(checksum, scope, digest) VALUES(?, ?, ?)", AliasCode.encode(alias),
            scope(alias, repository), digest)
    }

    private static func digest(for checksum: Checksum, _ repository: String, _ database: Connection) throws -> Digest? {
        var digest: Digest?
        try database.query(
            "SELECT digest FROM alias WHERE checksum = ? AND scope = ?", AliasCode.encode(checksum),
            scope(checksum, repository)
        ) { digest = $0.digest(0) }
        return digest
    }
}
