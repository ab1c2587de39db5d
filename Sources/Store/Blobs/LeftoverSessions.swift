import Basics
import FileSystem
import Hashing

/// What sessions left that ended badly: verified blobs in `tmp/stage/<session>/`.
struct LeftoverSessions {
    /// Identifies this run of the kernel; where there is none, nothing is known to be of this run.
    static let boot: String =
        Machine.bootIdentifier()
        ?? String(
            File.uniqueName("boot").map { $0 == "." ? "-" : $0 })

    private let store: LocalBlobStore

    init(_ store: LocalBlobStore) { self.store = store }

    /// Gives what waits there its names: after a syncfs(2) if it was written since the kernel's start, else only if it still
    /// has the right hash.
    func adopt() throws -> AdoptedBlobs {
        var result = AdoptedBlobs()
        try forEachDead { stages, name, owner in
            let directory = try stages.directory(name)
            let ofThisBoot = name.hasPrefix(LeftoverSessions.boot + ".")
            if ofThisBoot { try directory.synchronizeFilesystem() }
            let names = try StagedNames.read(in: directory)
            for entry in try directory.entries() {
                // Digests as names were given to such files once.
                guard let digest = names[entry.bytes] ?? entry.bytes.withUnsafeBytes(BlobNames.digest),
                    let status = try directory.status(entry.bytes), status.kind == .file,
                    try ofThisBoot || hash(entry.bytes, of: directory) == digest
                else {
                    try directory.removeTree(entry.bytes)
                    continue
                }
                try store.place(entry.bytes, of: directory, as: digest, size: status.size)
                result.count += 1
                result.bytes += status.size
            }
            try directory.synchronizeFilesystem()
            try stages.removeTree(name)
            try owner?.removeFile()
        }
        return result
    }

    /// Nil where the disk no longer gives the bytes.
    private func hash(_ name: [UInt8], of directory: Directory) throws -> Digest? {
        let file = try directory.open(name)
        var hasher = SHA256Hasher()
        do {
            try file.forEachChunk { hasher.update($0) }
        } catch let error as ChantalError where error.code == .io {
            return nil
        }
        return hasher.finish()
    }

    /// The file by which a dead session was known, locked by us.
    struct DeadOwner: ~Copyable {
        fileprivate let folder: Directory
        fileprivate let name: String
        fileprivate let file: FileDescriptor

        func removeFile() throws { try folder.unlink(name) }
    }

    /// Gives each directory whose session is dead, while nobody else looks at them.
    func forEachDead(_ body: (Directory, String, borrowing DeadOwner?) throws -> Void) throws {
        guard try store.temporary.status(LocalStagingSession.folder) != nil else { return }
        let stages = try store.temporary.directory(LocalStagingSession.folder)
        let names = try stages.names()
        if names.isEmpty { return }
        let lock = try store.locks.adoption()
        let folder = try store.locks.folder(Reliances.folder)
        for name in names {
            // The file is made before the directory and removed after it: where there is none, nobody lives.
            var owner: DeadOwner?
            if let file = try folder.openIfPresent(name) {
                guard try file.tryLock() else { continue }
                owner = DeadOwner(folder: folder, name: name, file: file)
            }
            guard try stages.status(name)?.kind == .directory else {
                try stages.unlink(name)
                continue
            }
            try body(stages, name, owner)
        }
        withExtendedLifetime(lock) {}
    }
}
