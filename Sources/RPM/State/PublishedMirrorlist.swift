import Basics
import Mirroring

extension RPMEcosystem {
    private static let mirrorlist = RepositoryPath(trusted: Array("mirrorlist".utf8))

    /// With `public_url`, a list of one mirror: the URL of this very generation. A client that follows it sees one state from its first
    /// request to its last, repomd.xml and its signature included.
    public static func treeFiles(_ context: TreeContext) throws -> [TreeFile] {
        guard let url = context.publicURL else { return [] }
        return [TreeFile(path: mirrorlist, bytes: Array("\(url)@\(context.generation)/\n".utf8))]
    }
}
