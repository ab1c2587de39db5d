import Basics
import Mirroring

/// Plans a hosted repository: createrepo's work over the packages that are there, those that come in, and without those that go.
struct HostedPlan {
    let session: SyncSession
    let section: RepositorySection

    func plan(_ revision: Revision) throws -> SyncPlan {
        try revision.refuseDivision(type: section.type)
        var packages = try present()
        try remove(revision.removals, from: &packages)
        for upload in revision.uploads {
            try session.checkCancellation()
            let package = try upload.reading { try HostedPackage(upload, session.open(upload.stored.digest)) }
            try add(package, upload, to: &packages, replaces: revision.replaces)
        }
        packages.sort { $0.path < $1.path }
        let files = packages.map { package in
            PlannedFile(source: package.path, path: package.path, size: package.file.size, sha256: package.file.digest)
        }
        return SyncPlan(
            roots: [], files: files, packages: packages.count, verified: false, isRegenerated: true,
            compose: { [self, packages] _ in
                let composer = HostedComposer(
                    session: session, packages: packages, format: section.value(RPMSettings.compression).format,
                    signer: section.signing == nil ? nil : try session.signer())
                return Composition(try composer.compose())
            })
    }

    /// What the generation in force holds.
    private func present() throws -> [HostedPackage] {
        guard let state = try session.previousState() else { return [] }
        var packages: [HostedPackage] = []
        try RPMEcosystem.packages(in: state) { row in
            guard let digest = row.digest else {
                session.warn("'\(row.path)' is missing, and the package is left out")
                return
            }
            packages.append(
                HostedPackage(
                    name: row.name, evr: EVR(row.version), architecture: row.architecture,
                    path: try RepositoryPath(row.path), file: StoredFile(digest: digest, size: row.size)))
        }
        return packages
    }

    private func remove(_ removals: Removals, from packages: inout [HostedPackage]) throws {
        if removals.isEmpty { return }
        let names = packages.map(\.name)
        packages.removeAll { removals.takes($0.spellings) }
        try removals.requireAllMatched(in: session.repository, names: names, form: HostedPackage.spellingForm)
    }

    private func add(
        _ package: HostedPackage, _ upload: Upload, to packages: inout [HostedPackage], replaces: Bool
    ) throws {
        let nevra = package.nevra
        let others = packages.indices.filter { packages[$0].path == package.path || packages[$0].nevra == nevra }
        // At whatever path it lies, clients see the same package.
        if others.contains(where: { packages[$0].file.digest == package.file.digest }), others.count == 1 { return }
        if let other = others.first, !replaces {
            throw Revision.conflict(packages[other].nevra, package.file.digest, packages[other].file.digest, upload)
        }
        for index in others.reversed() { packages.remove(at: index) }
        packages.append(package)
    }
}
