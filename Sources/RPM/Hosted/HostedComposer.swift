import Basics
import Compression
import Mirroring
import OpenPGP

/// Writes the metadata of a hosted repository: what createrepo writes of its packages. Of those that are there already the text in force is
/// copied; of the others it comes from their headers.
final class HostedComposer {
    private let session: SyncSession
    /// In their order; each is in the store.
    private let packages: [HostedPackage]
    /// The documents in force, if the packages' numbers are about them.
    private let published: PublishedRepository?
    private let format: CompressionFormat
    /// Nil leaves the metadata unsigned.
    private let signer: Signer?
    /// What was read of headers is kept for the three documents, up to some amount.
    private var known: [RepositoryPath: PackageElements] = [:]
    private var knownBytes = 0

    private static let mostKnownBytes = 32 << 20

    init(
        session: SyncSession, packages: [HostedPackage], published: PublishedRepository?, format: CompressionFormat,
        signer: Signer?
    ) {
        self.session = session
        self.packages = packages
        self.published = published
        self.format = format
        self.signer = signer
    }

    func compose() throws -> [ManifestEntry] {
        let records = [
            try write("primary", "metadata", "common") { $0.primary },
            try write("filelists", "filelists", "filelists") { $0.filelists },
            try write("other", "otherdata", "other") { $0.other },
        ]
        return try RepositoryComposer.publish(
            records, revision: packages.lazy.map(\.buildTime).max() ?? 0, signer: signer, session: session)
    }

    private func write(
        _ type: String, _ root: String, _ space: String, _ text: (PackageElements) -> [UInt8]
    ) throws -> WrittenRecord {
        try RecordWriter.write(type, name: "\(type).xml", format, session: session) { writer in
            let more = type == "primary" ? " xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\"" : ""
            try writer.write(
                "\(RepositoryComposer.declaration)<\(root) xmlns=\"http://linux.duke.edu/metadata/\(space)\"\(more) packages=\"\(packages.count)\">\n"
            )
            var open = packages[...]
            func writeNew() throws {
                while let package = open.first, package.number == nil {
                    try session.checkCancellation()
                    try writer.write(text(try elements(of: package)))
                    open.removeFirst()
                }
            }
            try forEachPublished(type) { number, element in
                try writeNew()
                guard let package = open.first, package.number == number else { return }
                try writer.write(element)
                try writer.write("\n")
                open.removeFirst()
            }
            try writeNew()
            if let lost = open.first {
                throw ChantalError(
                    .store, "the metadata in force does not hold '\(lost.path)' in its place",
                    hint: "chantal verify tells whether it is damaged", path: lost.path.description)
            }
            try writer.write("</\(root)>\n")
        }
    }

    /// Hands out the text of each package in the document in force, with its number.
    private func forEachPublished(_ type: String, _ body: (Int, UnsafeRawBufferPointer) throws -> Void) throws {
        guard let published else { return }
        var splitter = PackageSplitter(file: type)
        var number = 0
        _ = try published.read(type) { chunk in
            try splitter.write(chunk) { package in
                try body(number, package)
                number += 1
            }
        }
        try splitter.finish()
    }

    private func elements(of package: HostedPackage) throws -> PackageElements {
        if let elements = known[package.path] { return elements }
        let header = try PackageHeader.read(session.open(package.file.digest), name: package.path.description)
        // The same packages give the same metadata, whenever they came.
        let origin = PackageElements.Origin(
            digest: package.file.digest, size: package.file.size, fileTime: Timestamp(seconds: package.buildTime),
            location: package.path)
        let elements = try PackageElements(header, origin)
        let size = elements.primary.count + elements.filelists.count + elements.other.count
        if knownBytes + size <= HostedComposer.mostKnownBytes {
            knownBytes += size
            known[package.path] = elements
        }
        return elements
    }
}
