import Basics
import FileSystem
import Store

/// Trees that are made anew because something of them was damaged or lost.
extension Publisher {
    /// Makes a tree anew from its text under another name, lets everything that led to it lead there, and only then takes it away.
    ///
    /// What cannot be had is left out: of the files that the tree has, no bad one is served any longer, and every good one is.
    /// - Returns: whether the new tree holds all of the state; false as well if its text is not there, and then it stays as it is.
    func replaceTree(_ tree: String) throws -> Bool {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        guard let id = Digest(treeName: tree), try records.hasManifest(id) else { return false }
        let lines: Manifest
        do { lines = try records.manifest(id) } catch let error as ChantalError where error.code == .store {
            return false
        }
        let served = try records.readablePublications().records.filter { $0.tree == tree }
        let past = PublishedPast(newest: try served.compactMap { try self.past(of: $0.name, $0).newest }.max())
        let lost = try self.lost(of: lines.entries)
        let isWhole = lost.allSatisfy { $0.role == .retained }
        if isWhole { giveUp(lost, of: served.first?.source.repository ?? "public") }
        let rest = lost.isEmpty ? lines : try lines.without(lost)
        // Where files of the state are lost it is called as what it should be: whoever compares it finds them missing.
        let text = Text(id: isWhole && !lost.isEmpty ? try records.put(rest) : id, lines: rest)
        let made = try makeTree(text, after: past, mending: true)
        for var publication in served {
            (publication.tree, publication.newest) = (made.name, made.newest)
            try records.putPublication(publication)
        }
        for (name, target) in try links.all() where target == tree { try links.point(name, to: made.name) }
        for publication in served { try links.point(publication.name, to: made.name) }
        // One that was gone is made under its own name.
        if made.name != tree, try links.hasTree(tree) { try discardTree(tree) }
        return isWhole
    }

    /// Makes the trees anew whose texts name some of these blobs, which were damaged or lost; those that nothing leads to go.
    /// - Returns: of each that was replaced whether it is whole now.
    @discardableResult
    func replaceTrees(naming digests: Set<Digest>) throws -> [String: Bool] {
        var result: [String: Bool] = [:]
        if digests.isEmpty { return result }
        for tree in try trees(naming: digests) {
            if try discardIfUnused(tree) { continue }
            result[tree] = try replaceTree(tree)
        }
        return result
    }

    func trees(naming digests: Set<Digest>) throws -> [String] {
        try links.trees()?.names().filter { name in
            guard let text = Digest(treeName: name), try records.hasManifest(text) else { return false }
            return try lines(of: text, naming: digests)?.isEmpty == false
        } ?? []
    }

    /// - Returns: false if something leads to it.
    func discardIfUnused(_ tree: String) throws -> Bool {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        let published = try records.readablePublications()
        if !published.damaged.isEmpty || published.records.contains(where: { $0.tree == tree }) { return false }
        if try links.all().contains(where: { $0.tree == tree }) { return false }
        if try links.hasTree(tree) { try discardTree(tree) }
        return true
    }
}
