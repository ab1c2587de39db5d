import Basics
import FileSystem
import Glibc

/// Records as small files, each made under `tmp/` and given its name by one rename(2).
public final class LocalRecordStore: RecordStore {
    /// No record is larger.
    static let largestRecord = 16 << 20

    let root: Directory
    let temporary: Directory
    let locks: StoreLocks
    let manifests: LocalManifests
    private let reliances: Reliances

    init(root: Directory, temporary: Directory, locks: StoreLocks) throws {
        self.root = root
        self.temporary = temporary
        self.locks = locks
        manifests = try LocalManifests(root: root, temporary: temporary)
        reliances = Reliances(locks)
    }

    // MARK: Manifests

    @discardableResult
    public func put(_ manifest: Manifest) throws -> Digest {
        try manifests.put(manifest)
        return manifest.id
    }

    @discardableResult
    public func restore(_ manifest: Manifest) throws -> Digest {
        try manifests.restore(manifest)
        return manifest.id
    }

    public func manifest(_ digest: Digest) throws -> Manifest { try manifests.manifest(digest) }

    public func hasManifest(_ digest: Digest) throws -> Bool { try manifests.contains(digest) }

    public func forEachLine(
        of manifest: Digest, where isWanted: ((Role, UnsafeRawBufferPointer) -> Bool)?,
        _ body: (ManifestLine) throws -> Void
    ) throws {
        try manifests.forEachLine(manifest, where: isWanted, body)
    }

    public func readManifest(_ digest: Digest, _ output: (UnsafeRawBufferPointer) throws -> Void) throws {
        try manifests.readText(digest, output)
    }

    public func forEachManifest(_ body: (Digest) throws -> Void) throws { try manifests.forEach(body) }

    @discardableResult
    public func removeManifest(_ digest: Digest) throws -> Bool { try manifests.remove(digest) != nil }

    public func removeManifestsUnlessRelied(
        _ batch: [Digest], recheck: () throws -> Set<Digest>
    ) throws -> SweepResult {
        try reliances.sweep(batch, recheck: recheck) { try manifests.remove($0) }
    }

    // MARK: Files

    /// Writes a record that names a manifest. No sweep runs meanwhile, so the manifest is there before and after.
    func write(
        _ record: some StoredRecord, naming manifest: Digest, _ folder: String, _ name: String,
        collision: File.Collision
    ) throws {
        let lock = try locks.sweepShared()
        try manifests.makeDurable(manifest)
        try write(record.recordText, folder, name, collision: collision)
        withExtendedLifetime(lock) {}
    }

    /// Writes a file, and sees to it that the directories that lead to it are on the disk as well.
    func write(_ bytes: [UInt8], _ folder: String, _ name: String, collision: File.Collision) throws {
        let directory = try root.makeDirectories(folder)
        var above = folder
        while let slash = above.lastIndex(of: "/") {
            above = String(above[..<slash])
            try root.directory(above).synchronize()
        }
        try File.writeAtomically(directory, name, bytes, temporary: temporary, collision: collision)
    }

    /// Nil if there is no such file.
    func read(_ path: String) throws -> [UInt8]? {
        do {
            return try root.openIfPresent(path)?.readToEnd(limit: LocalRecordStore.largestRecord)
        } catch let error as ChantalError where error.systemNumber == ENOTDIR || error.systemNumber == EISDIR {
            return nil
        }
    }

    /// The directory, nil if there is none.
    func folder(_ path: String) throws -> Directory? {
        try root.status(path)?.kind == .directory ? try root.directory(path) : nil
    }

    /// - Returns: false if there was no such file.
    func remove(_ folder: String, _ name: String) throws -> Bool {
        guard let directory = try self.folder(folder), try directory.unlink(name) else { return false }
        try directory.synchronize()
        return true
    }
}
