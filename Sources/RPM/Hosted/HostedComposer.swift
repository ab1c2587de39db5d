import Basics
import Compression
import Mirroring
import OpenPGP

/// Writes the metadata of a hosted repository: what createrepo writes, from the headers of its packages.
struct HostedComposer {
    let session: SyncSession
    /// Sorted by path; each is in the store.
    let packages: [HostedPackage]
    let format: CompressionFormat
    /// Nil leaves the metadata unsigned.
    let signer: Signer?

    func compose() throws -> [ManifestEntry] {
        var revision: Int64 = 0
        var records: [WrittenRecord] = []
        // Each header is read once, and all three documents are written along.
        func document(
            _ type: String, _ root: String, _ space: String, _ body: @escaping (RecordWriter) throws -> Void
        ) throws {
            let record = try RecordWriter.write(type, name: "\(type).xml", format, session: session) { writer in
                try writer.write(
                    "\(RepositoryComposer.declaration)<\(root) xmlns=\"http://linux.duke.edu/metadata/\(space)\"\(type == "primary" ? " xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\"" : "") packages=\"\(packages.count)\">\n"
                )
                try body(writer)
                try writer.write("</\(root)>\n")
            }
            records.append(record)
        }
        try document("other", "otherdata", "other") { other in
            try document("filelists", "filelists", "filelists") { filelists in
                try document("primary", "metadata", "common") { primary in
                    for package in packages {
                        try session.checkCancellation()
                        let (elements, buildTime) = try elements(of: package)
                        revision = max(revision, buildTime)
                        try primary.write(elements.primary)
                        try filelists.write(elements.filelists)
                        try other.write(elements.other)
                    }
                }
            }
        }
        return try RepositoryComposer.publish(records, revision: revision, signer: signer, session: session)
    }

    private func elements(of package: HostedPackage) throws -> (PackageElements, buildTime: Int64) {
        let header = try PackageHeader.read(session.open(package.file.digest), name: package.path.description)
        let buildTime = Int64(clamping: header.main.number(.buildTime) ?? 0)
        // The same packages give the same metadata, whenever they came.
        let origin = PackageElements.Origin(
            digest: package.file.digest, size: package.file.size, fileTime: Timestamp(seconds: buildTime),
            location: package.path)
        return (try PackageElements(header, origin), buildTime)
    }
}
