import Basics
import Store

extension SyncSession {
    /// The generation in force as a state to read, or an earlier one where it is damaged; nil if there is none: for metadata that is
    /// written anew in parts.
    public func previousState() throws -> StateReader? {
        guard let basis else { return nil }
        return StateReader(repository: repository, manifest: try records.manifest(basis.manifest)) {
            [staging] in try staging.open($0)
        }
    }

    /// Whether the store has each of these; what it has stays until the sync ends, so that it may be taken over.
    public func holds(_ digests: [Digest]) throws -> [Bool] { try staging.rely(on: digests).map { $0 != nil } }

    /// A file that the configuration names, or that such a file names: requirements.
    /// - Parameter path: absolute.
    public func configurationFile(_ path: String, limit: Int) throws -> [UInt8] {
        try ConfigurationFiles.read(path, limit: limit)
    }
}
