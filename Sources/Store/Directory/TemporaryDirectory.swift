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
        while true {
            let name = File.uniqueName(label)
            guard let directory = try TemporaryDirectory.make(name, in: parent) else { continue }
            (self.name, self.directory) = (name, directory)
            return
        }
    }

    /// Nil if somebody who cleans up took it, not locked yet, for a leftover.
    private static func make(_ name: String, in parent: Directory) throws -> Directory? {
        do {
            try parent.makeDirectory(name)
            let directory = try parent.directory(name)
            guard try directory.tryLock(), let there = try parent.status(name), let own = try directory.status("."),
                own.isSameFile(as: there)
            else { return nil }
            return directory
        } catch let error as ChantalError where error.code == .notFound {
            guard let own = try parent.status("."), own.links > 0 else { throw error }
            return nil
        }
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
