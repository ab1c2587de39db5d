import Basics
import FileSystem
import Store

/// Brings `public/` in step with the records after a process was killed between the two, and gives up what is no longer needed.
extension Publisher {
    /// Finishes what an interrupted process has begun: links that a record asks for, links that no record asks for any more. A tree
    /// that a record names and that is gone although it was served is damage, and left to ``Engine/verify(_:options:)``; of a state of
    /// which files are lost the user is told.
    func reconcile() throws {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        var wanted: Set<String> = []
        for repository in try records.repositories() {
            try attempt(repository, of: repository) { try restoreOwnRecord(of: repository) }
            for number in try records.generations(of: repository) {
                guard let record = try records.generationIfPresent(number, of: repository) else { continue }
                wanted.insert("\(repository)@\(number)")
                if let tree = try links.target(of: "\(repository)@\(number)"), try serves(tree, record) { continue }
                try attempt("\(repository)@\(number)", of: repository) {
                    try ensureGenerationLink(
                        record, repository: repository, manifest: records.manifest(record.manifest))
                }
            }
            for snapshot in try records.snapshots(of: repository) {
                wanted.insert("\(repository)@\(snapshot.name)")
                guard let record = try records.generation(of: snapshot, in: repository) else { continue }
                if let tree = try links.target(of: "\(repository)@\(snapshot.name)"), try serves(tree, record) {
                    continue
                }
                try attempt("\(repository)@\(snapshot.name)", of: repository) {
                    try ensureSnapshotLink(snapshot.name, record, repository: repository)
                }
            }
        }
        for publication in try records.publications() {
            wanted.insert(publication.name)
            try links.point(publication.name, to: publication.tree)
        }
        for (name, _) in try links.all() where !wanted.contains(name) { try links.remove(name) }
    }

    /// Makes trees anew without the retained files whose grace is over.
    func refreshTrees(now: Timestamp) throws {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        for publication in try records.publications() {
            try attempt(publication.name, of: publication.source.repository) { try refresh(publication, now: now) }
        }
        let served = Set(try records.publications().map(\.tree))
        for (name, tree) in try links.all() where name.contains("@") && !served.contains(tree) {
            let repository = String(name.prefix { $0 != "@" })
            guard let text = Digest(treeName: tree), let record = try record(of: name, repository),
                text != record.manifest, now - record.createdAt > TreeText.graceSeconds
            else { continue }
            let manifest = try records.manifest(record.manifest)
            let extras = try extras(of: record.tree, beside: manifest)
            let plain = try treeText(manifest, id: record.manifest, of: repository, extras: extras, history: [])
            if plain.id == text { continue }
            try attempt(name, of: repository) { try links.point(name, to: makeTree(plain, of: repository).name) }
        }
    }

    private func refresh(_ publication: PublicationRecord, now: Timestamp) throws {
        let history = TreeText.pruned(publication.history, now: now)
        guard history != publication.history else { return }
        let manifest = try records.manifest(publication.manifest)
        let text = try treeText(
            manifest, id: publication.manifest, of: publication.source.repository,
            extras: extras(of: publication.tree, beside: manifest), history: history.filter { $0.until != nil })
        var fresh = publication
        fresh.history = history.without(text.lost)
        if Digest(treeName: publication.tree) != text.id {
            let made = try makeTree(text, after: past(of: publication.name, publication))
            (fresh.tree, fresh.newest) = (made.name, made.newest)
        }
        try records.putPublication(fresh)
        try links.point(fresh.name, to: fresh.tree)
    }

    /// The generation that a link `repository@…` is for.
    func record(of link: String, _ repository: String) throws -> GenerationRecord? {
        guard case let reference = try StateReference(link), reference.repository == repository else { return nil }
        switch reference.selector {
        case .latest: return nil
        case .generation(let number):
            guard try records.generations(of: repository).contains(number) else { return nil }
            return try records.generation(number, of: repository)
        case .snapshot(let name):
            guard let snapshot = try records.snapshots(of: repository).first(where: { $0.name == name }) else {
                return nil
            }
            return try records.generation(of: snapshot, in: repository)
        }
    }

    /// Removes trees that no link leads to and no publication names, and the directories that only those had in common.
    func removeUnusedTrees() throws {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        guard let trees = try links.trees() else { return }
        var used = Set(try links.all().map(\.tree))
        used.formUnion(try records.publications().map(\.tree))
        for name in try trees.names() where !used.contains(name) { try discardTree(name) }
        try SharedDirectories.removeUnused(in: store.publicDirectory, trees: trees)
    }

    /// Takes a tree out of `public/.trees` at one stroke before its files go: half a tree must never have a tree's name.
    func discardTree(_ name: String) throws {
        guard let trees = try links.trees() else { return }
        let away = File.uniqueName("discarded")
        try trees.rename(name, to: store.temporary, as: away)
        try store.temporary.removeTree(away)
    }
}
