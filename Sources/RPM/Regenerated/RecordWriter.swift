import Basics
import Compression
import Hashing
import Mirroring

/// A metadata file that chantal wrote, as its repomd.xml lists it.
struct WrittenRecord {
    let type: String
    let path: RepositoryPath
    let file: StoredFile
    let openChecksum: Digest
    let openSize: Int64
}

/// Writes a metadata file as a stream: compressed, with the hash of its bytes in its name.
final class RecordWriter {
    private let type: String
    private let name: String
    private let compressor: Compressor
    private let blob: any BlobWriter
    private var hasher = SHA256Hasher()
    private var openSize: Int64 = 0

    /// - Parameter name: of the open file: `primary.xml`.
    init(_ type: String, name: String, _ format: CompressionFormat, session: SyncSession) throws {
        self.type = type
        self.name = format == .none ? name : "\(name).\(format.fileExtension)"
        compressor = try Compressor(format, level: format == .xz ? 1 : nil)
        blob = try session.newBlob()
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        hasher.update(bytes)
        openSize += Int64(bytes.count)
        try compressor.write(bytes) { try blob.write($0) }
    }

    func write(_ text: String) throws { try write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    func finish() throws -> WrittenRecord {
        try compressor.finish { try blob.write($0) }
        let staged = try blob.finish()
        let path = RepositoryPath(trusted: Array("repodata/\(staged.digest.hex)-\(name)".utf8))
        return WrittenRecord(
            type: type, path: path, file: StoredFile(digest: staged.digest, size: staged.size),
            openChecksum: hasher.finish(), openSize: openSize)
    }

    /// Runs a body, and gives up what is unfinished if it throws.
    static func write(
        _ type: String, name: String, _ format: CompressionFormat, session: SyncSession,
        _ body: (RecordWriter) throws -> Void
    ) throws -> WrittenRecord {
        let writer = try RecordWriter(type, name: name, format, session: session)
        do {
            try body(writer)
            return try writer.finish()
        } catch {
            try writer.blob.abandon(keepPartial: false)
            throw error
        }
    }
}

/// repomd.xml as chantal writes it: the same records give the same bytes.
enum RepomdText {
    /// - Parameter revision: of the content, in seconds since 1970; dnf and zypper show it as the time of the metadata.
    static func render(_ records: [WrittenRecord], revision: Int64) -> [UInt8] {
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">
              <revision>\(revision)</revision>

            """
        for record in records {
            text += """
                  <data type="\(record.type)">
                    <checksum type="sha256">\(record.file.digest)</checksum>
                    <open-checksum type="sha256">\(record.openChecksum)</open-checksum>
                    <location href="\(record.path)"/>
                    <timestamp>\(revision)</timestamp>
                    <size>\(record.file.size)</size>
                    <open-size>\(record.openSize)</open-size>
                  </data>

                """
        }
        return Array((text + "</repomd>\n").utf8)
    }
}
