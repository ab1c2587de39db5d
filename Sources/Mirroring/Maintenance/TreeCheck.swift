import Basics
import FileSystem
import Hashing
import Store

/// Compares the trees under `public/` with the texts that they were made from.
extension Verification {
    /// Names that lead elsewhere than their records say, and those whose record is gone. What is merely not there yet is no damage.
    mutating func checkLinks() throws {
        for link in try engine.publisher.wrongLinks() {
            add(
                Defect(
                    .linkDiffers, "'public/\(link.name)' leads to \(link.tree), which is no tree of that state",
                    path: "public/\(link.name)", repository: link.repository))
        }
        for repository in try engine.records.repositories() {
            do {
                guard try engine.publisher.hasLostRecord(of: repository) else { continue }
            } catch let error as ChantalError where error.code == .store { continue }
            add(
                Defect(
                    .recordDamaged, "the record of the publication '\(repository)' is missing",
                    path: "publications/\(repository)", repository: repository))
        }
    }

    /// Mends what ``checkLinks()`` found, each by itself.
    mutating func repairLinks() throws {
        let publisher = engine.publisher
        for link in try publisher.wrongLinks() {
            do { try publisher.mend(link) } catch let error as ChantalError
                where error.code == .store || error.code == .missing
            { continue }
        }
        let wrong = Set(try publisher.wrongLinks().map { "public/\($0.name)" })
        for index in report.defects.indices where !report.defects[index].isRepaired {
            let defect = report.defects[index]
            switch defect.kind {
            case .linkDiffers: report.defects[index].isRepaired = defect.path.map { !wrong.contains($0) } ?? false
            case .recordDamaged:
                guard let repository = defect.repository, defect.path == "publications/\(repository)" else { continue }
                report.defects[index].isRepaired = try restoreOwnRecord(of: repository)
            default: break
            }
        }
    }

    /// - Returns: false if the state that it should serve cannot be had, or what is there is damaged.
    private func restoreOwnRecord(of repository: String) throws -> Bool {
        let lock = try engine.store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        do {
            try engine.publisher.restoreOwnRecord(of: repository)
            return try engine.records.publication(repository) != nil
        } catch let error as ChantalError where [.store, .missing, .exists].contains(error.code) { return false }
    }

    mutating func checkTrees() throws {
        let links = engine.publisher.links
        var checked: Set<String> = []
        for (tree, repository) in try treesToCheck() where checked.insert(tree).inserted {
            try engine.cancellation.check()
            guard let directory = try links.tree(tree) else {
                add(Defect(.treeMissing, "the tree \(tree) is missing", path: tree, repository: repository))
                continue
            }
            guard let text = Digest(treeName: tree), try engine.records.hasManifest(text) else {
                add(
                    Defect(
                        .manifestMissing, "the text of the tree \(tree) is missing", digest: Digest(treeName: tree),
                        path: tree, repository: repository))
                continue
            }
            if unreadable.contains(text) { continue }
            let manifest: Manifest
            do { manifest = try engine.records.manifest(text) } catch let error as ChantalError {
                add(Defect(.manifestDamaged, "\(error)", digest: text, path: tree, repository: repository))
                continue
            }
            if let difference = try self.difference(of: directory, from: manifest) {
                add(Defect(.treeDiffers, "the tree \(tree) differs: \(difference)", path: tree, repository: repository))
            }
        }
    }

    /// Trees that links lead to or publications name, with the repository that they belong to.
    private func treesToCheck() throws -> [(tree: String, repository: String)] {
        var result: [(String, String)] = []
        for publication in publications { result.append((publication.tree, publication.source.repository)) }
        let wrong = Set(try engine.publisher.wrongLinks().map(\.name))
        for (name, tree) in try engine.publisher.links.all() where !wrong.contains(name) {
            let repository = String(name.prefix { $0 != "@" })
            guard let chosen = generations[repository], name.contains("@") else { continue }
            if isPartial, try !chosen.contains(where: { try isLink(name, of: repository, for: $0) }) { continue }
            result.append((tree, repository))
        }
        return result
    }

    /// Whether a link is the one of this generation, or of a snapshot of it.
    private func isLink(_ name: String, of repository: String, for record: GenerationRecord) throws -> Bool {
        do {
            return try engine.publisher.record(of: name, repository)?.number == record.number
        } catch let error as ChantalError where error.code == .store {
            return false  // a record of some other state, damaged
        }
    }

    /// The first difference, in words.
    private func difference(of root: Directory, from text: Manifest) throws -> String? {
        for line in text.entries {
            guard let status = try root.status(line.path) else { return "'\(line.path)' is missing" }
            guard status.kind == .file else { return "'\(line.path)' is no file" }
            guard status.size == line.size else {
                return "'\(line.path)' has \(status.size) bytes instead of \(line.size)"
            }
            if options.isQuick { continue }
            // A hard link to the blob is the blob, which is checked as such; a copy has bytes and a mode of its own.
            if try isBlob(line.digest, status) { continue }
            if status.mode & 0o444 != 0o444 { return "others cannot read '\(line.path)'" }
            var hasher = SHA256Hasher()
            do {
                let file = try root.open(line.path)
                try file.forEachChunk { hasher.update($0) }
            } catch let error as ChantalError where error.code == .io {
                return "'\(line.path)' cannot be read: \(error)"
            }
            if hasher.finish() != line.digest { return "'\(line.path)' has other bytes" }
        }
        var files = 0
        if let closed = try count(root, &files) { return closed }
        return files == text.entries.count ? nil : "it has \(files) files instead of \(text.entries.count)"
    }

    private func isBlob(_ digest: Digest, _ status: FileStatus) throws -> Bool {
        guard status.links > 1, let blob = try engine.store.blobs.status(of: digest) else { return false }
        return blob.isSameFile(as: status)
    }

    /// - Returns: what is wrong with a directory that it has in common with others, in words.
    private func count(_ directory: Directory, _ files: inout Int) throws -> String? {
        for entry in try directory.entries() {
            if entry.kind == .directory {
                if let closed = try count(directory.directory(entry.bytes), &files) { return closed }
            } else if let shared = try engine.publisher.links.shared(entry, of: directory) {
                if try shared.status(".")?.mode != SharedDirectories.whole {
                    return "'\(shared.path)' is not complete, or closed to others"
                }
                if let closed = try count(shared, &files) { return closed }
            } else {
                files += 1
            }
        }
        return nil
    }
}
