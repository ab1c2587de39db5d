import Basics
import FileSystem

/// A directory under `tmp/` in which something is made that gets its place when it is complete. Locked, so that nobody
/// takes it for a leftover; gone with this object unless it was moved.
public final class TemporaryDirectory: Sendable {
    public let directory: Directory
    private let parent: Directory
    private let name: String

    init(_ parent: Directory, label: String) throws {
        self.parent = parent
        name = File.uniqueName(label)
        try parent.makeDirectory(name)
        directory = try parent.directory(name)
        _ = try directory.tryLock()
    }

    deinit {
        // What cannot be removed now is removed as a leftover.
        _ = try? parent.removeTree(name)
    }

    /// Gives the directory, with all in it, its place.
    /// - Returns: false if the name is taken; the directory then stays here.
    public func move(to target: Directory, as newName: some FileName) throws -> Bool {
        try parent.renameNoReplace(name, to: target, as: newName)
    }
}

extension StoreDirectory {
    /// Makes a directory under `tmp/`, mode 0755.
    /// - Parameter label: for people.
    public func makeTemporaryDirectory(_ label: String) throws -> TemporaryDirectory {
        try TemporaryDirectory(temporary, label: label)
    }
}
