public import Basics
import SQLite

/// A repository's place in the catalog.
struct StoredRepository {
    var id: Int64
    var type: String
    /// The numbers in `generation`, ascending.
    var generations: [Int]

    /// A repository by its name; nil if none.
    static func named(_ name: String, _ database: Connection) throws -> StoredRepository? {
        var found: StoredRepository?
        try database.query("SELECT id, type FROM repository WHERE name = ?", name) {
            found = StoredRepository(id: $0.int64(0), type: $0.string(1), generations: [])
        }
        if let id = found?.id { found?.generations = try numbers(of: id, database) }
        return found
    }

    /// All repositories with their names.
    static func all(_ database: Connection) throws -> [(name: String, repository: StoredRepository)] {
        var all: [(name: String, repository: StoredRepository)] = []
        try database.query("SELECT id, type, name FROM repository WHERE name IS NOT NULL ORDER BY name") {
            all.append(($0.string(2), StoredRepository(id: $0.int64(0), type: $0.string(1), generations: [])))
        }
        for index in all.indices {
            all[index].repository.generations = try numbers(of: all[index].repository.id, database)
        }
        return all
    }

    static func numbers(of id: Int64, _ database: Connection) throws -> [Int] {
        var numbers: [Int] = []
        try database.query("SELECT number FROM generation WHERE repository = ? ORDER BY number", id) {
            numbers.append($0.int(0))
        }
        return numbers
    }
}

extension SQLiteCatalog {
    public func indexedGenerations(of repository: String) throws -> [Int: Digest] {
        try use { database in
            var result: [Int: Digest] = [:]
            try database.query(
                "SELECT number, manifest FROM generation WHERE repository = (SELECT id FROM repository WHERE name = ?)",
                repository
            ) { result[$0.int(0)] = $0.digest(1) }
            return result
        }
    }

    public func repositories() throws -> [(name: String, type: String)] {
        try read { database in
            try StoredRepository.all(database).filter { !$0.repository.generations.isEmpty }
                .map { ($0.name, $0.repository.type) }
        }
    }

    public func removeGeneration(_ number: Int, of repository: String) throws {
        let id: Int64? = try write { database in
            guard let found = try StoredRepository.named(repository, database) else { return nil }
            // A run that indexes this very number is called off.
            var changed = try database.run("DELETE FROM indexing WHERE repository = ? AND number = ?", found.id, number)
            changed += try database.run("DELETE FROM generation WHERE repository = ? AND number = ?", found.id, number)
            if changed == 0 { return nil }
            try database.run("UPDATE repository SET dirty = dirty + 1 WHERE id = ?", found.id)
            return found.id
        }
        if let id { try removeGarbage(of: id) }
    }

    public func removeRepository(_ repository: String) throws {
        try write { database in
            try database.run("DELETE FROM validator WHERE repository = ?", repository)
            try database.run("DELETE FROM alias WHERE scope = ?", repository)
            try database.run("DELETE FROM attempt WHERE repository = ?", repository)
            guard let found = try StoredRepository.named(repository, database) else { return }
            try database.run("DELETE FROM indexing WHERE repository = ?", found.id)
            try database.run("DELETE FROM generation WHERE repository = ?", found.id)
            try database.run("DELETE FROM name_list WHERE repository = ?", found.id)
            // Without a name until the last row is gone, which takes more than one transaction.
            try database.run("UPDATE repository SET name = NULL, dirty = dirty + 1 WHERE id = ?", found.id)
        }
        try removeNameless()
    }

    /// Ends the work of ``removeRepository(_:)``, also that of one that was cut off.
    func removeNameless() throws {
        let ids: [Int64] = try use { database in
            var ids: [Int64] = []
            try database.query("SELECT id FROM repository WHERE name IS NULL") { ids.append($0.int64(0)) }
            return ids
        }
        for id in ids {
            try removeGarbage(of: id)
            try write { try $0.run("DELETE FROM repository WHERE id = ? AND name IS NULL AND dirty = 0", id) }
        }
    }

    public func renameRepository(_ old: String, to new: String) throws {
        try write { database in
            if try StoredRepository.named(new, database) != nil {
                throw ChantalError(.exists, "the catalog has a repository '\(new)' already")
            }
            try database.run("UPDATE repository SET name = ? WHERE name = ?", new, old)
            for (table, column) in [("validator", "repository"), ("alias", "scope"), ("attempt", "repository")] {
                // What is left under the new name belonged to a repository that is gone.
                try database.run("DELETE FROM \(table) WHERE \(column) = ?", new)
                try database.run("UPDATE \(table) SET \(column) = ? WHERE \(column) = ?", new, old)
            }
        }
    }
}
