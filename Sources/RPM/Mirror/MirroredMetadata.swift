import Basics
import Mirroring
import OpenPGP

/// A verified repomd.xml and the metadata files that it names, all of one state.
struct MirroredMetadata {
    struct File {
        let record: RepomdRecord
        let file: StoredFile
    }

    let root: StoredFile
    let repomd: Repomd
    /// repomd.xml.asc and repomd.xml.key, as far as upstream has them.
    let companions: [(path: RepositoryPath, file: StoredFile)]
    let verdict: Verdict
    let files: [File]

    /// To be called once the packages are there: if upstream has moved on meanwhile, the next sync brings it.
    func noteNewState(_ session: SyncSession) throws {
        guard case .fetched(let file) = try session.root(Repomd.path, limit: Repomd.sizeLimit, again: true) else {
            return
        }
        if file.digest != root.digest {
            session.warn("upstream has changed while it was mirrored; the next sync brings its new state")
        }
    }

    subscript(type: String) -> File? { files.first { $0.record.type == type } }

    /// One good signature is enough, so the one that lasts longest counts; nil if one never ends.
    var expiresAt: Timestamp? {
        var last: Timestamp?
        for signature in verdict.signatures ?? [] {
            guard let end = signature.expiresAt else { return nil }
            last = last.map { max($0, end) } ?? end
        }
        return last
    }
}
