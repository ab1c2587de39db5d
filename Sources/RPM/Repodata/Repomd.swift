import Basics

/// The root of a repository's metadata: repodata/repomd.xml.
///
/// Of every other metadata file it says where it lies and what its bytes are, compressed and open.
struct Repomd: Sendable {
    /// As upstream writes it; often a time.
    var revision = ""
    var records: [RepomdRecord] = []

    static let path = RepositoryPath(trusted: Array("repodata/repomd.xml".utf8))
    static let signaturePath = RepositoryPath(trusted: Array("repodata/repomd.xml.asc".utf8))
    static let keyPath = RepositoryPath(trusted: Array("repodata/repomd.xml.key".utf8))
    /// Bytes; that of a distribution has 4 kB.
    static let sizeLimit: Int64 = 16 << 20
    /// Records; a distribution has 20.
    static let recordLimit = 1000

    subscript(type: String) -> RepomdRecord? { records.first { $0.type == type } }
}

/// One metadata file as repomd.xml lists it.
struct RepomdRecord: Sendable {
    /// `primary`, `filelists`, `other`, `group`, `updateinfo`, `modules`, or any other word.
    var type: String
    var location: Location
    /// Of the file as it lies there.
    var checksum: Checksum
    var size: Int64?
    /// Of what it decompresses to.
    var openChecksum: Checksum?
    var openSize: Int64?
    var timestamp: Int64?

    /// Whether the name changes with the content, as createrepo's unique names do.
    var isNamedByContent: Bool {
        let name = location.path.name
        let hex = Array(checksum.hex.utf8)
        return name.count > hex.count && name.starts(with: hex)
    }
}
