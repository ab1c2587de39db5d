import Basics
import FileSystem
import Store

/// Keeps `public/` in step with the records: trees of hard links, and the names that lead to them.
///
/// Records are the truth: a tree exists before a record names it as served, a record exists before its link is switched, and whatever a
/// crash left between the two is brought in step by ``publishIfNeeded(_:repository:)``. Everything here runs under the publish lock.
public struct Publisher: Sendable {
    let store: StoreDirectory
    var records: any RecordStore { store.records }
    var links: PublicLinks { PublicLinks(root: store.publicDirectory) }

    /// Files from which on a tree has its unchanged directories in common with others.
    let largeTree: Int
    /// Hears what the user should know, by repository.
    let notice: @Sendable (_ repository: String, _ message: String) -> Void

    init(
        store: StoreDirectory, largeTree: Int,
        notice: @escaping @Sendable (_ repository: String, _ message: String) -> Void = { _, _ in }
    ) {
        self.store = store
        self.largeTree = largeTree
        self.notice = notice
    }

    /// The text of the tree that a generation is published with: what its own publication would get now.
    ///
    /// Called before the commit, so that the record can name it; the text is made durable like a manifest.
    /// - Parameters:
    ///   - extras: files of the tree that are not of the manifest; their blobs are in the store.
    ///   - protect: called with the text's digest before it is written, so that no gc takes it before the record names it.
    func ownText(
        for manifest: Manifest, id: Digest, extras: [ManifestEntry] = [], repository: String,
        protect: (Digest) throws -> Void = { _ in }
    ) throws -> Text {
        let publication = try records.publication(repository)
        let follows = publication.map { $0.source == .follows(repository) } ?? true
        let history = follows ? publication?.history ?? [] : []
        return try treeText(
            manifest, id: id, of: repository, extras: extras, history: history, protect: protect)
    }

    /// Makes the trees of a generation that was just committed, and moves every name that follows its repository.
    public func publish(_ record: GenerationRecord, repository: String) throws {
        try publish(record, repository: repository, manifest: nil, text: nil)
    }

    /// - Parameter text: of the record's tree, where it is at hand.
    func publish(_ record: GenerationRecord, repository: String, manifest: Manifest?, text: Text?) throws {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        let manifest = try manifest ?? records.manifest(record.manifest)
        if try records.publication(repository) == nil {
            try serve(
                record, manifest, repository: repository, as: repository, source: .follows(repository), text: text)
        }
        for publication in try records.readablePublications().records
        where publication.source == .follows(repository) {
            // The record names the tree of the repository's own name; others have served other states.
            try serve(
                record, manifest, repository: repository, as: publication.name, source: publication.source,
                text: publication.name == repository ? text : nil)
        }
        try ensureGenerationLink(record, repository: repository, manifest: manifest)
    }

    /// Whether the repository can have the publication of its own name, which the first sync makes.
    /// - Throws: `exists` if another repository is published under that name, or something below it; `store` if its record is damaged.
    func requireOwnName(of repository: String) throws {
        let all = try records.readablePublications()
        if let damaged = all.damaged.first(where: { $0.name == repository }) { throw damaged.error }
        for publication in all.records {
            let isTaken = publication.name == repository && publication.source.repository != repository
            guard isTaken || publication.name.hasPrefix(repository + "/") else { continue }
            throw ChantalError(
                .exists,
                "'\(publication.name)' is published already, from '\(publication.source.repository)', so the repository '\(repository)' cannot have its name",
                hint: "chantal unpublish \(publication.name), or give the repository another name")
        }
    }

    /// Does what an interrupted predecessor has left undone for the latest generation; costs a few system calls if that is nothing.
    public func publishIfNeeded(_ record: GenerationRecord, repository: String) throws {
        let published = try records.readablePublications().records.filter { $0.source.repository == repository }
        let mine = published.filter { $0.source == .follows(repository) }
        try restorePinned(published, of: repository)
        var isCurrent = try mine.allSatisfy {
            try $0.manifest == record.manifest && links.target(of: $0.name) == $0.tree && links.hasTree($0.tree)
        }
        if isCurrent, record.notes[GenerationNote.treeFiles] != nil {
            // The same manifest may have been committed with other files beside it.
            let manifest = try records.manifest(record.manifest)
            let extras = try extras(of: record.tree, beside: manifest)
            isCurrent = try mine.allSatisfy { try self.extras(of: $0.tree, beside: manifest) == extras }
        }
        let own = try records.publication(repository)
        let generationLink = try links.target(of: "\(repository)@\(record.number)")
        let lost = try records.snapshots(of: repository).filter {
            try links.target(of: "\(repository)@\($0.name)") == nil
                && records.generation(of: $0, in: repository) != nil
        }
        if isCurrent, own != nil, lost.isEmpty, let generationLink, try links.hasTree(generationLink),
            try serves(generationLink, record)
        {
            return
        }
        try publish(record, repository: repository)
        guard !lost.isEmpty else { return }
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        // Read again under the lock: a snapshot may have been deleted meanwhile.
        for snapshot in try records.snapshots(of: repository) where lost.contains(where: { $0.name == snapshot.name }) {
            guard let record = try records.generation(of: snapshot, in: repository) else { continue }
            try attempt("\(repository)@\(snapshot.name)", of: repository) {
                try ensureSnapshotLink(snapshot.name, record, repository: repository)
            }
        }
    }

