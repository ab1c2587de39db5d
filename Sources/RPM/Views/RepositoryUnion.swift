import Basics
import Mirroring

/// Several repositories as one: one set of metadata with the packages of all, groups, advisories and modules united.
///
/// A package is what its name, version and architecture say (NEVRA): where several members have it, the first one's is taken.
struct RepositoryUnion {
    let session: SyncSession
    let section: RepositorySection
    let members: [ViewMember]

    func plan() throws -> SyncPlan {
        var sources = try members.map { try source($0) }
        let comps = Comps.merged(try sources.compactMap { try $0.comps(session) })
        let modules = RepositoryUnion.oneDefaults(try sources.compactMap { try $0.modules(session) })
        let streams = try ModuleSelection(modules) { _, _ in true }
        var packages = UnitedPackages(streams)
        for (index, member) in members.enumerated() {
            sources[index].packages = packages.admit(try read(sources[index], member), of: member)
        }
        let filter = try filter(comps, modules)
        let selection = try filter.map { try select($0, &sources) }
        for (index, member) in members.enumerated() {
            sources[index].packages = try packages.take(sources[index].packages, of: member)
        }
        let names = selection.map { _ in Set(sources.lazy.flatMap(\.packages).map(\.name)) }
        let (united, files) = (sources, packages.files)
        return SyncPlan(
            roots: [], files: [], packages: files.count, verified: false, nextChangeAt: selection?.nextChangeAt,
            facts: selection.map { _ in [sources.lazy.flatMap(\.packages).fact] } ?? [], isRegenerated: true,
            warnings: packages.disputed.warnings { names?.contains($0) ?? true } + (selection?.warnings ?? []),
            notes: filter?.notes ?? [:],
            compose: { [self] _ in try compose(united, files, comps, modules) })
    }

    private func filter(_ comps: Comps?, _ modules: [ModuleFile]) throws -> PackageFilter? {
        if section.filter == nil { return nil }
        let all = modules.isEmpty ? nil : ModuleFile(documents: modules.flatMap(\.documents))
        return try PackageFilter(section, comps: comps, modules: all)
    }

    /// Leaves of what the members give what the filter takes of it.
    private func select(_ filter: PackageFilter, _ sources: inout [MetadataSource]) throws -> PackageSelection {
        let selection = try PackageSelection(
            session: session,
            sources: zip(sources, members).map { source, member in
                PackageSource(
                    metadata: source, name: name(source, member), admitted: Set(source.packages.map(\.number)))
            }, filter: filter)
        for index in sources.indices { sources[index].packages = selection.packages(of: index) }
        return selection
    }

    private func name(_ source: MetadataSource, _ member: ViewMember) -> String {
        "\(source["primary"]?.record.location.path.description ?? "primary") of '\(member.name)'"
    }

    private func source(_ member: ViewMember) throws -> MetadataSource {
        guard let repository = try PublishedRepository(member.state) else {
            throw ChantalError(
                .missing, "'\(member.name)@\(member.record.number)' has no \(Repomd.path)", path: "\(Repomd.path)")
        }
        return MetadataSource(
            files: repository.repomd.records.compactMap { record in
                member.state.manifest[record.location.path].map { entry in
                    MirroredMetadata.File(
                        record: record, file: StoredFile(digest: entry.digest, size: entry.size))
                }
            })
    }

    /// Of each module the defaults of the first member that has any: a default must not change because another repository joins.
    static func oneDefaults(_ files: [ModuleFile]) -> [ModuleFile] {
        var known: Set<String> = []
        return files.map { file in
            let own = Set(file.documents.filter { $0.kind == .defaults }.map(\.module))
            let kept = file.documents.filter { $0.kind != .defaults || !known.contains($0.module) }
            known.formUnion(own)
            return ModuleFile(documents: kept)
        }
    }

    /// The packages of a member that it has.
    private func read(_ source: MetadataSource, _ member: ViewMember) throws -> [UnitedPackages.Candidate] {
        guard let primary = source["primary"] else {
            throw ChantalError(.malformed, "'\(member.name)@\(member.record.number)' has no primary")
        }
        var found: [UnitedPackages.Candidate] = []
        let manifest = member.state.manifest
        let reader = PrimaryReader { package in
            let path = try package.location().path
            // What may be missing upstream is listed, and is not there.
            guard let entry = manifest[path] else { return }
            let evr = package.evr
            found.append(
                UnitedPackages.Candidate(
                    package: SelectedPackage(
                        number: package.number, name: package.text(.name), evr: evr,
                        architecture: package.text(.architecture), checksum: try package.checksum(),
                        size: package.size, buildTime: package.buildTime ?? package.fileTime ?? 0,
                        source: .path(path), path: path, isModular: false),
                    entry: entry))
        }
        let elements = PackageElementReader(session: session, file: primary)
        let document = try PackageDocument(file: name(source, member), handler: reader)
        try elements.read { _, package in try document.writeWithoutFormat(package) }
        try document.finish()
        return found
    }

    private func compose(
        _ sources: [MetadataSource], _ files: [RepositoryPath: ManifestEntry], _ comps: Comps?,
        _ modules: [ModuleFile]
    ) throws -> Composition {
        let composer = RepositoryComposer(
            session: session, sources: sources,
            stored: { files[$0].map { StoredFile(digest: $0.digest, size: $0.size) } },
            format: section.value(RPMSettings.compression).format, comps: comps, modules: modules,
            keepsStream: StreamChoice(section).takes, signer: section.signing == nil ? nil : try session.signer())
        return Composition(try composer.compose() + files.values, packages: files.count)
    }
}

extension RPMEcosystem {
    public func unite(_ members: [ViewMember], _ session: SyncSession) throws -> SyncPlan {
        try RepositoryUnion(session: session, section: section, members: members).plan()
    }
}
