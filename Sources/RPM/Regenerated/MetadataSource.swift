import Basics
import Mirroring

/// A repository's metadata that other metadata is made of.
struct MetadataSource {
    /// What its repomd.xml lists, as far as it is there.
    let files: [MirroredMetadata.File]
    /// Those of its packages that are kept, in the order of its primary.
    var packages: [SelectedPackage] = []

    subscript(type: String) -> MirroredMetadata.File? { files.first { $0.record.type == type } }

    func comps(_ session: SyncSession) throws -> Comps? {
        try document(RegeneratedPlan.groupTypes, limit: Comps.sizeLimit, session).map {
            try Comps($0.bytes, file: $0.file)
        }
    }

    func modules(_ session: SyncSession) throws -> ModuleFile? {
        try document(["modules"], limit: ModuleFile.sizeLimit, session).map { try ModuleFile($0.bytes, file: $0.file) }
    }

    /// The open bytes of the first of these records that there is.
    private func document(_ types: [String], limit: Int, _ session: SyncSession) throws -> (
        bytes: [UInt8], file: String
    )? {
        guard let file = types.lazy.compactMap({ self[$0] }).first else { return nil }
        let name = file.record.location.path.description
        var bytes: [UInt8] = []
        try RecordReader.read(file.record, of: session.open(file.file.digest)) { chunk in
            guard bytes.count + chunk.count <= limit else {
                throw ChantalError(
                    .tooLarge, "'\(name)' is larger than \(ByteCount.text(Int64(limit)))", path: name)
            }
            bytes.append(contentsOf: chunk)
        }
        return (bytes, name)
    }
}
