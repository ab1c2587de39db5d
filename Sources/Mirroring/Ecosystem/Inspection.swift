import Basics
import Store

/// What a package must pass once it is in the store: its own signature.
public struct Inspection: Sendable {
    /// What the verdict depends on beside the bytes: a digest of the keyring and of the rules. One word.
    public var key: String
    /// Throws what is wrong with a file; the engine names it. Called from several threads at once, for each blob once: what was
    /// found good under the same key before is not looked at again.
    public var inspect: @Sendable (_ file: PlannedFile, _ stored: StoredFile, _ reader: any BlobReader) throws -> Void

    public init(
        key: String,
        inspect:
            @escaping @Sendable (_ file: PlannedFile, _ stored: StoredFile, _ reader: any BlobReader) throws -> Void
    ) {
        self.key = key
        self.inspect = inspect
    }
}
