import Basics
import FileSystem
import Hashing
import Store

/// What was taken over from another tool's mirror.
public struct TakeoverReport: Sendable {
    public var repository: String
    /// Files that were looked at, and their bytes.
    public var files = 0
    public var bytes: Int64 = 0
    /// Of these, what the store did not have.
    public var newFiles = 0
    public var newBytes: Int64 = 0
    /// What is no regular file, and was left alone.
    public var skipped = 0
}

extension Engine {
    /// Takes the files below a directory into the store by their content alone, so that the first sync of a repository fetches
    /// only what is missing. They stay until a sync of the repository ends well, whatever gc runs before.
    ///
    /// - Parameters:
    ///   - linking: whether files may become names of the store's own blobs; see ``StagingSession/take(file:of:linking:algorithms:)``.
    ///   - progress: gets files and bytes since its last call, and how many there are.
    public func takeOver(
        _ path: String, for repository: String, linking: Bool,
        progress: (_ files: Int, _ bytes: Int64, _ of: (files: Int, bytes: Int64)) -> Void = { _, _, _ in }
    ) throws -> TakeoverReport {
        _ = try configuration.repository(named: repository)
        let lock = try store.locks.sync(repository)
        defer { withExtendedLifetime(lock) {} }
        let root = try Directory(path: path)
        var report = TakeoverReport(repository: repository)
        let files = try TreeWalk(root, cancellation).files(&report.skipped)
        let total = (files: files.count, bytes: files.reduce(Int64(0)) { $0 + $1.size })
        if !linking { try requireSpace(for: total.bytes, of: "taking over '\(path)'") }
        let session = try store.blobs.beginSession(name: repository)
        do {
            var found: [Digest: Int64] = [:]
            var aliases: [(checksum: Checksum, digest: Digest)] = []
            for file in files {
                try cancellation.check()
                let blob = try session.take(file: file.path, of: root, linking: linking, algorithms: [.sha512])
                if found.updateValue(blob.size, forKey: blob.digest) == nil {
                    aliases += blob.digests.others.map { ($0, blob.digest) }
                    if try store.blobs.size(of: blob.digest) == nil {
                        report.newFiles += 1
                        report.newBytes += blob.size
                    }
                }
                progress(1, file.size, total)
            }
            (report.files, report.bytes) = total
            if let earlier = try records.takeover(of: repository) {
                try records.forEachLine(of: earlier.manifest) { found[$0.digest] = $0.size }
            }
            try session.promote()
            try keep(found, for: repository, session)
            try openCatalog().addAliases(aliases, repository: repository)
        } catch {
            // The first error is the one to tell; what was taken so far waits for the next session.
            try? session.end()
            throw error
        }
        try session.end()
        return report
    }

    /// Makes the files roots of gc.
    private func keep(_ files: [Digest: Int64], for repository: String, _ session: any StagingSession) throws {
        if files.isEmpty { return }
        let manifest = try Manifest(
            files.map {
                ManifestEntry(path: try RepositoryPath($0.key.hex), digest: $0.key, size: $0.value, role: .package)
            })
        try session.protect(Array(files.keys))
        try session.protect([manifest.id])
        try records.put(manifest)
        try records.putTakeover(
            TakeoverRecord(repository: repository, manifest: manifest.id, createdAt: Clock.now()))
    }
}

/// The regular files below a directory. Symbolic links are not followed: what they lead to lies elsewhere, or comes by its own name.
private struct TreeWalk {
    /// No tree that is meant is deeper.
    private static let mostLevels = 64

    private let root: Directory
    private let cancellation: Cancellation

    init(_ root: Directory, _ cancellation: Cancellation) {
        self.root = root
        self.cancellation = cancellation
    }

    struct File {
        var path: [UInt8]
        var size: Int64
    }

    func files(_ skipped: inout Int) throws -> [File] {
        var result: [File] = []
        try walk(root, [], 0, &result, &skipped)
        return result
    }

    private func walk(
        _ directory: Directory, _ prefix: [UInt8], _ level: Int, _ result: inout [File], _ skipped: inout Int
    ) throws {
        try cancellation.check()
        guard level < TreeWalk.mostLevels else {
            throw ChantalError(
                .tooLarge, "'\(root.path)' has more than \(TreeWalk.mostLevels) levels of directories",
                path: root.path)
        }
        for entry in try directory.entries() {
            guard let status = try directory.status(entry.bytes) else { continue }
            let path = prefix + entry.bytes
            switch status.kind {
            case .directory:
                try walk(directory.directory(entry.bytes), path + [UInt8(ascii: "/")], level + 1, &result, &skipped)
            case .file where status.size > 0: result.append(File(path: path, size: status.size))
            default: skipped += 1
            }
        }
    }
}
