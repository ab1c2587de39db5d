import Basics
import FileSystem
import Glibc

extension LocalRecordStore {
    private func place(_ repository: String, _ part: String) throws -> String {
        try StoreNames.checkRepository(repository)
        return "repositories/\(repository)/\(part)"
    }

    public func repositories() throws -> [String] {
        try folder("repositories")?.names().filter { StoreNames.isRepository($0) } ?? []
    }

    public func generations(of repository: String) throws -> [Int] {
        let names = try folder(place(repository, "generations"))?.names() ?? []
        return names.compactMap { name in Int(name).flatMap { String($0) == name && $0 > 0 ? $0 : nil } }.sorted()
    }

    public func generation(_ number: Int, of repository: String) throws -> GenerationRecord {
        let path = try place(repository, "generations/\(number)")
        guard let bytes = try read(path) else {
            throw ChantalError(
                .notFound, "the repository '\(repository)' has no generation \(number)",
                hint: "`chantal snapshot list \(repository)` shows what is kept")
        }
        let record = try GenerationRecord(recordText: bytes, path: path)
        if record.number != number {
            throw ChantalError(.store, "the record '\(path)' is that of generation \(record.number)", path: path)
        }
        let other = try place(repository, "incomplete")
        guard let bytes = try read(other) else { return record }
        return try IncompleteRecord(recordText: bytes, path: other).applied(to: record)
    }

    public func putIncomplete(_ incomplete: IncompleteRecord, of repository: String) throws {
        try StoreNames.checkRepository(repository)
        try write(incomplete.recordText, "repositories/\(repository)", "incomplete", collision: .replace)
    }

    public func commit(_ generation: GenerationRecord, to repository: String) throws {
        guard generation.number > 0 else {
            throw ChantalError(.bug, "generation \(generation.number) is no generation")
        }
        let folder = try place(repository, "generations")
        do {
            try write(generation, naming: generation.manifest, folder, "\(generation.number)", collision: .fail)
        } catch let error as ChantalError where error.code == .exists {
            throw error.within("the repository '\(repository)' has a generation \(generation.number) already")
        }
    }

    @discardableResult
    public func deleteGeneration(_ number: Int, of repository: String) throws -> Bool {
        try remove(place(repository, "generations"), "\(number)")
    }

    public func renameRepository(_ old: String, to new: String) throws {
        try StoreNames.checkRepository(old)
        try StoreNames.checkRepository(new)
        let directory = try root.directory("repositories")
        guard try directory.status(old) != nil else { throw ChantalError(.notFound, "there is no repository '\(old)'") }
        guard try directory.renameNoReplace(old, to: directory, as: new) else {
            throw ChantalError(.exists, "there is a repository '\(new)' already")
        }
        try directory.synchronize()
    }

    @discardableResult
    public func deleteRepository(_ name: String) throws -> Bool {
        try StoreNames.checkRepository(name)
        let directory = try root.directory("repositories")
        guard try directory.status(name) != nil else { return false }
        let doomed = File.uniqueName("deleted")
        try directory.rename(name, to: temporary, as: doomed)
        try directory.synchronize()
        return try temporary.removeTree(doomed)
    }

    // MARK: Snapshots

    public func snapshots(of repository: String) throws -> [SnapshotRecord] {
        let names = try folder(place(repository, "snapshots"))?.names() ?? []
        return try names.filter { StoreNames.isSnapshot($0) }.compactMap { try readSnapshot($0, of: repository) }
    }

    private func readSnapshot(_ name: String, of repository: String) throws -> SnapshotRecord? {
        let path = try place(repository, "snapshots/\(name)")
        guard let bytes = try read(path) else { return nil }
        let record = try SnapshotRecord(recordText: bytes, path: path)
        if record.name != name {
            throw ChantalError(.store, "the record '\(path)' is that of snapshot '\(record.name)'", path: path)
        }
        return record
    }

    public func snapshot(_ name: String, of repository: String) throws -> SnapshotRecord {
        guard StoreNames.isSnapshot(name), let record = try readSnapshot(name, of: repository) else {
            throw ChantalError(
                .notFound, "the repository '\(repository)' has no snapshot '\(name)'",
                hint: "`chantal snapshot list \(repository)` shows them")
        }
        return record
    }

    public func createSnapshot(_ snapshot: SnapshotRecord, of repository: String) throws {
        try StoreNames.checkSnapshot(snapshot.name)
        do {
            try write(
                snapshot, naming: snapshot.manifest, try place(repository, "snapshots"), snapshot.name, collision: .fail
            )
        } catch let error as ChantalError where error.code == .exists {
            throw error.within("the repository '\(repository)' has a snapshot '\(snapshot.name)' already")
        }
    }

    @discardableResult
    public func deleteSnapshot(_ name: String, of repository: String) throws -> Bool {
        guard StoreNames.isSnapshot(name) else { return false }
        return try remove(place(repository, "snapshots"), name)
    }

    // MARK: First seen

    public func firstSeen(of repository: String) throws -> FirstSeen? {
        let path = try place(repository, "first-seen")
        guard let file = try root.openIfPresent(path) else { return nil }
        let bytes = try file.readToEnd(limit: 1 << 32)
        do {
            return try bytes.withUnsafeBytes { try FirstSeen(parsing: $0) }
        } catch {
            throw ChantalError(
                .store, "the file '\(path)' is damaged",
                hint: "restore it from a backup, or remove it: what upstream offers then counts as old enough",
                path: path, cause: error)
        }
    }

    public func putFirstSeen(_ firstSeen: FirstSeen, of repository: String) throws {
        try StoreNames.checkRepository(repository)
        try write(firstSeen.text(), "repositories/\(repository)", "first-seen", collision: .replace)
    }
}
