import Basics
import Mirroring
import OpenPGP

/// Plans a filtered repository: all metadata is written anew and signed with the user's key.
struct RegeneratedPlan {
    let session: SyncSession
    let section: RepositorySection
    let suites: [MirroredSuite]

    /// The public key lies at the repository's root, armored and binary.
    private static let armoredKey = RepositoryPath(trusted: Array("chantal-key.asc".utf8))
    private static let binaryKey = RepositoryPath(trusted: Array("chantal-key.gpg".utf8))

    /// Indices that are read to be written anew; what else upstream lists tells of packages that are not kept.
    static func wants(_ kind: IndexKind) -> Bool {
        if case .translation = kind { return true }
        return kind.holdsPackages
    }

    func plan() throws -> SyncPlan {
        let selection = try StanzaSelection(session: session, section: section, suites: suites, reserved: metadataPaths)
        let resignAt = section.value(ArchiveSettings.validFor).map { session.now + $0 / 2 }
        let plannedAt = session.previous?.notes["resign-at"].flatMap(Timestamp.init(rfc3339:))
        let isDue = resignAt != nil && (plannedAt.map { $0 <= session.now } ?? true)
        // If nothing else changes, the signature that is in force still ends when it ends.
        let nextSignature = isDue ? resignAt : [resignAt, plannedAt].compactMap { $0 }.min()
        var plan = SyncPlan(
            roots: suites.flatMap(\.roots.roots), files: selection.files.files, packages: selection.files.packages,
            verified: section.value(CommonSettings.verify),
            nextChangeAt: [resignAt == nil ? nil : nextSignature, selection.nextChangeAt].compactMap { $0 }.min(),
            facts: [selection.fact],
            isRegenerated: true, defects: selection.files.defects,
            compose: { [self] in Composition(try compose(selection.kept, leftOut: $0.leftOut)) })
        plan.forcesGeneration = isDue
        if let resignAt { plan.notes["resign-at"] = resignAt.rfc3339 }
        for suite in suites { plan.note(suite.roots) }
        return plan
    }

    /// Names that no package may take.
    private var metadataPaths: [RepositoryPath] {
        suites.flatMap { suite in
            [suite.suite.release, suite.suite.inRelease, suite.suite.signature]
                + suite.indexes.flatMap { IndexWriter.paths(suite.suite.path($0.index.plain)) }
        } + [RegeneratedPlan.armoredKey, RegeneratedPlan.binaryKey]
    }

    private func compose(_ kept: [[[KeptStanza]]], leftOut: Set<RepositoryPath>) throws -> [ManifestEntry] {
        let signer = section.signing == nil ? nil : try session.signer()
        var entries: [ManifestEntry] = []
        for (suite, stanzas) in zip(suites, kept) {
            let composer = SuiteComposer(
                session: session, section: section, suite: suite, kept: stanzas, signer: signer, leftOut: leftOut)
            entries += try composer.compose()
        }
        guard let signer else { return entries }
        for (path, armored) in [(RegeneratedPlan.armoredKey, true), (RegeneratedPlan.binaryKey, false)] {
            let file = try session.put(signer.publicKey(armored: armored))
            entries.append(ManifestEntry(path: path, digest: file.digest, size: file.size, role: .pointer))
        }
        return entries
    }
}
