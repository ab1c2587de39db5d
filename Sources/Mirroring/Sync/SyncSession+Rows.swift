import Basics
public import Catalog
import FileSystem
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
}

/// Rows in a file without a name.
private final class SpoolFile: RowSpool {
    private let file: FileDescriptor

    /// - Parameter work: goes at once, the file with its descriptor.
    init(_ work: Store.TemporaryDirectory) throws {
        file = try work.directory.create("rows")
        try work.directory.unlink("rows")
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try file.write(bytes) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        var rest = buffer
        while !rest.isEmpty {
            let count = try file.read(into: rest, at: offset + Int64(buffer.count - rest.count))
            if count == 0 {
                throw ChantalError(.io, "'\(file.path)' is shorter than what was written", path: file.path)
            }
            rest = UnsafeMutableRawBufferPointer(rebasing: rest[count...])
        }
    }
}
