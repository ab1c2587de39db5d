import Basics
public import Catalog
import Store

extension SyncSession {
    /// Gathers the rows of the next generation while its metadata is read, for ``SyncPlan/rows``.
    ///
    /// A row is given as the state will have it if nothing is missing. Where that cannot be told (a file's SHA-256 is not declared, a
    /// package is refused) ``GenerationDraft/giveUp()`` is called, and the catalog reads the metadata once more.
    public func draftRows() throws -> any GenerationDraft {
        try catalog.draftGeneration(of: repository) { [workDirectory] in
            try SpoolFile(workDirectory("rows"))
        }
    }

    /// A file for what is too large for memory, and needed only while this is: it has no name.
    public func newSpool() throws -> SpoolFile { try SpoolFile(workDirectory("spool")) }
}