    /// Makes trees that are gone and that pinned names and snapshots still lead to.
    private func restorePinned(_ published: [PublicationRecord], of repository: String) throws {
        var dead: [String: String] = [:]
        for publication in published where publication.source != .follows(repository) {
            if try !links.hasTree(publication.tree) { dead[publication.tree] = publication.name }
        }
        for snapshot in try records.snapshots(of: repository) {
            let name = "\(repository)@\(snapshot.name)"
            if let tree = try links.target(of: name), try !links.hasTree(tree) { dead[tree] = name }
        }
        for (tree, name) in dead.sorted(by: { $0.key < $1.key }) {
            try attempt(name, of: repository) { _ = try replaceTree(tree) }
        }
    }

    /// Does something for one name; where a file of its state is lost the user is told, and the others get theirs.
    func attempt(_ name: String, of repository: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as ChantalError where error.code == .missing {
            notice(repository, "'\(name)' cannot be published as it should be: \(error)")
        }
    }

    /// Lets a name serve a state from now on.
    /// - Parameters:
    ///   - name: checked by ``PublicationName`` before.
    ///   - source: what the publication's record says.
    ///   - text: of the tree, where it is at hand.
    func serve(
        _ record: GenerationRecord, _ manifest: Manifest, repository: String, as name: String,
        source: PublicationRecord.Source, text: Text? = nil
    ) throws {
        let now = Clock.now()
        let before = try records.publication(name)
        if let before, before.manifest == record.manifest, before.source == source, try links.hasTree(before.tree),
            try extras(of: before.tree, beside: manifest) == extras(of: record.tree, beside: manifest)
        {
            try links.point(name, to: before.tree)
            return
        }
        var history = before?.history ?? []
        if before?.manifest != record.manifest {
            if let last = history.indices.last, history[last].until == nil { history[last].until = now }
            history = TreeText.pruned(history, now: now)
        }
        let past = history.filter { $0.until != nil }
        // Another process may have let the name serve something else since the text was made.
        let needed = TreeText.stillNeeded(past.filter { $0.manifest != record.manifest }, now: now).map(\.manifest)
        let text =
            try text.flatMap { $0.retaining == needed ? $0 : nil }
            ?? treeText(
                manifest, id: record.manifest, of: repository, extras: extras(of: record.tree, beside: manifest),
                history: past)
        for lost in text.lost.sorted() {
            notice(
                repository,
                "the manifest \(lost) of a state that '\(name)' has served is missing or damaged: what clients may still ask for of it is not kept"
            )
        }
        history = history.without(text.lost)
        let tree = try makeTree(text, of: repository, after: self.past(of: name, before))
        if before?.manifest != record.manifest || history.isEmpty {
            if let gone = text.gone, let last = history.indices.last, history[last].manifest == gone.state {
                history[last].gone = try records.put(gone.lines)
            }
            history.append(PublicationRecord.Served(manifest: record.manifest, since: now))
        }
        try records.putPublication(
            PublicationRecord(
                name: name, source: source, manifest: record.manifest, tree: tree.name, newest: tree.newest,
                history: history))
        try links.point(name, to: tree.name)
    }

    /// The link under which a generation is reached whatever its repository's name serves.
    func ensureGenerationLink(_ record: GenerationRecord, repository: String, manifest: Manifest) throws {
        let name = "\(repository)@\(record.number)"
        if let target = try links.target(of: name), try links.hasTree(target), try serves(target, record) { return }
        try links.point(name, to: try ensureTree(of: record, repository: repository, manifest: manifest))
    }

    /// The tree that a generation was published with, or the one that is there in its place; made again if there is none.
    func ensureTree(of record: GenerationRecord, repository: String, manifest: Manifest) throws -> String {
        if try links.hasTree(record.tree) { return record.tree }
        if let tree = try links.target(of: "\(repository)@\(record.number)"), try links.hasTree(tree),
            try serves(tree, record)
        {
            return tree
        }
        if let id = Digest(hex: record.tree), id != record.manifest, try records.hasManifest(id) {
            return try makeTree(Text(id: id, lines: records.manifest(id)), of: repository).name
        }
        return try makeTree(Text(id: record.manifest, lines: manifest), of: repository).name
    }

    // MARK: Links

    /// The link under which a snapshot is reached.
    func ensureSnapshotLink(_ name: String, _ record: GenerationRecord, repository: String) throws {
        let tree =
            try links.hasTree(record.tree)
            ? record.tree
            : ensureTree(of: record, repository: repository, manifest: records.manifest(record.manifest))
        try links.point("\(repository)@\(name)", to: tree)
    }

    /// Takes a name away from `public/`; none of that name is no error.
    func removeLink(_ name: String) throws { try links.remove(name) }

    /// Gives all links of a renamed repository their new names.
    func relink(repository: String, formerly old: String) throws {
        for record in try records.generations(of: repository).map({ try records.generation($0, of: repository) }) {
            try attempt("\(repository)@\(record.number)", of: repository) {
                try ensureGenerationLink(record, repository: repository, manifest: records.manifest(record.manifest))
            }
        }
        for snapshot in try records.snapshots(of: repository) {
            guard let record = try records.generation(of: snapshot, in: repository) else { continue }
            try attempt("\(repository)@\(snapshot.name)", of: repository) {
                try ensureSnapshotLink(snapshot.name, record, repository: repository)
            }
        }
        for publication in try records.publications() where publication.source.repository == repository {
            try links.point(publication.name, to: publication.tree)
        }
        for (name, _) in try links.all() where name == old || name.hasPrefix(old + "@") { try links.remove(name) }
    }
}
