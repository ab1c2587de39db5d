import Basics
internal import CArchive
import Glibc

/// Reads the members of an archive one after the other. What it reads is hostile: names are only handed on, nothing is unpacked.
///
/// Not to be used by two threads at once. After an error the reader is of no more use.
public final class ArchiveReader {
    private let archive: OpaquePointer
    private let source: ArchiveSource
    private let limits: ArchiveLimits
    private var members = 0
    private var delivered: Int64 = 0

    /// Reads from a stream that cannot go back.
    /// - Parameter read: fills the buffer with the next bytes, 0 at the end.
    /// - Throws: ``ChantalError`` `malformed` for bytes that are no such archive.
    public convenience init(
        _ form: StreamedArchive, limits: ArchiveLimits = ArchiveLimits(),
        from read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws {
        try self.init(ArchiveSource(size: nil) { buffer, _ in try read(buffer) }, limits) { archive in
            switch form {
            case .ar: archive_read_support_format_ar(archive)
            case .tar:
                archive_read_support_format_tar(archive)
                archive_read_support_filter_gzip(archive)
                archive_read_support_filter_bzip2(archive)
                archive_read_support_filter_xz(archive)
                archive_read_support_filter_lzma(archive)
                archive_read_support_filter_zstd(archive)
            }
        }
    }

    /// Reads a zip archive by its central directory (APPNOTE 4.3.12), so that what it shows is what other tools show.
    /// - Parameters:
    ///   - size: of the whole archive, in bytes.
    ///   - read: fills the buffer with the bytes from a place on, 0 at the end.
    /// - Throws: ``ChantalError`` `malformed` for bytes that are no zip.
    public convenience init(
        zipOf size: Int64, limits: ArchiveLimits = ArchiveLimits(),
        from read: @escaping (UnsafeMutableRawBufferPointer, _ offset: Int64) throws -> Int
    ) throws {
        try self.init(ArchiveSource(size: size, read: read), limits) { archive_read_support_format_zip_seekable($0) }
    }

    private init(_ source: ArchiveSource, _ limits: ArchiveLimits, _ prepare: (OpaquePointer) -> Void) throws {
        guard let archive = archive_read_new() else { throw ChantalError(.io, "no memory to read an archive") }
        self.archive = archive
        self.source = source
        self.limits = limits
        prepare(archive)
        source.check = {
            if archive_filter_bytes(archive, 0) > limits.bytes { throw ArchiveReader.tooLarge(limits.bytes) }
        }
        try check(source.open(archive))
    }

    deinit { archive_read_free(archive) }

    /// Moves to the next member, past what was not read of the one before; nil at the end.
    /// - Throws: ``ChantalError`` `malformed`, or `too_large` above a limit.
    public func next() throws -> ArchiveMember? {
        var entry: OpaquePointer?
        let status = UTF8Locale.during { archive_read_next_header(archive, &entry) }
        if status == ARCHIVE_EOF { return nil }
        try check(status)
        guard let entry else { throw problem() }
        try source.check()
        members += 1
        if members > limits.members {
            throw ChantalError(.tooLarge, "the archive has more than \(limits.members) members")
        }
        return try member(entry)
    }

    private func member(_ entry: OpaquePointer) throws -> ArchiveMember {
        guard let name = archive_entry_pathname(entry) else {
            throw ChantalError(.malformed, "a member of the archive has no name")
        }
        var kind: ArchiveMember.Kind =
            switch archive_entry_filetype(entry) {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        if archive_entry_hardlink(entry) != nil { kind = .link }
        let size = archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : nil
        return ArchiveMember(
            name: Array(UnsafeRawBufferPointer(start: name, count: strlen(name))), kind: kind, size: size,
            modified: archive_entry_mtime_is_set(entry) != 0
                ? Timestamp(seconds: Int64(archive_entry_mtime(entry))) : nil)
    }

    /// Reads the next bytes of the present member; 0 at its end.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
        if count < 0 { try check(Int32(clamping: count)) }
        // Holes of sparse files cost no input.
        delivered += Int64(max(count, 0))
        if delivered > limits.bytes { throw ArchiveReader.tooLarge(limits.bytes) }
        return max(count, 0)
    }

    /// The rest of the present member.
    /// - Throws: ``ChantalError`` `too_large` above `limit` bytes.
    public func readAll(limit: Int) throws -> [UInt8] {
        var result: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = try read(into: chunk)
            if count == 0 { return result }
            if result.count + count > limit { throw ArchiveReader.tooLarge(Int64(limit)) }
            result.append(contentsOf: chunk[..<count])
        }
    }

    /// Warnings concern what is of no interest here, such as owners and characters of the locale.
    private func check(_ status: Int32) throws {
        if status != ARCHIVE_OK, status != ARCHIVE_WARN { throw problem() }
    }

    private func problem() -> any Error {
        if let failure = source.failure { return failure }
        let reason = archive_error_string(archive).map { String(cString: $0) } ?? "it ends early"
        return ChantalError(
            .malformed, "the archive cannot be read: \(reason)", hint: "the file is damaged, or is no such archive")
    }

    private static func tooLarge(_ limit: Int64) -> ChantalError {
        ChantalError(
            .tooLarge, "the archive holds more than \(ByteCount.text(limit)), which is more than is read of one")
    }
}
