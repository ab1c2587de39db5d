import Basics
import Hashing

extension RepositorySection {
    /// The files that the section refers to and whose content counts: keyrings, requirements; absolute, in order.
    public var referencedFiles: [String] { contentTree.paths }

    /// What decides about content: the effective values (an explicit default is none), without secrets, the network, retention
    /// and whatever else cannot change what a sync selects or writes.
    private var contentTree: SettingTree { values.tree(where: \.affectsContent) }

    /// SHA-256 of what decides about the repository's content: canonical values, the content of every file referred to, and the
    /// fingerprint that signs. The same wherever the configuration lies and however it is formatted.
    /// - Throws: ``ChantalError`` for a file that cannot be read.
    public func digest() throws -> Digest {
        var text = "chantal-config 1\ntype \(type)\n"
        if isRegenerated, let signing { text += "signing-key \(signing.key)\n" }
        for member in members { text += "member \(member)\n" }
        text += try RepositorySection.withContents(contentTree, in: self).json(indent: nil) + "\n"
        return SHA256Hasher.digest(of: Array(text.utf8))
    }

    /// The tree with digests of contents in place of file names, and mappings in the order of their keys.
    private static func withContents(_ tree: SettingTree, in section: RepositorySection) throws -> SettingTree {
        switch tree {
        case .path(let path):
            do {
                return .text("sha256:\(SHA256Hasher.digest(of: try ConfigurationFiles.read(path, limit: 256 << 20)))")
            } catch let error as ChantalError {
                throw error.within("repository \(section.name) refers to \(path)")
            }
        case .list(let items): return .list(try items.map { try withContents($0, in: section) })
        case .mapping(let entries):
            let sorted = entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return .mapping(try sorted.map { SettingTree.Entry($0.key, try withContents($0.value, in: section)) })
        default: return tree
        }
    }
}
