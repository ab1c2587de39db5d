import Basics
public import Catalog
import FileSystem
import Store

/// Bytes in a file without a name.
public final class SpoolFile: RowSpool {
    private let file: FileDescriptor

    /// - Parameter work: goes at once, the file with its descriptor.
    init(_ work: Store.TemporaryDirectory) throws {
        file = try work.directory.create("spool")
        try work.directory.unlink("spool")
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws { try file.write(bytes) }

    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
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
