import Basics
import Catalog
import Store

extension Engine {
    /// Deletes the generations of a repository that nothing keeps: not among the newest N, named by no snapshot, pinned by no
    /// publication. Their trees and blobs go with the next gc.
    func expireGenerations(of repository: String, keeping count: Int, catalog: any PackageCatalog) throws {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        var kept = Set(try records.snapshots(of: repository).map(\.generation))
        for publication in try records.publications() {
            if case .pinned(repository, let generation, _) = publication.source { kept.insert(generation) }
        }
        let unnamed = try records.generations(of: repository).filter { !kept.contains($0) }
        for number in unnamed.dropLast(max(1, count)) {
            try publisher.removeLink("\(repository)@\(number)")
            try records.deleteGeneration(number, of: repository)
            try catalog.removeGeneration(number, of: repository)
        }
    }
}
