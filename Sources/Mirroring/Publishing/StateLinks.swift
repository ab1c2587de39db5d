import Basics
import Store

/// The names `repository@…`, and the one that every repository has: whether they lead where their records say.
extension Publisher {
    /// A name under `public/` that leads to a tree of something else, or to none.
    struct WrongLink {
        let name: String
        let tree: String
        let repository: String
    }

    /// Names of states that do not lead to a tree of theirs, and publications that lead to none or to a stranger's. States that cannot be read are passed over.
    func wrongLinks() throws -> [WrongLink] {
        var result: [WrongLink] = []
        for (name, tree) in try links.all() where name.contains("@") {
            let repository = String(name.prefix { $0 != "@" })
            do {
                guard let record = try record(of: name, repository), try !serves(tree, record) else { continue }
            } catch let error as ChantalError where error.code == .store || error.code == .usage { continue }
            result.append(WrongLink(name: name, tree: tree, repository: repository))
        }
        for publication in try records.readablePublications().records {
            guard let tree = try links.target(of: publication.name), tree != publication.tree,
                try !mayHaveServed(tree, publication)
            else { continue }
            result.append(
                WrongLink(name: publication.name, tree: tree, repository: publication.source.repository))
        }
        return result
    }

    /// Whether a tree can be what a name served before its record was written, or one that takes its place: its writer was killed then.
    private func mayHaveServed(_ tree: String, _ publication: PublicationRecord) throws -> Bool {
        guard try links.hasTree(tree) else { return false }
        let repository = publication.source.repository
        for number in try records.generations(of: repository).reversed() {
            do {
                guard let record = try records.generationIfPresent(number, of: repository) else { continue }
                if try serves(tree, record) { return true }
            } catch let error as ChantalError where error.code == .store {
                return true  // it may be of this one
            }
        }
        return false
    }

    /// Lets a name of a state lead to a tree of that state.
    func mend(_ link: WrongLink) throws {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        if !link.name.contains("@") {
            guard let publication = try records.publication(link.name), try links.hasTree(publication.tree) else {
                return
            }
            return try links.point(publication.name, to: publication.tree)
        }
        guard let record = try record(of: link.name, link.repository) else { return }
        let manifest = try records.manifest(record.manifest)
        try links.point(link.name, to: ensureTree(of: record, repository: link.repository, manifest: manifest))
    }

    /// Whether a name serves what its record says.
    public func isServed(_ publication: PublicationRecord) throws -> Bool {
        try links.target(of: publication.name) == publication.tree && links.hasTree(publication.tree)
    }

    /// Names under `public/` under which nothing is served although a publication or a link says so, sorted.
    public func deadNames() throws -> [String] {
        var dead = Set(try records.readablePublications().records.filter { try !isServed($0) }.map(\.name))
        for (name, tree) in try links.all() where try !links.hasTree(tree) { dead.insert(name) }
        return dead.sorted()
    }

    /// Whether a tree is one of a generation: made from the text it was published with, from its manifest, or from one that adds files
    /// kept for clients.
    func serves(_ tree: String, _ record: GenerationRecord) throws -> Bool {
        guard let text = Digest(treeName: tree) else { return false }
        if text == record.manifest || text == Digest(treeName: record.tree) { return true }
        guard try records.hasManifest(text) else { return false }
        let manifest = try records.manifest(record.manifest)
        var found = 0
        var hasOthers = false
        try records.forEachLine(of: text) { line in
            if let entry = manifest[line.entry.path] {
                if entry.digest == line.digest { found += 1 } else { hasOthers = true }
            } else if line.role != .retained, line.role != .pointer {
                hasOthers = true
            }
        }
        return !hasOthers && found == manifest.entries.count
    }

    /// Whether a repository's own publication has lost its record: it has a link, which is made after the record. It goes only
    /// with the repository.
    func hasLostRecord(of repository: String) throws -> Bool {
        try links.target(of: repository) != nil && !records.generations(of: repository).isEmpty
            && records.publication(repository) == nil
    }

    /// Makes the record of a repository's own publication, if there is none. Call with the publish lock.
    func restoreOwnRecord(of repository: String) throws {
        guard try records.publication(repository) == nil, let record = try records.latestGeneration(of: repository)
        else { return }
        // What is published below the name stands in its way, and stays.
        do { try requireOwnName(of: repository) } catch let error as ChantalError where error.code == .exists { return }
        try serve(
            record, records.manifest(record.manifest), repository: repository, as: repository,
            source: .follows(repository))
    }
}
