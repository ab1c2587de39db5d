import Basics
import Mirroring
import OpenPGP

/// Writes the metadata of a suite, whatever its packages come from: the indices in all forms, by name and by hash, and the Release
/// files.
struct SuiteComposer {
    let session: SyncSession
    /// Nil leaves the metadata unsigned.
    let signer: Signer?
    /// Whether Release files are written and signed anew, whatever they say.
    let renews: Bool

    init(session: SyncSession, section: RepositorySection) throws {
        self.session = session
        signer = section.signing == nil ? nil : try session.signer()
        // What is valid for some time is signed together, so that all of it ends together.
        renews = section.value(ArchiveSettings.validFor) != nil
    }

    /// The public key lies at the repository's root, armored and binary.
    static let armoredKey = RepositoryPath(trusted: Array("chantal-key.asc".utf8))
    static let binaryKey = RepositoryPath(trusted: Array("chantal-key.gpg".utf8))

    /// The paths that a suite takes in the repository, which no package may have.
    static func paths(_ suite: Suite, indices: some Sequence<RepositoryPath>) -> [RepositoryPath] {
        [suite.release, suite.inRelease, suite.signature] + indices.flatMap { IndexWriter.paths(suite.path($0)) }
    }

    /// Those of the key.
    static let keyPaths = [armoredKey, binaryKey]

    /// - Returns: the entries of all files of these suites, and the key that signs.
    func compose(_ suites: [SuiteDraft]) throws -> [ManifestEntry] {
        var keys: [ManifestEntry] = []
        if let signer {
            for (path, armored) in [(SuiteComposer.armoredKey, true), (SuiteComposer.binaryKey, false)] {
                keys.append(ManifestEntry(path, try session.put(signer.publicKey(armored: armored)), role: .pointer))
            }
        }
        let state = renews ? nil : try session.previousState()
        let standing = keys.allSatisfy { state?.manifest[$0.path]?.digest == $0.digest } ? state : nil
        return try suites.flatMap { try compose($0, standing) } + keys
    }

    /// - Parameter state: the one in force, if it is signed by the same key.
    /// - Returns: the entries of all files written: indices, those by hash, Release files.
    private func compose(_ draft: SuiteDraft, _ state: StateReader?) throws -> [ManifestEntry] {
        try draft.release.check(file: draft.suite.release.description)
        var written: [WrittenFile] = []
        for index in draft.indices { written += try write(index) }
        var entries: [ManifestEntry] = []
        for file in written {
            entries.append(ManifestEntry(draft.suite.path(file.path), file.file, role: .pointer))
            for checksum in [Checksum(file.file.digest), file.sha512] {
                let path = draft.suite.path(file.path).byHash(checksum)
                entries.append(ManifestEntry(path, file.file, role: .metadata))
            }
        }
        return try entries + (state.flatMap { try standingFiles(draft, written, $0) } ?? releaseFiles(draft, written))
    }

    /// The Release files in force, if they say all that those to be written would: with another date and another signature the same content would
    /// be another state.
    private func standingFiles(
        _ draft: SuiteDraft, _ written: [WrittenFile], _ state: StateReader
    ) throws -> [ManifestEntry]? {
        let suite = draft.suite
        let paths = signer == nil ? [suite.release] : [suite.release, suite.inRelease, suite.signature]
        let entries = paths.compactMap { state.manifest[$0] }
        guard entries.count == paths.count, try session.holds(entries.map(\.digest)).allSatisfy(\.self) else {
            return nil
        }
        let text = try session.readAll(entries[0].digest, limit: Int(ReleaseFile.sizeLimit))
        guard let date = try ReleaseFile(parsing: text, file: suite.release.description).date,
            release(draft.release, written, date: date) == text
        else { return nil }
        return entries
    }

    private func write(_ index: IndexDraft) throws -> [WrittenFile] {
        try session.checkCancellation()
        let output = try IndexWriter(index.path, session: session)
        do {
            let stanzas = StanzaOutput(output)
            try index.write(stanzas)
            try stanzas.flush()
            return try output.finish()
        } catch {
            try output.abandon()
            throw error
        }
    }

    private func releaseFiles(_ draft: SuiteDraft, _ written: [WrittenFile]) throws -> [ManifestEntry] {
        let text = release(draft.release, written, date: session.now)
        var entries = [ManifestEntry(draft.suite.release, try session.put(text), role: .pointer)]
        guard let signer else { return entries }
        entries.append(
            ManifestEntry(draft.suite.inRelease, try session.put(signer.clearsign(text)), role: .pointer))
        entries.append(ManifestEntry(draft.suite.signature, try session.put(signer.detached(text)), role: .pointer))
        return entries
    }

    private func release(_ draft: ReleaseDraft, _ written: [WrittenFile], date: Timestamp) -> [UInt8] {
        var text = ReleaseText()
        text.set("Origin", draft.origin)
        text.set("Label", draft.label)
        text.set("Suite", draft.suite)
        text.set("Version", draft.version)
        text.set("Codename", draft.codename)
        text.set("Changelogs", draft.changelogs)
        text.set("Date", date.rfc2822())
        if let seconds = draft.validFor { text.set("Valid-Until", (date + seconds).rfc2822()) }
        text.set("Acquire-By-Hash", "yes")
        if draft.notAutomatic { text.set("NotAutomatic", "yes") }
        if draft.butAutomaticUpgrades { text.set("ButAutomaticUpgrades", "yes") }
        if draft.packagesHoldAll { text.set("No-Support-for-Architecture-all", "Packages") }
        text.set("Architectures", draft.architectures?.joined(separator: " "))
        text.set("Components", draft.components?.joined(separator: " "))
        text.set("Description", draft.summary)
        for entry in written {
            text.add(
                .init(path: entry.path, size: entry.file.size, sha256: entry.file.digest, sha512: entry.sha512))
        }
        return text.render()
    }
}
