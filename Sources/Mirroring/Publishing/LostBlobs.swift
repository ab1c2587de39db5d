import Basics
import FileSystem
import Store

/// Blobs that the text of a tree names and that the store does not have, or not whole.
///
/// What some tree still has is taken from there. Retained files are a courtesy, and given up with a notice. For want of a file of the
/// state itself no tree is made, except in the place of one that is no better (``replaceTree(_:)``).
extension Publisher {
    /// The lines whose blobs cannot be had: they are not there or of another size, and no tree has their bytes.
    func lost(of lines: some Sequence<ManifestEntry>) throws -> [ManifestEntry] {
        let lacking = try lines.filter { try store.blobs.size(of: $0.digest) != $0.size }
        if lacking.isEmpty { return [] }
        let found = try recover(Set(lacking.map(\.digest)))
        return lacking.filter { !found.contains($0.digest) }
    }

    /// Tells the user that files of earlier states are not kept for clients.
    func giveUp(_ lines: [ManifestEntry], of repository: String) {
        guard let first = lines.first else { return }
        let others = lines.count > 1 ? " and \(lines.count - 1) more" : ""
        notice(
            repository,
            "the store has no blob of '\(first.path)'\(others), of an earlier state: clients that may still ask for it do not get it"
        )
    }

    /// The text as far as it can be had, after a tree of it could not be made.
    /// - Throws: ``ChantalError`` `missing` where it is a file of the state itself that is lost.
    func available(_ text: Text, of repository: String) throws -> Text {
        let lost = try self.lost(of: text.lines.entries)
        if lost.isEmpty { return text }
        if let own = lost.first(where: { $0.role != .retained }) {
            throw ChantalError(
                .missing, "the store has no blob \(own.digest) of '\(own.path)'",
                hint: "`chantal verify --repair` fetches what is missing again, and so does a sync",
                path: own.path.description)
        }
        giveUp(lost, of: repository)
        let lines = try text.lines.without(lost)
        return Text(id: try records.put(lines), lines: lines, retaining: text.retaining, lost: text.lost)
    }

    // MARK: Bytes that a tree still has

    /// Gives blobs their names again from good files in trees: trees are hard links, and pointers copies. Every byte is hashed first.
    /// - Parameter unreadable: texts that are known to be damaged.
    /// - Returns: those that are whole now.
    func recover(_ wanted: Set<Digest>, except unreadable: Set<Digest> = []) throws -> Set<Digest> {
        guard !wanted.isEmpty, let trees = try links.trees() else { return [] }
        let session = try store.blobs.beginSession(name: "recovery")
        defer { withExtendedLifetime(session) {} }
        try session.protect(wanted)
        var found: Set<Digest> = []
        for name in try trees.names() where found.count < wanted.count {
            guard let text = Digest(treeName: name), !unreadable.contains(text), try records.hasManifest(text),
                let tree = try links.tree(name)
            else { continue }
            for line in try lines(of: text, naming: wanted) ?? [] where !found.contains(line.digest) {
                guard let digest = try take(line, from: tree, session) else { continue }
                if wanted.contains(digest) { found.insert(digest) } else { try session.discard([digest]) }
            }
        }
        try adopt(found, session)
        return found
    }

    /// The lines of a text that name some of these blobs; nil if it is damaged, which is a defect of its own.
    func lines(of text: Digest, naming wanted: Set<Digest>) throws -> [ManifestEntry]? {
        var result: [ManifestEntry] = []
        do {
            try records.forEachLine(of: text) { if wanted.contains($0.digest) { result.append($0.entry) } }
        } catch let error as ChantalError where error.code == .store { return nil }
        return result
    }

    /// - Returns: the digest of what came in; nil if the tree does not have the file, or it is the bad blob itself.
    private func take(_ line: ManifestEntry, from tree: Directory, _ session: any StagingSession) throws -> Digest? {
        do {
            guard let status = try tree.status(line.path), status.kind == .file, status.size == line.size,
                try store.blobs.status(of: line.digest)?.isSameFile(as: status) != true
            else { return nil }
            return try session.take(file: line.path, of: tree, linking: line.role != .pointer, algorithms: []).digest
        } catch let error as ChantalError where error.code == .notFound || error.code == .io {
            return nil  // a gc has removed the tree meanwhile, or the disk does not give the file
        }
    }

    /// Gives what waits in a session its names. Only now that good bytes wait do bad blobs lose theirs.
    func adopt(_ digests: Set<Digest>, _ session: any StagingSession) throws {
        for digest in digests where try store.blobs.size(of: digest) != nil { try store.blobs.quarantine(digest) }
        try session.promote()
        try session.end()
    }
}

extension Manifest {
    /// A manifest with some of the lines less.
    func without(_ lines: [ManifestEntry]) throws -> Manifest {
        let paths = Set(lines.map(\.path))
        return try Manifest(entries.filter { !paths.contains($0.path) })
    }
}
