import Basics
import FileSystem
import Hashing

extension LocalStagingSession {
    /// Without what a writer needs for bytes that arrive in pieces from elsewhere. The kernel writes small files best when it comes to it.
    func stage(_ bytes: [UInt8], as digest: Digest) throws {
        let draft = try newDraft()
        let file = try draftDirectory.create(draft)
        do {
            try bytes.withUnsafeBytes { try file.write($0) }
            try file.setMode(0o444)
            if syncsEachFile { try file.synchronize() } else if bytes.count > 64 << 10 { file.startWriteback() }
            try file.close()
            try take(draft, of: draftDirectory, as: digest, size: Int64(bytes.count))
        } catch {
            try draftDirectory.unlink(draft)
            throw error
        }
    }

    func take(
        file name: some FileName, of directory: Directory, linking: Bool, algorithms: Set<ChecksumAlgorithm>
    ) throws -> StagedBlob {
        let draft = try newDraft()
        do {
            try bring(name, of: directory, linking: linking, as: draft)
            let file = try draftDirectory.open(draft)
            let hasher = MultiHasher(algorithms)
            var size: Int64 = 0
            try file.forEachChunk {
                hasher.update($0)
                size += Int64($0.count)
            }
            let digests = hasher.finish()
            try file.setMode(0o444)
            if syncsEachFile { try file.synchronize() }
            try take(draft, of: draftDirectory, as: digests.sha256, size: size)
            return StagedBlob(digest: digests.sha256, size: size, digests: digests)
        } catch {
            try draftDirectory.unlink(draft)
            throw error
        }
    }

    private func bring(_ name: some FileName, of directory: Directory, linking: Bool, as draft: String) throws {
        // A file of another user's could still be changed by that user.
        if linking, try directory.status(name)?.owner == Machine.user,
            try directory.link(name, to: draftDirectory, as: draft) == 0
        {
            return
        }
        let source = try directory.open(name)
        let target = try draftDirectory.create(draft)
        try target.copy(from: source)
        try target.close()
    }
}
