import Basics
import Hashing
import Store

/// What a published tree is for; see ``Ecosystem/treeFiles(_:)``.
public struct TreeContext: Sendable {
    /// Where clients read the repository (`public_url`), without a slash at the end; nil if the configuration does not say.
    public let publicURL: String?
    public let repository: String
    /// The generation's number on this machine.
    public let generation: Int

    public init(publicURL: String?, repository: String, generation: Int) {
        self.publicURL = publicURL
        self.repository = repository
        self.generation = generation
    }
}

/// A file of a published tree that is not of its manifest.
public struct TreeFile: Sendable {
    public let path: RepositoryPath
    public let bytes: [UInt8]

    public init(path: RepositoryPath, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

extension [TreeFile] {
    /// What tells two sets of files apart; nil for none.
    var digest: Digest? {
        if isEmpty { return nil }
        var text: [UInt8] = []
        for file in sorted(by: { $0.path < $1.path }) {
            text += file.path.bytes
            text += [UInt8]("\u{0}\(sha256(of: file.bytes))\n".utf8)
        }
        return sha256(of: text)
    }
}

extension Engine {
    /// What the tree of a generation of a configured repository holds beside its manifest.
    func treeFiles(of section: RepositorySection, generation: Int) throws -> [TreeFile] {
        var url = section.value(CommonSettings.publicURL)?.text
        while url?.hasSuffix("/") == true { url?.removeLast() }
        return try ecosystems.type(section.type).treeFiles(
            TreeContext(publicURL: url, repository: section.name, generation: generation))
    }
}

extension StagingSession {
    /// Stages files of a tree, but those whose place the manifest takes.
    func put(_ files: [TreeFile], beside manifest: Manifest) throws -> [ManifestEntry] {
        try files.filter { manifest[$0.path] == nil && !manifest.hasEntries(below: $0.path) }.map { file in
            let stored = try put(file.bytes)
            return ManifestEntry(path: file.path, digest: stored.digest, size: stored.size, role: .pointer)
        }
    }
}
