public import Basics
import SQLite

extension SQLiteCatalog {
    // MARK: Validators

    public func validators(repository: String, url: String) throws -> Validators? {
        try use { database in
            var found: Validators?
            try database.query(
                "SELECT etag, last_modified, digest FROM validator WHERE repository = ? AND url = ?", repository,
                Redaction.url(url)
            ) { row in
                found = row.digest(2).map {
                    Validators(etag: row.optionalString(0), lastModified: row.optionalString(1), digest: $0)
                }
            }
            return found
        }
    }

    public func setValidators(_ validators: Validators, repository: String, url: String) throws {
        // What is known already is not written again: a sync that finds nothing new leaves the file alone.
        if try self.validators(repository: repository, url: url) == validators { return }
        try write {
            try $0.run(
                "INSERT OR REPLACE INTO validator(repository, url, etag, last_modified, digest) VALUES(?, ?, ?, ?, ?)",
                repository, Redaction.url(url), validators.etag, validators.lastModified, validators.digest)
        }
    }

    public func setValidators(_ validators: [(url: String, validators: Validators)], repository: String) throws {
        let new = try validators.filter { try self.validators(repository: repository, url: $0.url) != $0.validators }
        try forEachChunk(of: new) { database, one in
            try database.run(
                "INSERT OR REPLACE INTO validator(repository, url, etag, last_modified, digest) VALUES(?, ?, ?, ?, ?)",
                repository, Redaction.url(one.url), one.validators.etag, one.validators.lastModified,
                one.validators.digest)
        }
    }

    public func forgetValidators(repository: String, urls: [String]) throws {
        try forEachChunk(of: urls) { database, url in
            try database.run(
                "DELETE FROM validator WHERE repository = ? AND url = ?", repository, Redaction.url(url))
        }
    }

    /// Writes in transactions that do not keep others waiting for long.
    private func forEachChunk<Element>(of all: [Element], _ body: (Connection, Element) throws -> Void) throws {
        var position = 0
        while position < all.count {
            let chunk = all[position..<min(position + 20_000, all.count)]
            try write { database in
                for element in chunk { try body(database, element) }
            }
            position += chunk.count
        }
    }

    public func forgetValidators(repository: String) throws {
        try write { try $0.run("DELETE FROM validator WHERE repository = ?", repository) }
    }

    // MARK: Signatures

    public func isSignatureVerified(_ blob: Digest, key: String) throws -> Bool {
        try use { database in
            var isKnown = false
            try database.query("SELECT 1 FROM signature WHERE blob = ? AND key = ?", blob, key) { _ in isKnown = true }
            return isKnown
        }
    }

    public func verifiedSignatures(among blobs: [Digest], key: String) throws -> Set<Digest> {
        var known: Set<Digest> = []
        try read { database in
            for blob in blobs {
                try database.query("SELECT 1 FROM signature WHERE blob = ? AND key = ?", blob, key) { _ in
                    known.insert(blob)
                }
            }
        }
        return known
    }

    public func rememberSignatures(_ blobs: [Digest], key: String) throws {
        try forEachChunk(of: blobs) { database, blob in
            try database.run("INSERT OR IGNORE INTO signature(blob, key) VALUES(?, ?)", blob, key)
        }
    }

    // MARK: Small facts

    public func value(for key: String) throws -> String? {
        try use { database in
            var value: String?
            try database.query("SELECT value FROM meta WHERE key = ?", key) { value = $0.string(0) }
            return value
        }
    }

    public func setValue(_ value: String?, for key: String) throws {
        try write { database in
            if let value {
                try database.run("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", key, value)
            } else {
                try database.run("DELETE FROM meta WHERE key = ?", key)
            }
        }
    }
}
