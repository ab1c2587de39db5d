import Basics
import Mirroring

/// Plans a filtered repository: all metadata is written anew and signed with the user's key.
struct RegeneratedPlan {
    let session: SyncSession
    let section: RepositorySection
    let suites: [MirroredSuite]

    /// Indices that are read to be written anew; what else upstream lists tells of packages that are not kept.
    static func wants(_ kind: IndexKind) -> Bool {
        if case .translation = kind { return true }
        return kind.holdsPackages
    }

    func plan() throws -> SyncPlan {
        let selection = try StanzaSelection(session: session, section: section, suites: suites, reserved: metadataPaths)
        var plan = SyncPlan(
            roots: suites.flatMap(\.roots.roots), files: selection.files.files, packages: selection.files.packages,
            verified: section.value(CommonSettings.verify), nextChangeAt: selection.nextChangeAt,
            facts: [selection.fact],
            isRegenerated: true, defects: selection.files.defects,
            compose: { [self] in Composition(try compose(selection.kept, leftOut: $0.leftOut)) })
        plan.warnings = selection.warnings
        plan.notes = PackageFilter(section).notes
        Resigning(section, session).apply(to: &plan)
        for suite in suites { plan.note(suite.roots) }
        return plan
    }

    /// Names that no package may take.
    private var metadataPaths: [RepositoryPath] {
        suites.flatMap { SuiteComposer.paths($0.suite, indices: $0.indexes.map(\.index.plain)) }
            + SuiteComposer.keyPaths
    }

    private func compose(_ kept: [[[KeptStanza]]], leftOut: Set<RepositoryPath>) throws -> [ManifestEntry] {
        let composer = SuiteComposer(
            session: session, signer: section.signing == nil ? nil : try session.signer())
        return try composer.compose(
            zip(suites, kept).map { suite, stanzas in
                FilteredSuite(session: session, section: section, suite: suite, kept: stanzas, leftOut: leftOut)
                    .draft()
            })
    }
}
