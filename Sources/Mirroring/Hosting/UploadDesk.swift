import Basics
import FileSystem
import Store

/// Takes the files of a user in: copies each into the stage, hashing, so that whatever becomes of the file later, what was looked at is what
/// is published.
struct UploadDesk {
    let engine: Engine
    let session: SyncSession

    /// - Throws: ``ChantalError`` naming the path, if it is no regular file that can be read.
    func take(_ path: String) throws -> Upload {
        try session.checkCancellation()
        let real = try File.realPath(path)
        guard let slash = real.utf8.lastIndex(of: UInt8(ascii: "/")), real.utf8.count > 1 else {
            throw notAFile(path, "a directory")
        }
        let directory = try Directory(path: slash == real.startIndex ? "/" : String(real[..<slash]))
        let name = String(real[real.index(after: slash)...])
        guard let status = try directory.status(name) else {
            throw ChantalError(.notFound, "there is no file '\(path)'", path: path)
        }
        switch status.kind {
        case .file: break
        case .directory: throw notAFile(path, "a directory")
        default: throw notAFile(path, "no regular file")
        }
        try engine.requireSpace(for: status.size, of: "adding '\(path)'")
        let blob = try session.staging.take(
            file: name, of: directory, linking: false, algorithms: Upload.algorithms)
        if session.lacking.contains(blob.digest) {
            session.broughtBack.insert(blob.digest)
        } else {
            // Whatever is not in the generation in the end is not kept.
            session.roots.pass(blob.digest)
        }
        return Upload(
            name: UploadDesk.lastPart(path) ?? name, path: path,
            stored: StoredFile(digest: blob.digest, size: blob.size),
            checksums: [Checksum(blob.digest)] + blob.digests.others)
    }

    /// A file beside another, by its name alone.
    func take(_ name: String, beside upload: Upload) throws -> Upload {
        let path = try RepositoryPath(name)
        guard path.bytes.elementsEqual(name.utf8), !path.bytes.contains(UInt8(ascii: "/")) else {
            throw ChantalError(.unsafePath, "'\(path)' is no name of a file beside it", path: upload.path)
        }
        guard let slash = upload.path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return try take(name) }
        return try take(String(upload.path[...slash]) + name)
    }

    /// A link's own name tells what it is, not its target's.
    private static func lastPart(_ path: String) -> String? {
        path.utf8.split(separator: UInt8(ascii: "/")).last.flatMap { String($0) }
    }

    private func notAFile(_ path: String, _ what: String) -> ChantalError {
        ChantalError(.usage, "'\(path)' is \(what)", hint: "name files: chantal add REPO *.deb", path: path)
    }
}
