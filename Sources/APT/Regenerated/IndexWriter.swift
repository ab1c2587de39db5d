import Basics
import Compression
import Hashing
import Mirroring

/// A metadata file that chantal wrote, as a Release file lists it.
struct WrittenFile {
    /// Relative to the Release file.
    let path: RepositoryPath
    let file: StoredFile
    let sha512: Checksum
}

/// Writes an index in all its forms at once, as a stream: plain, gzip and xz.
final class IndexWriter {
    /// A fast preset: that of xz's default takes ten times as long, for a tenth less.
    static let xzLevel = 1

    private final class Form {
        let format: CompressionFormat
        let compressor: Compressor
        let blob: any BlobWriter
        let hasher = ChecksumHasher(.sha512)

        init(_ format: CompressionFormat, _ blob: any BlobWriter) throws {
            self.format = format
            self.blob = blob
            compressor = try Compressor(format, level: format == .xz ? IndexWriter.xzLevel : nil)
        }

        func take(_ bytes: UnsafeRawBufferPointer) throws {
            hasher.update(bytes)
            try blob.write(bytes)
        }
    }

    private let path: RepositoryPath
    private let forms: [Form]
    private var isFinished = false

    /// - Parameter path: the plain form's, relative to the Release file.
    init(_ path: RepositoryPath, session: SyncSession) throws {
        self.path = path
        forms = try [.none, .gzip, .xz].map { try Form($0, try session.newBlob()) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        for form in forms { try form.compressor.write(bytes) { try form.take($0) } }
    }

    func finish() throws -> [WrittenFile] {
        try forms.map { form in
            try form.compressor.finish { try form.take($0) }
            let blob = try form.blob.finish()
            let path = form.format == .none ? path : path.appending(".\(form.format.fileExtension)")
            return WrittenFile(
                path: path, file: StoredFile(digest: blob.digest, size: blob.size), sha512: form.hasher.finish())
        }
    }

    /// Gives up what is unfinished.
    func abandon() throws {
        for form in forms { try form.blob.abandon(keepPartial: false) }
    }

    static func paths(_ plain: RepositoryPath) -> [RepositoryPath] {
        [plain, plain.appending(".gz"), plain.appending(".xz")]
    }
}
