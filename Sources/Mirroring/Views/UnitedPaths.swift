import Basics

/// Where the packages of several repositories lie in one tree.
///
/// Each keeps its path. Where another file of other bytes has it already, it moves below the name of its member: what is published is
/// never overwritten.
public struct UnitedPaths {
    private var files: [RepositoryPath: Digest] = [:]
    private var directories: Set<RepositoryPath> = []
    private let reserved: Set<RepositoryPath>

    /// - Parameter reserved: directories and files that metadata is written to.
    public init(reserved: some Sequence<RepositoryPath>) {
        self.reserved = Set(reserved)
        for path in self.reserved { addDirectories(of: path) }
    }

    /// Finds room for files that stay together: a package's, or those of a source package.
    ///
    /// - Parameter member: whose files they are.
    /// - Returns: the directory that all of them move below; nil if they keep their paths. Asked again for the same files, the same.
    public mutating func place(
        _ files: [(path: RepositoryPath, digest: Digest)], of member: String
    ) throws -> RepositoryPath? {
        if take(files, below: nil) { return nil }
        var attempt = 1
        while true {
            let directory = try RepositoryPath(attempt == 1 ? member : "\(member)-\(attempt)")
            if take(files, below: directory) { return directory }
            attempt += 1
        }
    }

    private mutating func take(
        _ files: [(path: RepositoryPath, digest: Digest)], below directory: RepositoryPath?
    ) -> Bool {
        let moved = directory.map { directory in files.map { ($0.path.under(directory), $0.digest) } } ?? files
        guard moved.allSatisfy({ hasRoom(for: $0.0, $0.1) }) else { return false }
        for (path, digest) in moved where self.files.updateValue(digest, forKey: path) == nil {
            addDirectories(of: path)
        }
        return true
    }

    private func hasRoom(for path: RepositoryPath, _ digest: Digest) -> Bool {
        if let there = files[path] { return there == digest }
        return !directories.contains(path) && !reserved.contains(path) && !isBelowAFile(path)
    }

    private func isBelowAFile(_ path: RepositoryPath) -> Bool {
        var parent = path.directory
        while let directory = parent {
            if reserved.contains(directory) || files[directory] != nil { return true }
            parent = directory.directory
        }
        return false
    }

    private mutating func addDirectories(of path: RepositoryPath) {
        var parent = path.directory
        while let directory = parent, directories.insert(directory).inserted { parent = directory.directory }
    }
}
