import Basics
import FileSystem
import Store

/// The trees behind the names: what they hold, and how they are made.
extension Publisher {
    struct Text: Sendable {
        let id: Digest
        let lines: Manifest
        /// The states whose files it retains.
        var retaining: [Digest] = []
        /// Manifests of earlier states that cannot be had: nothing is retained of those.
        var lost: Set<Digest> = []
        /// What the state before had beside this one.
        var gone: TreeText.Gone?
    }

    /// The manifest of an earlier state is missing or damaged.
    private struct LostState: Error { let manifest: Digest }

    /// What is kept of the differences between states is missing or damaged; the states themselves say the same.
    private struct LostDifference: Error {}

    func treeText(
        _ manifest: Manifest, id: Digest, of repository: String, extras: [ManifestEntry],
        history: [PublicationRecord.Served],
        protect: (Digest) throws -> Void = { _ in }
    ) throws -> Text {
        let served = extras.isEmpty ? manifest : try Manifest(manifest.entries + extras)
        let past = history.filter { $0.manifest != id }
        let asked = TreeText.stillNeeded(past, now: Clock.now()).map(\.manifest)
        var lost: Set<Digest> = []
        var usesDifferences = true
        func retain() throws -> TreeText {
            let states = TreeText.stillNeeded(past.filter { !lost.contains($0.manifest) }, now: Clock.now())
            do {
                return try TreeText(manifest: served, retaining: states) { state, isWanted, body in
                    let difference = usesDifferences ? state.gone : nil
                    do {
                        try records.forEachLine(of: difference ?? state.manifest, where: isWanted, body)
                    } catch let error as ChantalError where error.code == .store {
                        if difference == nil { throw LostState(manifest: state.manifest) }
                        throw LostDifference()
                    }
                }
            } catch is LostDifference {
                usesDifferences = false
                return try retain()
            } catch let state as LostState {
                // What left with that state is told by nobody else.
                usesDifferences = false
                lost.insert(state.manifest)
                return try retain()
            }
        }
        let text = try retain()
        var lines = text.lines
        let gone = try self.lost(of: lines.entries.lazy.filter { $0.role == .retained })
        if !gone.isEmpty {
            giveUp(gone, of: repository)
            lines = try lines.without(gone)
        }
        // Lines beside the manifest's have none of their own; the text is kept where manifests are, so that the tree can be made again.
        if lines.entries.count == manifest.entries.count {
            return Text(id: id, lines: lines, retaining: asked, lost: lost, gone: text.gone)
        }
        try protect(lines.id)
        return Text(id: try records.put(lines), lines: lines, retaining: asked, lost: lost, gone: text.gone)
    }

    /// The files that a generation's tree holds beside those of its manifest (``Ecosystem/treeFiles(_:)``), read from the tree's text.
    func extras(of tree: String, beside manifest: Manifest) throws -> [ManifestEntry] {
        guard let id = Digest(treeName: tree), id != manifest.id, try records.hasManifest(id) else { return [] }
        var result: [ManifestEntry] = []
        try records.forEachPointer(of: id) { line in
            let entry = line.entry
            if manifest[entry.path] == nil { result.append(entry) }
        }
        return result
    }

    /// A tree that a name can serve.
    struct MadeTree {
        let name: String
        /// The latest time of a pointer that the name has served by then; nil if that is not known.
        let newest: Timestamp?
    }

    /// Makes the tree of a text unless it is there; another directory for the same text if the pointers of what is there could be
    /// confused with those that the name has served. Without retained files that are lost: it is the tree of another text then.
    /// - Parameter mending: whether what is there, and what it has in common with other trees, may be damaged: then it is another
    ///   directory in any case.
    /// - Throws: ``ChantalError`` `missing` if the store lacks a file of the state itself.
    func makeTree(
        _ text: Text, of repository: String = "public", after past: PublishedPast = PublishedPast(),
        mending: Bool = false
    ) throws -> MadeTree {
        do {
            return try make(text, of: repository, after: past, mending: mending)
        } catch let error as ChantalError where error.code == .missing {
            return try make(available(text, of: repository), of: repository, after: past, mending: mending)
        }
    }

    private func make(
        _ text: Text, of repository: String, after past: PublishedPast, mending: Bool
    ) throws -> MadeTree {
        var name = text.id.hex
        var number = 0
        func next() {
            number += 1
            name = "\(text.id.hex).\(number)"
        }
        while let there = try links.tree(name) {
            if mending {
                next()
                continue
            }
            if name == past.tree?.name { return MadeTree(name: name, newest: past.newest) }
            guard let newest = past.newest else { return MadeTree(name: name, newest: nil) }
            let candidate = PublishedTree(directory: there, pointers: text.lines.entries.filter { $0.role == .pointer })
            if try candidate.canFollow(past.tree?.content, newest: newest) {
                return MadeTree(name: name, newest: try candidate.latest().map { max($0, newest) } ?? newest)
            }
            next()
        }
        let work = try store.makeTemporaryDirectory("tree")
        let times = PointerTimes(now: Clock.now(), newest: past.newest)
        let shared =
            text.lines.entries.count < largeTree
            ? nil : try SharedDirectories(in: store.publicDirectory, mending: mending)
        let builder = TreeBuilder(blobs: store.blobs, previous: past.tree?.content, times: times, shared: shared)
        let outcome = try builder.build(text.lines.entries, into: work.directory)
        if outcome.copies > 0 { notice(repository, outcome.description) }
        let newest = [past.newest, outcome.newest].compactMap(\.self).max()
        if let newest { try work.directory.setModified(".", seconds: newest.seconds) }
        // Another process may have made the same tree meanwhile: then this one goes with its directory.
        let isOurs = try work.move(to: store.publicDirectory.makeDirectories(PublicLinks.trees), as: name)
        return MadeTree(name: name, newest: isOurs ? newest : nil)
    }
}
