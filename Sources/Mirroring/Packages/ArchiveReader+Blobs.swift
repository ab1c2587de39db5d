import Archive
import Store

extension ArchiveReader {
    /// Reads a tar or ar archive that is in the store, from the reader's present place.
    public convenience init(
        _ form: StreamedArchive, _ blob: any BlobReader, limits: ArchiveLimits = ArchiveLimits()
    ) throws {
        try self.init(form, limits: limits) { try blob.read(into: $0) }
    }

    /// Reads a zip archive that is in the store. The blob's reader is this archive's alone.
    public convenience init(zip blob: any BlobReader, limits: ArchiveLimits = ArchiveLimits()) throws {
        var place: Int64 = -1
        try self.init(zipOf: blob.size, limits: limits) { buffer, offset in
            if offset != place { try blob.seek(to: offset) }
            let count = try blob.read(into: buffer)
            place = offset + Int64(count)
            return count
        }
    }
}
