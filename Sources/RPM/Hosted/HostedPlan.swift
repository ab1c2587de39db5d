import Basics
import Mirroring

/// Plans a hosted repository: createrepo's work over the packages that are there, those that come in, and without those that go.
struct HostedPlan {
    let session: SyncSession
    let section: RepositorySection

    func plan(_ revision: Revision) throws -> SyncPlan {
        try revision.refuseDivision(type: section.type)
        let repository = try session.previousState().flatMap { try PublishedRepository($0) }
        var packages = try present(repository)
        try remove(revision.removals, from: &packages)
        // What is new costs no look at all the others.
        var known = Set(packages.lazy.flatMap { [$0.nevra, $0.path.description] })
        for upload in revision.uploads {
            try session.checkCancellation()
            let package = try upload.reading { try HostedPackage(upload, session.open(upload.stored.digest)) }
            if known.isDisjoint(with: [package.nevra, package.path.description]) {
                packages.append(package)
            } else {
                try add(package, upload, to: &packages, replaces: revision.replaces)
            }
            known.formUnion([package.nevra, package.path.description])
        }
        packages.sort(by: HostedPackage.isBefore)
        var published: PublishedRepository?
        if isOwn, HostedPlan.areInOrder(packages) {
            published = repository
        } else {
            for index in packages.indices { packages[index].number = nil }
        }
        let files = packages.map { package in
            PlannedFile(source: package.path, path: package.path, size: package.file.size, sha256: package.file.digest)
        }
        var plan = SyncPlan(
            roots: [], files: files, packages: packages.count, verified: false, isRegenerated: true,
            compose: { [self, packages, published] _ in
                let composer = HostedComposer(
                    session: session, packages: packages, published: published,
                    format: section.value(RPMSettings.compression).format,
                    signer: section.signing == nil ? nil : try session.signer())
                return Composition(try composer.compose())
            })
        plan.notes[HostedPlan.note] = HostedPlan.form
        return plan
    }

    /// Noted in the record of a generation whose metadata is of this form, so that it can be copied.
    private static let note = "hosted-metadata"
    private static let form = "1"

    private var isOwn: Bool { session.previous?.notes[HostedPlan.note] == HostedPlan.form }

    /// Whether those that have a number stand in the order of their numbers.
    private static func areInOrder(_ packages: [HostedPackage]) -> Bool {
        let numbers = packages.compactMap(\.number)
        return zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// What the generation in force holds.
    private func present(_ repository: PublishedRepository?) throws -> [HostedPackage] {
        guard let repository else { return [] }
        var packages: [HostedPackage] = []
        var seen: Set<RepositoryPath> = []
        let reader = PrimaryReader { [session] package in
            let path = try package.location().path
            guard seen.insert(path).inserted else { return }
            guard let entry = repository.state.manifest[path] else {
                session.warn("'\(path)' is missing, and the package is left out")
                return
            }
            packages.append(
                HostedPackage(
                    name: package.text(.name), evr: package.evr, architecture: package.text(.architecture), path: path,
                    file: StoredFile(digest: entry.digest, size: entry.size), buildTime: package.buildTime ?? 0,
                    number: package.number))
        }
        try repository.readPrimary(reader, wantsFormats: false)
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
