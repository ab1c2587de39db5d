import Basics
import Hashing
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
        let filter = PackageFilter(section)
        let allowsWeakHashes = section.value(ArchiveSettings.allowWeakHashes)
        let selection = try StanzaSelection(
            session: session, filter: filter, suites: suites.map { $0.selectable(session) },
            allowsWeakHashes: allowsWeakHashes)
        let kept = KeptStanzas(
            selection, of: suites, allowsWeakHashes: allowsWeakHashes, reserved: metadataPaths)
        var plan = SyncPlan(
            roots: suites.flatMap(\.roots.roots), files: kept.files.files, packages: kept.files.packages,
            verified: section.value(CommonSettings.verify), nextChangeAt: selection.nextChangeAt,
            facts: [kept.fact] + absenceFacts,
            isRegenerated: true, defects: kept.files.defects,
            compose: { [self] in Composition(try compose(kept.stanzas, leftOut: $0.leftOut)) })
        plan.warnings = selection.warnings
        plan.notes = filter.notes
        Resigning(section, session).apply(to: &plan)
        for suite in suites { plan.note(suite) }
        return plan
    }

    /// What upstream lacks for now makes another state once it is there.
    private var absenceFacts: [Digest] {
        let absent = suites.flatMap { suite in suite.absent.map(suite.name) }
        return absent.isEmpty ? [] : [sha256(of: Array(absent.joined(separator: "\n").utf8))]
    }

    /// Names that no package may take.
    private var metadataPaths: [RepositoryPath] {
        suites.flatMap { SuiteComposer.paths($0.suite, indices: $0.indexes.map(\.index.plain)) }
            + SuiteComposer.keyPaths
    }

    private func compose(_ kept: [[[KeptStanza]]], leftOut: Set<RepositoryPath>) throws -> [ManifestEntry] {
        let composer = try SuiteComposer(session: session, section: section)
        return try composer.compose(
            zip(suites, kept).map { suite, stanzas in
                FilteredSuite(session: session, section: section, suite: suite, kept: stanzas, leftOut: leftOut)
                    .draft()
            })
    }
}
