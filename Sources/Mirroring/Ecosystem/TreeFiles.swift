import Basics
import Hashing

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
