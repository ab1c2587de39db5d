import Basics
import FileSystem

/// The locks of a store, files under `locks/`. Each holds until its object goes away; the kernel drops those of a dead process.
public struct StoreLocks: Sendable {
    private let root: Directory

    init(_ root: Directory) { self.root = root }

    func folder(_ name: String) throws -> Directory { try root.makeDirectories("locks/\(name)") }

    func folderIfPresent(_ name: String) throws -> Directory? {
        try root.status("locks/\(name)") == nil ? nil : try root.directory("locks/\(name)")
    }

    private func locks() throws -> Directory { try root.makeDirectories("locks") }

    /// Keeps others from changing a repository.
    /// - Throws: ``ChantalError`` `locked` if another process does.
    public func sync(_ repository: String) throws -> FileLock {
        try StoreNames.checkRepository(repository)
        let directory = try folder("sync")
        guard let lock = try FileLock.tryExclusive(directory, repository) else {
            let note = try directory.readAll(repository, limit: 4096).withUnsafeBytes { $0.trimmed.text }
            throw ChantalError(
                .locked,
                "the repository '\(repository)' is locked by another chantal\(note.isEmpty ? "" : " (\(note))")",
                hint: "wait until it is done; the lock ends with its process")
        }
        try lock.note("process \(Machine.process)\n")
        return lock
    }

    /// Waits for the right to switch publications.
    public func publish() throws -> FileLock { try FileLock.exclusive(try locks(), "publish") }

    /// Waits until no session is between relying on something and looking for it. See ``BlobStore/removeUnlessRelied(_:recheck:)``.
    public func sweepExclusive() throws -> FileLock { try FileLock.exclusive(try locks(), "sweep") }

    /// Waits until no sweep is removing.
    public func sweepShared() throws -> FileLock { try FileLock.shared(try locks(), "sweep") }

    /// Waits for the right to handle what dead sessions left.
    func adoption() throws -> FileLock { try FileLock.exclusive(try locks(), "adopt") }
}
