import Basics
import Compression
import FileSystem
import Store

/// Keeps a bundle's manifests, as they came, until all of the bundle is verified.
final class ManifestSpool {
    private let work: Store.TemporaryDirectory
    private var members: [BundleDescription.ManifestMember] = []
    private var file: FileDescriptor?

    init(_ work: Store.TemporaryDirectory) throws { self.work = work }

    /// The next bytes of a member; members come one after the other.
    func append(_ member: BundleDescription.ManifestMember, _ bytes: UnsafeRawBufferPointer) throws {
        if members.last != member {
            try close()
            file = try work.directory.create(member.id.hex)
            members.append(member)
        }
        if file != nil { try file!.write(bytes) }
    }

    func close() throws {
        if let file = file.take() { try file.close() }
    }

    /// Gives the manifests to the record store, protected. No record names them yet.
    func store(in records: any RecordStore, _ session: any StagingSession) throws {
        for member in members {
            try session.protect([member.id])
            if try records.hasManifest(member.id) { continue }
            var text: [UInt8] = []
            let decompressor = try Decompressor(member.isCompressed ? .zstd : .none, limit: nil)
            let file = try work.directory.open(member.id.hex)
            try file.forEachChunk { try decompressor.write($0) { text.append(contentsOf: $0) } }
            try decompressor.finish { text.append(contentsOf: $0) }
            let manifest = try text.withUnsafeBytes { try Manifest(parsing: $0) }
            guard manifest.id == member.id else {
                throw ChantalError(.io, "a file under '\(work.directory.path)' changed while it was needed")
            }
            try records.put(manifest)
        }
    }
}
