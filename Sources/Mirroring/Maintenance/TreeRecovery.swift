import Basics
import FileSystem
import Store

/// Blobs that are damaged or gone, and whose bytes a tree under `public/` still has: trees are hard links, and pointers copies.
extension Verification {
    /// Gives blobs their names again from good files in trees; every byte is hashed first.
    /// - Returns: those that are whole now.
    func takeFromTrees(_ wanted: Set<Digest>) throws -> Set<Digest> {
        guard !wanted.isEmpty, let trees = try engine.publisher.links.trees() else { return [] }
        let session = try engine.store.blobs.beginSession(name: "verify")
        defer { withExtendedLifetime(session) {} }
        try session.protect(wanted)
        var found: Set<Digest> = []
        for name in try trees.names() {
            guard let text = Digest(treeName: name), !unreadable.contains(text), try engine.records.hasManifest(text)
            else { continue }
            let tree = try trees.directory(name)
            let lines: [ManifestEntry]
            do { lines = try self.lines(of: text, naming: wanted) } catch let error as ChantalError
                where error.code == .store
            { continue }  // a defect of its own
            for line in lines where !found.contains(line.digest) {
                try engine.cancellation.check()
                guard let digest = try take(line, from: tree, session) else { continue }
                if wanted.contains(digest) { found.insert(digest) } else { try session.discard([digest]) }
            }
        }
        try adopt(found, session)
        return found
    }

    func lines(of text: Digest, naming wanted: Set<Digest>) throws -> [ManifestEntry] {
        var result: [ManifestEntry] = []
        try engine.records.forEachLine(of: text) { if wanted.contains($0.digest) { result.append($0.entry) } }
        return result
    }

    /// - Returns: the digest of what came in; nil if the tree does not have the file, or it is the bad blob itself.
    private func take(_ line: ManifestEntry, from tree: Directory, _ session: any StagingSession) throws -> Digest? {
        guard let status = try tree.status(line.path), status.kind == .file, status.size == line.size,
            try engine.store.blobs.status(of: line.digest)?.isSameFile(as: status) != true
        else { return nil }
        return try session.take(file: line.path, of: tree, linking: line.role != .pointer, algorithms: []).digest
    }

    /// Gives what waits in a session its names. Only now that good bytes wait do bad blobs lose theirs.
    func adopt(_ digests: Set<Digest>, _ session: any StagingSession) throws {
        for digest in digests where try engine.store.blobs.size(of: digest) != nil {
            try engine.store.blobs.quarantine(digest)
        }
        try session.promote()
        try session.end()
    }
}
