import Basics

/// Writes a plain tar (ustar) whose bytes depend on names, times and contents alone.
public final class TarWriter {
    private let write: (UnsafeRawBufferPointer) throws -> Void
    private var rest: Int64 = 0
    private var padding = 0
    /// What was written so far, in bytes.
    public private(set) var position: Int64 = 0

    /// - Parameter write: takes the bytes in order.
    public init(to write: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.write = write }

    /// How many bytes a member of a size takes, its header included.
    public static func room(for size: Int64) -> Int64 {
        let block = Int64(TarHeader.blockSize)
        return block + (size + block - 1) / block * block
    }

    /// How many bytes the end takes.
    public static let endSize = 2 * Int64(TarHeader.blockSize)

    /// Starts a plain file; exactly `size` bytes have to follow.
    /// - Throws: ``ChantalError`` `internal` if the member before is not complete, or the name has more than 100 bytes.
    public func begin(_ name: String, size: Int64, modified: Timestamp) throws {
        let bytes = Array(name.utf8)
        guard rest == 0, size >= 0, !bytes.isEmpty, bytes.count <= TarHeader.maxName else {
            throw ChantalError(.bug, "the tar member '\(name)' cannot begin here")
        }
        try emit(TarHeader.block(name: bytes, size: size, modified: modified))
        rest = size
        padding = Int(TarWriter.room(for: size) - size) - TarHeader.blockSize
        try pad()
    }

    /// The next bytes of the member.
    public func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard Int64(bytes.count) <= rest else { throw ChantalError(.bug, "a tar member grows beyond its size") }
        if bytes.isEmpty { return }
        try write(bytes)
        position += Int64(bytes.count)
        rest -= Int64(bytes.count)
        try pad()
    }

    /// A whole member.
    public func add(_ name: String, _ bytes: [UInt8], modified: Timestamp) throws {
        try begin(name, size: Int64(bytes.count), modified: modified)
        try bytes.withUnsafeBytes { try append($0) }
    }

    /// Writes the end of the archive: two blocks of zeros.
    public func finish() throws {
        guard rest == 0 else { throw ChantalError(.bug, "a tar member is not complete") }
        try emit([UInt8](repeating: 0, count: Int(TarWriter.endSize)))
    }

    private func pad() throws {
        if rest == 0, padding > 0 { try emit([UInt8](repeating: 0, count: padding)) }
        if rest == 0 { padding = 0 }
    }

    private func emit(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
        position += Int64(bytes.count)
    }
}
