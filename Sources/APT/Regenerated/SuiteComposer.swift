import Basics
import Mirroring
import OpenPGP

/// Writes the metadata of a suite, whatever its packages come from: the indices in all forms, by name and by hash, and the Release
/// files.
struct SuiteComposer {
    let session: SyncSession
    /// Nil leaves the metadata unsigned.
    let signer: Signer?

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
        var entries = try suites.flatMap { try compose($0) }
        guard let signer else { return entries }
        for (path, armored) in [(SuiteComposer.armoredKey, true), (SuiteComposer.binaryKey, false)] {
            entries.append(ManifestEntry(path, try session.put(signer.publicKey(armored: armored)), role: .pointer))
        }
        return entries
    }

    /// - Returns: the entries of all files written: indices, those by hash, Release files.
    private func compose(_ draft: SuiteDraft) throws -> [ManifestEntry] {
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
        return entries + (try releaseFiles(draft, written))
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
        let text = release(draft.release, written)
        var entries = [ManifestEntry(draft.suite.release, try session.put(text), role: .pointer)]
        guard let signer else { return entries }
        entries.append(
            ManifestEntry(draft.suite.inRelease, try session.put(signer.clearsign(text)), role: .pointer))
        entries.append(ManifestEntry(draft.suite.signature, try session.put(signer.detached(text)), role: .pointer))
        return entries
    }

    private func release(_ draft: ReleaseDraft, _ written: [WrittenFile]) -> [UInt8] {
        var text = ReleaseText()
        text.set("Origin", draft.origin)
        text.set("Label", draft.label)
        text.set("Suite", draft.suite)
        text.set("Version", draft.version)
        text.set("Codename", draft.codename)
        text.set("Changelogs", draft.changelogs)
        text.set("Date", session.now.rfc2822())
        if let seconds = draft.validFor { text.set("Valid-Until", (session.now + seconds).rfc2822()) }
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
