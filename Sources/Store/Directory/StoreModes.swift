import Basics
import FileSystem
import Glibc

/// A file or directory of a store that has not the permissions which it was given.
public struct WrongMode: Sendable, Hashable {
    /// Relative to the store.
    public let path: String
    public let mode: UInt32
    public let expected: UInt32
}

extension StoreDirectory {
    /// Blobs and manifests that are not 0444, directories of them and of trees that are not 0755: web servers run as other users.
    ///
    /// A directory that trees have in common says by its mode whether it is complete, so its own is not looked at here.
    public func wrongModes() throws -> [WrongMode] {
        var result: [WrongMode] = []
        var seen: Set<UInt64> = []
        func visit(_ entry: [UInt8], of parent: Directory, _ path: String) throws {
            guard let status = try parent.status(entry) else { return }
            let expected: UInt32
            switch status.kind {
            case .directory: expected = 0o755
            case .file: expected = 0o444
            default: return
            }
            let isShared = path.hasPrefix("public/.shared/") && path.utf8.count { $0 == UInt8(ascii: "/") } == 3
            // A tree's files are blobs, or are looked at with what they hold; whatever else lies there has no mode of ours.
            let isOther = status.kind == .file ? path.hasPrefix("public/") : isShared
            let isWrong = status.mode != expected && !isOther
            if isWrong, seen.insert(status.inode).inserted {
                result.append(WrongMode(path: path, mode: status.mode, expected: expected))
            }
            guard status.kind == .directory else { return }
            do {
                let directory = try parent.directory(entry)
                for inner in try directory.entries() { try visit(inner.bytes, of: directory, "\(path)/\(inner.name)") }
            } catch let error as ChantalError where error.code == .notFound || (isWrong && error.code == .permission) {
                return  // removed meanwhile, or closed by its mode
            }
        }
        func checkOnly(_ path: String) throws {
            guard let status = try root.status(path), status.kind == .directory, status.mode != 0o755 else { return }
            result.append(WrongMode(path: path, mode: status.mode, expected: 0o755))
        }
        for folder in ["blobs", "manifests", "public"] { try checkOnly(folder) }
        for folder in ["blobs/sha256", "manifests/sha256", "public/.trees", "public/.shared"] {
            try visit(Array(folder.utf8), of: root, folder)
        }
        return result
    }

    /// Gives it the permissions that it should have. chmod(2).
    /// - Returns: false if it is gone.
    @discardableResult
    public func mend(_ wrong: WrongMode) throws -> Bool {
        let place = "\(path == "/" ? "" : path)/\(wrong.path)"
        if chmod(place, wrong.expected) == 0 { return true }
        if errno == ENOENT { return false }
        throw ChantalError.system(errno, "set the mode of", path: place)
    }
}
