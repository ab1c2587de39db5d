import Basics
import FileSystem
import Store

/// What a name has served, as far as it bears on what it may serve next.
struct PublishedPast {
    /// What it serves at present, or served last.
    var tree: (name: String, content: PublishedTree)?
    /// The latest time of a pointer that it has ever served; nil if it has served none.
    var newest: Timestamp?
}

extension Publisher {
    /// - Parameter record: what the name serves at present; nil if that is nothing.
    func past(of name: String, _ record: PublicationRecord?) throws -> PublishedPast {
        guard let record else {
            guard let withdrawal = try records.withdrawal(of: name) else { return PublishedPast() }
            return PublishedPast(tree: try content(of: withdrawal.tree, nil), newest: withdrawal.newest)
        }
        guard let directory = try links.tree(record.tree) else { return PublishedPast(newest: record.newest) }
        guard let tree = try content(of: record.tree, record.manifest) else {
            // Whatever lies there: what comes next is younger, unless times ran ahead of the clock.
            let stamp = try PublishedTree.stamp(of: directory)
            return PublishedPast(newest: [record.newest, stamp, Clock.now()].compactMap(\.self).max())
        }
        // Where times are not what they were (a copy of the store, a repair), the record's may be too early.
        if let newest = record.newest, try tree.content.stamp() <= newest {
            return PublishedPast(tree: tree, newest: newest)
        }
        return PublishedPast(tree: tree, newest: try [record.newest, tree.content.latest()].compactMap(\.self).max())
    }

    /// A tree with its pointers: those of a manifest, and those of the tree alone. Nil if it is gone, or neither can be read.
    private func content(of tree: String, _ manifest: Digest?) throws -> (name: String, content: PublishedTree)? {
        guard let directory = try links.tree(tree) else { return nil }
        for text in [Digest(treeName: tree), manifest].compactMap(\.self) {
            var pointers: [ManifestEntry] = []
            do {
                try records.forEachPointer(of: text) { pointers.append($0.entry) }
                return (tree, PublishedTree(directory: directory, pointers: pointers))
            } catch let error as ChantalError where error.code == .store { continue }
        }
        return nil
    }

    /// Notes what a name has served until now, before its record goes: once it is given again, nothing may be taken for that.
    func noteWithdrawal(of record: PublicationRecord) throws {
        let stamp = try links.tree(record.tree).map { try PublishedTree.stamp(of: $0) }
        guard let newest = [record.newest, stamp, Clock.now()].compactMap(\.self).max() else { return }
        try records.putWithdrawal(WithdrawalRecord(name: record.name, tree: record.tree, newest: newest))
    }

    /// What a publication becomes under a name that was taken away once: with a tree that cannot be confused with what it served then.
    func adapted(_ record: PublicationRecord) throws -> PublicationRecord {
        let past = try past(of: record.name, nil)
        guard let newest = past.newest, let id = Digest(treeName: record.tree), try records.hasManifest(id) else {
            return record
        }
        let made = try makeTree(Text(id: id, lines: records.manifest(id)), after: past)
        var adapted = record
        (adapted.tree, adapted.newest) = (made.name, max(made.newest ?? newest, newest))
        return adapted
    }
}
