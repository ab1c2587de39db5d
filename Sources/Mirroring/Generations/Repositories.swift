import Basics
import FileSystem
import Store

/// Whole repositories: listed, renamed, deleted.
extension Engine {
    /// What deleting a repository takes away.
    public struct DeletionPlan: Sendable {
        public let repository: String
        public let generations: [Int]
        public let snapshots: [String]
        public let publications: [String]
    }

    /// Removes a repository with its generations, snapshots and publications; blobs go with the next gc.
    /// - Throws: `not_found`; `locked` while a sync runs.
    public func deleteRepository(_ name: String, dryRun: Bool) throws -> DeletionPlan {
        try requireRepository(name)
        let lock = try store.locks.sync(name)
        let publishing = try store.locks.publish()
        defer { withExtendedLifetime((lock, publishing)) {} }
        let publications = try records.publications().filter { $0.source.repository == name }
        let plan = DeletionPlan(
            repository: name, generations: try records.generations(of: name),
            snapshots: try records.snapshots(of: name).map(\.name), publications: publications.map(\.name))
        if dryRun { return plan }
        for publication in publications {
            try publisher.noteWithdrawal(of: publication)
            try publisher.removeLink(publication.name)
            try records.deletePublication(publication.name)
        }
        for snapshot in plan.snapshots { try publisher.removeLink("\(name)@\(snapshot)") }
        for number in plan.generations { try publisher.removeLink("\(name)@\(number)") }
        try records.deleteRepository(name)
        let catalog = try openCatalog()
        try catalog.removeRepository(name)
        try SyncMemory.forget(name, catalog)
        return plan
    }

    /// Gives a repository another name, with its publication and its links; the configuration is the user's to change.
    public func renameRepository(_ old: String, to new: String) throws {
        try StoreNames.checkRepository(new)
        try requireRepository(old)
        if old == new {
            throw ChantalError(.usage, "the repository '\(old)' has that name already", hint: "give another name")
        }
        let locks = try [store.locks.sync(old), store.locks.sync(new)]
        let publishing = try store.locks.publish()
        defer { withExtendedLifetime((locks, publishing)) {} }
        if try records.repositories().contains(new) {
            throw ChantalError(.exists, "there is a repository '\(new)' already")
        }
        for other in try records.publications().map(\.name) where other != old {
            if other == new || other.hasPrefix(new + "/") {
                throw ChantalError(
                    .exists, "'\(other)' is published already", hint: "choose another name, or unpublish it")
            }
        }
        try records.renameRepository(old, to: new)
        try renamePublications(of: old, to: new)
        let catalog = try openCatalog()
        try catalog.renameRepository(old, to: new)
        for name in [old, new] { try SyncMemory.forget(name, catalog) }
        try publisher.relink(repository: new, formerly: old)
    }

    /// Lets publications name the repository as it is called now; its own takes the new name.
    private func renamePublications(of old: String, to new: String) throws {
        for publication in try records.publications() where publication.source.repository == old {
            var renamed = publication
            switch publication.source {
            case .follows: renamed.source = .follows(new)
            case .pinned(_, let generation, let snapshot):
                renamed.source = .pinned(repository: new, generation: generation, snapshot: snapshot)
            }
            guard publication.name == old else {
                try records.putPublication(renamed)
                continue
            }
            renamed.name = new
            try records.putPublication(publisher.adapted(renamed))
            try publisher.noteWithdrawal(of: publication)
            try records.deletePublication(old)
        }
    }

    private func requireRepository(_ name: String) throws {
        let known = try records.repositories()
        guard !known.contains(name) else { return }
        throw ChantalError(
            .notFound, "the store has no repository '\(name)'",
            hint: NearName.of(name, among: known).map { "did you mean '\($0)'?" }
                ?? "chantal repository list shows what it has")
    }
}
