import Basics
import Mirroring

/// Plans a hosted repository: what it holds already, what comes in, what goes; all metadata is written anew and signed with the user's key.
struct HostedPlan {
    let session: SyncSession
    let section: RepositorySection

    func plan(_ revision: Revision) throws -> SyncPlan {
        let division = HostedDivision(section)
        try division.check(revision)
        var shelf = PackageShelf()
        if let state = try session.previousState() { try shelf.take(state, session: session) }
        try shelf.remove(revision, repository: session.repository)
        let arrivals = HostedArrivals(session: session, division: division, revision: revision)
        for upload in revision.uploads {
            for arrival in try arrivals.read(upload) { try shelf.add(arrival, replaces: revision.replaces) }
        }
        shelf.sort()
        let layout = HostedLayout(division, shelf)
        for warning in layout.warnings { session.warn(warning) }
        return plan(shelf, layout)
    }

    private func plan(_ shelf: PackageShelf, _ layout: HostedLayout) -> SyncPlan {
        let standing = Set(shelf.packages.map { $0.paths[0] })
        let files = shelf.files.sorted { $0.key < $1.key }.map { path, stored in
            PlannedFile(
                source: path, path: path, size: stored.size, sha256: stored.digest, isPackage: standing.contains(path))
        }
        var plan = SyncPlan(
            roots: [], files: files, packages: standing.count, verified: false, facts: [shelf.fact],
            isRegenerated: true,
            compose: { [self] _ in
                let composer = try SuiteComposer(session: session, section: section)
                return Composition(try composer.compose(drafts(shelf, layout)))
            })
        Resigning(section, session).apply(to: &plan)
        return plan
    }

    private func drafts(_ shelf: PackageShelf, _ layout: HostedLayout) throws -> [SuiteDraft] {
        try layout.suites.map { name in
            var release = ReleaseDraft(section)
            release.suite = release.suite ?? name
            release.codename = release.codename ?? name
            release.architectures = layout.architectures + ["all"]
            release.packagesHoldAll = layout.hidesAll
            release.components = layout.components
            let packages = shelf.packages.filter { $0.suite == name }
            let indices = layout.components.flatMap { component in
                layout.indices.map { index in
                    draft(shelf, packages.filter { $0.component == component && index.holds($0) }, component, index)
                }
            }
            return SuiteDraft(suite: try Suite(name), release: release, indices: indices)
        }
    }

    private func draft(
        _ shelf: PackageShelf, _ packages: [HostedPackage], _ component: String, _ index: HostedLayout.Index
    ) -> IndexDraft {
        IndexDraft(path: RepositoryPath(trusted: Array("\(component)/\(index.name)".utf8))) { output in
            let bytes = shelf.bytes
            for package in packages {
                try bytes.withUnsafeBytes { try output.append(written: $0.slice(package.stanza)) }
            }
        }
    }
}
