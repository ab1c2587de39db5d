import Basics
internal import CArchive
import Glibc

/// Where libarchive reads from: its callbacks, the buffer that they lend, and the first error behind them.
final class ArchiveSource {
    /// Small, because limits on what a decompressor gives are looked at once a piece.
    private static let capacity = 16 << 10

    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ArchiveSource.capacity, alignment: 16)
    private let read: (UnsafeMutableRawBufferPointer, Int64) throws -> Int
    /// Nil for a stream.
    private let size: Int64?
    private var position: Int64 = 0
    /// Looked at before each piece.
    var check: () throws -> Void = {}
    /// What a callback could not throw through C.
    private(set) var failure: (any Error)?

    init(size: Int64?, read: @escaping (UnsafeMutableRawBufferPointer, Int64) throws -> Int) {
        self.size = size
        self.read = read
    }

    deinit { buffer.deallocate() }

    /// Begins to read.
    /// - Returns: libarchive's status.
    func open(_ archive: OpaquePointer) -> Int32 {
        if size != nil { archive_read_set_seek_callback(archive) { ArchiveSource.at($1)?.seek($2, $3) ?? -1 } }
        let skip: (@convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, la_int64_t) -> la_int64_t)? =
            size == nil ? nil : { Int64(ArchiveSource.at($1)?.skip(Int64($2)) ?? 0) }
        return archive_read_open2(
            archive, Unmanaged.passUnretained(self).toOpaque(), nil,
            { ArchiveSource.at($1)?.next($2) ?? -1 }, skip, nil)
    }

    private static func at(_ pointer: UnsafeMutableRawPointer?) -> ArchiveSource? {
        pointer.map { Unmanaged<ArchiveSource>.fromOpaque($0).takeUnretainedValue() }
    }

    private func next(_ place: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
        do {
            try check()
            let count = try read(buffer, position)
            position += Int64(count)
            place?.pointee = UnsafeRawPointer(buffer.baseAddress)
            return count
        } catch {
            if failure == nil { failure = error }
            return -1
        }
    }

    private func skip(_ count: Int64) -> Int64 {
        guard let size, count > 0 else { return 0 }
        let step = min(count, max(0, size - position))
        position += step
        return step
    }

    private func seek(_ offset: Int64, _ origin: Int32) -> Int64 {
        guard let size else { return Int64(ARCHIVE_FATAL) }
        let base =
            switch origin {
            case SEEK_SET: Int64(0)
            case SEEK_CUR: position
            default: size
            }
        let (place, overflow) = base.addingReportingOverflow(offset)
        guard !overflow, place >= 0, place <= size else { return Int64(ARCHIVE_FATAL) }
        position = place
        return place
    }
}
