import Basics
import FileSystem

/// The names under `public/`: relative symbolic links to directories under `public/.trees`, switched by one rename(2).
struct PublicLinks {
    static let trees = ".trees"
    let root: Directory

    /// The tree that a name leads to, nil if there is no such link.
    func target(of name: String) throws -> String? {
        guard let link = try root.readLink(name), let slash = link.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            return nil
        }
        return String(link[link.utf8.index(after: slash)...])
    }

    /// Lets a name lead to a tree from now on.
    func point(_ name: String, to tree: String) throws {
        if try target(of: name) == tree { return }
        let segments = name.split(separator: "/")
        let up = String(repeating: "../", count: segments.count - 1)
        let directory =
            try segments.count == 1 ? root : root.makeDirectories(segments.dropLast().joined(separator: "/"))
        let temporary = ".\(File.uniqueName("link"))"
        try directory.symlink(temporary, to: "\(up)\(PublicLinks.trees)/\(tree)")
        try directory.rename(temporary, to: directory, as: String(segments.last!))
    }

    /// Removes a name, and the directories above it that are empty then.
    func remove(_ name: String) throws {
        try root.unlink(name)
        var segments = name.split(separator: "/").dropLast()
        while !segments.isEmpty {
            guard try root.removeDirectory(segments.joined(separator: "/")) else { return }
            segments.removeLast()
        }
    }

    func hasTree(_ tree: String) throws -> Bool {
        try root.status("\(PublicLinks.trees)/\(tree)")?.kind == .directory
    }

    /// A tree's directory, nil if there is none.
    func tree(_ tree: String) throws -> Directory? {
        try hasTree(tree) ? root.directory("\(PublicLinks.trees)/\(tree)") : nil
    }

    /// The directory of all trees, nil if there is none yet.
    func trees() throws -> Directory? {
        try root.status(PublicLinks.trees) == nil ? nil : root.directory(PublicLinks.trees)
    }

    /// The directory that a symbolic link of a tree stands for, nil if the entry is something else, or it is not there.
    func shared(_ entry: DirectoryEntry, of directory: Directory) throws -> Directory? {
        guard entry.kind == .link || entry.kind == .other,
            let name = try directory.readLink(entry.bytes).flatMap(SharedName.init(link:))
        else { return nil }
        let all = try root.directory(SharedDirectories.folder)
        return try all.status(name)?.kind == .directory ? all.directory(name) : nil
    }

    /// Every link below `public/`, by name.
    func all() throws -> [(name: String, tree: String)] {
        var result: [(String, String)] = []
        func visit(_ directory: Directory, _ prefix: String) throws {
            for entry in try directory.entries() where !entry.name.hasPrefix(".") {
                if entry.kind == .directory {
                    try visit(directory.directory(entry.name), prefix + entry.name + "/")
                } else if let tree = try target(of: prefix + entry.name) {
                    result.append((prefix + entry.name, tree))
                }
            }
        }
        try visit(root, "")
        return result
    }
}
