import Basics
import SQLite

extension SQLiteCatalog {
    private static let mappedSize = 1 << 30

    public func search(
        words: [String], type: String?, repository: String?, states: Set<RepositoryState>, limit: Int?,
        _ body: (SearchHitFields) throws -> Void
    ) throws {
        let query = try SearchQuery(words)
        if let limit, limit <= 0 { return }
        // What is looked up lies all over the file: mapped, it need not be copied piece by piece.
        try use { try $0.execute("PRAGMA mmap_size = \(SQLiteCatalog.mappedSize)") }
        try read { database in
            let scopes = try StoredRepository.all(database).filter {
                (type == nil || type == $0.repository.type) && (repository == nil || repository == $0.name)
            }.compactMap { SearchScope($0.name, $0.repository, states) }
            _ = try PackageSearch(database: database, query: query, scopes: scopes).run(limit: limit ?? .max, body)
        }
    }
}

/// What is looked at of a repository.
struct SearchScope {
    var id: Int64
    var name: String
    var type: String
    /// The generations to look at.
    var generations: [Int]

    /// The latest generation and those of the given states; nil if there is none.
    init?(_ name: String, _ repository: StoredRepository, _ states: Set<RepositoryState>) {
        (id, self.name, type) = (repository.id, name, repository.type)
        generations = repository.generations.filter {
            $0 == repository.generations.last || states.contains(RepositoryState(repository: name, generation: $0))
        }
        if generations.isEmpty { return nil }
    }
}
