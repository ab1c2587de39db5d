import Basics
import Mirroring

/// Plans a filtered repository: all metadata is written anew and signed with the user's key.
struct RegeneratedPlan {
    let session: SyncSession
    let section: RepositorySection
    let mirror: MirroredMetadata

    /// What is read to be written anew; what else upstream lists tells of packages that are not kept.
    static func wants(_ record: RepomdRecord) -> Bool {
        if record.isZchunk { return false }
        return ["primary", "filelists", "other", "updateinfo", "modules"].contains(record.type)
            || groupTypes.contains(record.type) || RepositoryComposer.isCarried(record)
    }

    /// comps under the names of its compressions; one of them is read.
    private static let groupTypes = ["group", "group_gz", "group_xz", "group_zst", "group_bz2"]

    func plan() throws -> SyncPlan {
        guard let primary = mirror["primary"] else { throw ChantalError(.bug, "there is no primary") }
        let comps = try document(RegeneratedPlan.groupTypes, limit: Comps.sizeLimit).map {
            try Comps($0.bytes, file: $0.file)
        }
        let modules = try document(["modules"], limit: ModuleFile.sizeLimit).map {
            try ModuleFile($0.bytes, file: $0.file)
        }
        let filter = try PackageFilter(section, comps: comps, modules: modules)
        let selection = try PackageSelection(
            session: session, primary: primary, filter: filter,
            reserved: [RepositoryComposer.armoredKey, RepositoryComposer.binaryKey])
        let packages = selection.packages
        return SyncPlan(
            roots: [SyncPlan.Root(path: Repomd.path, digest: mirror.root.digest)], files: selection.files.files,
            packages: packages.count, verified: mirror.verdict.isVerified, expiresAt: mirror.expiresAt,
            nextChangeAt: selection.nextChangeAt, facts: [selection.fact], isRegenerated: true,
            defects: selection.defects, warnings: selection.warnings,
            compose: { [self] contents in
                try compose(packages.filter { contents.stored($0.path) != nil }, contents, comps, modules)
            })
    }

    private func compose(
        _ packages: [SelectedPackage], _ contents: PlanContents, _ comps: Comps?, _ modules: ModuleFile?
    ) throws -> Composition {
        let composer = RepositoryComposer(
            session: session, mirror: mirror, packages: packages, stored: contents.stored,
            format: section.value(RPMSettings.compression).format, comps: comps, modules: modules,
            streams: StreamChoice(section), signer: section.signing == nil ? nil : try session.signer())
        return Composition(try composer.compose(), packages: packages.count)
    }

    /// The open bytes of the first of these records that upstream has.
    private func document(_ types: [String], limit: Int) throws -> (bytes: [UInt8], file: String)? {
        guard let file = types.lazy.compactMap({ mirror[$0] }).first else { return nil }
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
