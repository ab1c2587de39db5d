import Basics
import Catalog
import Store

extension Engine {
    /// Deletes the generations of a repository that nothing keeps. Their trees and blobs go with the next gc.
    /// - Parameter count: how many of those without a name stay, the latest included.
    func expireGenerations(of repository: String, keeping count: Int, catalog: any PackageCatalog) throws {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        for number in try expiredGenerations(of: repository, keeping: count) {
            try publisher.removeLink("\(repository)@\(number)")
            try records.deleteGeneration(number, of: repository)
            try catalog.removeGeneration(number, of: repository)
        }
    }

    /// The generations that are not among the newest without a name, named by no snapshot, and pinned by no publication.
    func expiredGenerations(of repository: String, keeping count: Int) throws -> [Int] {
        var kept = Set(try records.snapshots(of: repository).map(\.generation))
        let publications = try records.readablePublications()
        // One that cannot be read may be pinned to any of them.
        guard publications.damaged.isEmpty else { return [] }
        for publication in publications.records {
            if case .pinned(repository, let generation, _) = publication.source { kept.insert(generation) }
        }
        return try records.generations(of: repository).filter { !kept.contains($0) }.dropLast(max(1, count))
    }
}
