import Basics
import FileSystem
import Store

/// Names that keep generations.
extension Engine {
    /// Names the states, all or none. `{date}` in the name becomes today's date in UTC.
    ///
    /// Costs the same whatever the states hold: a record each, and a link to the tree that the generation was published with.
    /// - Throws: `exists` if a repository has a snapshot of this name with other content.
    public func createSnapshots(of references: [StateReference], name pattern: String) throws -> [(
        repository: String, snapshot: SnapshotRecord
    )] {
        let now = Clock.now()
        let name = pattern.replacing("{date}", with: now.date)
        try StoreNames.checkSnapshot(name)
        // A sync gives generations up under this lock, so those found here stay.
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        var states: [ResolvedState] = []
        for state in try references.map({ try resolve($0) })
        where !states.contains(where: { $0.repository == state.repository && $0.record.number == state.record.number })
        {
            states.append(state)
        }
        if let twice = Dictionary(grouping: states, by: \.repository).first(where: {
            Set($0.value.map(\.record.number)).count > 1
        }) {
            throw ChantalError(.usage, "two states of '\(twice.key)' cannot both be named '\(name)'")
        }
        var made: [(String, SnapshotRecord)] = []
        for state in states {
            if let there = try existingSnapshot(name, of: state.repository) {
                guard there.manifest == state.record.manifest else {
                    throw ChantalError(
                        .exists, "'\(state.repository)' has a snapshot '\(name)' with other content",
                        hint:
                            "choose another name, or delete it first: chantal snapshot delete \(state.repository)@\(name)"
                    )
                }
            }
        }
        // A state that cannot be served gets no name.
        for state in states where try !publisher.links.hasTree(state.record.tree) {
            _ = try publisher.ensureTree(
                of: state.record, repository: state.repository, manifest: records.manifest(state.record.manifest))
        }
        do {
            for state in states where try existingSnapshot(name, of: state.repository) == nil {
                let record = SnapshotRecord(
                    name: name, generation: state.record.number, manifest: state.record.manifest, createdAt: now)
                try records.createSnapshot(record, of: state.repository)
                made.append((state.repository, record))
            }
        } catch {
            for (repository, record) in made { try records.deleteSnapshot(record.name, of: repository) }
            throw error
        }
        for state in states { try publisher.ensureSnapshotLink(name, state.record, repository: state.repository) }
        return try states.map { ($0.repository, try records.snapshot(name, of: $0.repository)) }
    }

    private func existingSnapshot(_ name: String, of repository: String) throws -> SnapshotRecord? {
        try records.snapshots(of: repository).first { $0.name == name }
    }

    /// Gives a name up; what only it kept goes with the next gc.
    /// - Throws: `not_found`; `exists` if a publication is pinned to it.
    public func deleteSnapshot(_ name: String, of repository: String) throws {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        // Also where its generation is gone: then nothing else could be done with it.
        guard try existingSnapshot(name, of: repository) != nil else {
            _ = try resolve(StateReference(repository: repository, selector: .snapshot(name)))
            return
        }
        for publication in try records.publications() {
            if case .pinned(repository, _, name) = publication.source {
                // A repository's own name cannot be taken away; it can follow the repository again.
                let isOwn = publication.name == repository
                throw ChantalError(
                    .exists, "the snapshot '\(repository)@\(name)' is published as '\(publication.name)'",
                    hint: isOwn
                        ? "chantal publish \(repository) lets the name follow its repository again"
                        : "chantal unpublish \(publication.name), or chantal publish \(repository) --as \(publication.name)"
                )
            }
        }
        try publisher.removeLink("\(repository)@\(name)")
        try records.deleteSnapshot(name, of: repository)
    }
}

extension String {
    /// Every occurrence of a text replaced by another.
    func replacing(_ text: String, with other: String) -> String {
        var result = ""
        var rest = self[...]
        while let found = String(rest).range(of: text) {
            let copy = String(rest)
            result += copy[..<found.lowerBound] + other
            rest = copy[found.upperBound...]
        }
        return result + rest
    }
}
