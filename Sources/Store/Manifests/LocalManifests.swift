import Basics
import Compression
import FileSystem
import Hashing

/// Manifests as files `manifests/sha256/ab/abcdef…`, or `….zst` where that is smaller. The digest is that of the text.
struct LocalManifests: Sendable {
    private static let compressed: StaticString = ".zst"
    /// No manifest is larger: a file that claims to be is a bomb. 64 GiB would be 500 million files.
    private static let largest: Int64 = 64 << 30

    private let directory: Directory
    private let temporary: Directory

    init(root: Directory, temporary: Directory) throws {
        directory = try root.directory("manifests/sha256")
        self.temporary = temporary
    }

    private func name(of digest: Digest) throws -> (name: [UInt8], format: CompressionFormat)? {
        let compressed = BlobNames.path(digest, suffix: LocalManifests.compressed)
        if try directory.status(compressed) != nil { return (compressed, .zstd) }
        let plain = BlobNames.path(digest)
        return try directory.status(plain) == nil ? nil : (plain, .none)
    }

    func contains(_ digest: Digest) throws -> Bool { try name(of: digest) != nil }

    /// Writes a manifest; when this returns its bytes are on the disk, and ``makeDurable(_:)`` does the same for its name.
    func put(_ manifest: Manifest) throws {
        if try contains(manifest.id) { return }
        let folder = BlobNames.folder(manifest.id)
        try directory.makeDirectory(folder)
        // Half of a long text are digests in hex: it always shrinks.
        var format = CompressionFormat.zstd
        if manifest.textSize < 1 << 16 {
            var size = 0
            try LocalManifests.render(manifest, .zstd) { size += $0.count }
            if size >= manifest.textSize { format = .none }
        }
        let name =
            format == .none
            ? BlobNames.path(manifest.id) : BlobNames.path(manifest.id, suffix: LocalManifests.compressed)
        try File.writeAtomically(directory, name, mode: 0o444, temporary: temporary) {
            try LocalManifests.render(manifest, format, $0)
        }
    }

    /// Writes a manifest, also in the place of a damaged one.
    func restore(_ manifest: Manifest) throws {
        do {
            try forEachLine(manifest.id) { _ in }
            return
        } catch let error as ChantalError where error.code == .store {
            // Nobody could read it, and the good one comes in its place at once.
            _ = try remove(manifest.id)
        }
        try put(manifest)
    }

    private static func render(
        _ manifest: Manifest, _ format: CompressionFormat, _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        if format == .none { return try manifest.write(output) }
        let compressor = try Compressor(format, level: 1)
        try manifest.write { try compressor.write($0, output) }
        try compressor.finish(output)
    }

    /// Waits until a manifest, name and bytes, is on the disk: whoever put it may have died before it was.
    func makeDurable(_ digest: Digest) throws {
        guard let name = try name(of: digest)?.name else { throw missing(digest) }
        try directory.open(name).synchronize()
        try directory.directory(BlobNames.folder(digest)).synchronize()
        try directory.synchronize()
    }

    private func missing(_ digest: Digest) -> ChantalError {
        ChantalError(.store, "the store has no manifest \(digest)", hint: "`chantal verify` shows what else is damaged")
    }

    /// Gives every line. Only when this returns it is certain that they were those of the digest.
    /// - Throws: ``ChantalError`` `store` if the manifest is missing or damaged.
    func forEachLine(
        _ digest: Digest, where isWanted: ((Role, UnsafeRawBufferPointer) -> Bool)? = nil,
        _ body: (ManifestLine) throws -> Void
    ) throws {
        var parser = ManifestParser(where: isWanted)
        try read(digest) { chunk in
            try parser.feed(chunk) { line in
                do { try body(line) } catch { throw Outer(error: error) }
            }
        } end: {
            try parser.finish()
        }
    }

    /// Gives the text in pieces. Only when this returns it is certain that they were those of the digest.
    func readText(_ digest: Digest, _ output: (UnsafeRawBufferPointer) throws -> Void) throws {
        try read(digest) { chunk in
            do { try output(chunk) } catch { throw Outer(error: error) }
        } end: {
        }
    }

    /// An error of the caller's own closure, told from one of the reading.
    private struct Outer: Error { let error: any Error }

    /// Gives the text in pieces, and checks it against its digest at the end.
    private func read(
        _ digest: Digest, _ output: (UnsafeRawBufferPointer) throws -> Void, end: () throws -> Void
    ) throws {
        guard let (name, format) = try name(of: digest) else { throw missing(digest) }
        var hasher = SHA256Hasher()
        do {
            let file = try directory.open(name)
            let decompressor = try Decompressor(format, limit: LocalManifests.largest, maxRatio: nil)
            func take(_ text: UnsafeRawBufferPointer) throws {
                hasher.update(text)
                try output(text)
            }
            try file.forEachChunk { try decompressor.write($0, take) }
            try decompressor.finish(take)
            try end()
        } catch let error as Outer {
            throw error.error
        } catch let error as ChantalError where error.code == .malformed || error.code == .tooLarge {
            throw damaged(digest, error)
        }
        let actual = hasher.finish()
        if actual != digest { throw damaged(digest, ChantalError(.mismatch, "its text has the SHA-256 \(actual)")) }
    }

    private func damaged(_ digest: Digest, _ cause: ChantalError) -> ChantalError {
        ChantalError(
            .store, "the manifest \(digest) is damaged", hint: "`chantal verify` shows what else is damaged",
            path: "manifests/sha256/\(digest)", cause: cause)
    }

    func manifest(_ digest: Digest) throws -> Manifest {
        var entries: [ManifestEntry] = []
        var size = 0
        var parser = ManifestParser()
        try read(digest) { chunk in
            size += chunk.count
            try parser.feed(chunk) { entries.append($0.entry) }
        } end: {
            try parser.finish()
        }
        return Manifest(checked: entries, id: digest, textSize: size)
    }

    func forEach(_ body: (Digest) throws -> Void) throws {
        for folder in try directory.entries() where folder.bytes.count == 2 {
            for entry in try directory.directory(folder.bytes).entries() {
                let digest = entry.bytes.withUnsafeBytes { name in
                    name.count < Digest.hexCount ? nil : BlobNames.digest(name.slice(0..<Digest.hexCount))
                }
                let rest = entry.bytes.dropFirst(Digest.hexCount)
                if let digest, rest.isEmpty || rest.elementsEqual(".zst".utf8) { try body(digest) }
            }
        }
    }

    /// - Returns: the size of the file, nil if there was none.
    func remove(_ digest: Digest) throws -> Int64? {
        guard let name = try name(of: digest)?.name, let status = try directory.status(name) else { return nil }
        return try directory.unlink(name) ? status.size : nil
    }
}
