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
    static let groupTypes = ["group", "group_gz", "group_xz", "group_zst", "group_bz2"]

    func plan() throws -> SyncPlan {
        let source = MetadataSource(files: mirror.files)
        let (comps, modules) = (try source.comps(session), try source.modules(session))
        let filter = try PackageFilter(section, comps: comps, modules: modules)
        let list = source["primary"]?.record.location.path.description ?? "primary"
        let selection = try PackageSelection(
            session: session, sources: [PackageSource(metadata: source, name: list)], filter: filter)
        let planned = PlannedPackages(
            selection.packages(of: 0), in: list,
            reserved: [RepositoryComposer.armoredKey, RepositoryComposer.binaryKey])
        let packages = planned.packages
        return SyncPlan(
            roots: [SyncPlan.Root(path: Repomd.path, digest: mirror.root.digest)], files: planned.files.files,
            packages: packages.count, verified: mirror.verdict.isVerified, expiresAt: mirror.expiresAt,
            nextChangeAt: selection.nextChangeAt, facts: [packages.fact], isRegenerated: true,
            defects: selection.defects + planned.defects, warnings: selection.warnings, notes: filter.notes,
            compose: { [self] contents in
                try compose(packages.filter { contents.stored($0.path) != nil }, contents, comps, modules)
            })
    }

    private func compose(
        _ packages: [SelectedPackage], _ contents: PlanContents, _ comps: Comps?, _ modules: ModuleFile?
    ) throws -> Composition {
        try mirror.noteNewState(session)
        let composer = RepositoryComposer(
            session: session, sources: [MetadataSource(files: mirror.files, packages: packages)],
            stored: contents.stored, format: section.value(RPMSettings.compression).format, comps: comps,
            modules: [modules].compactMap { $0 }, keepsStream: StreamChoice(section).takes,
            signer: section.signing == nil ? nil : try session.signer())
        return Composition(try composer.compose(), packages: packages.count)
    }
}
