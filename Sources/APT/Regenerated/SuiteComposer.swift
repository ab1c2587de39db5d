import Basics
import Mirroring
import OpenPGP

/// Writes the metadata of one suite of a filtered repository.
struct SuiteComposer {
    let session: SyncSession
    let section: RepositorySection
    let suite: MirroredSuite
    /// For each index the stanzas that are kept.
    let kept: [[KeptStanza]]
    /// Nil leaves the metadata unsigned.
    let signer: Signer?
    /// Published paths of files that upstream lacks.
    let leftOut: Set<RepositoryPath>

    private static let flushSize = 1 << 18

    /// - Returns: the entries of all files written: indices, those by hash, Release files.
    func compose() throws -> [ManifestEntry] {
        var written: [WrittenFile] = []
        // Descriptions go with the packages of their component.
        var descriptions: [String: Set<String>] = [:]
        for (index, stanzas) in zip(suite.indexes, kept) where index.index.kind.holdsPackages {
            written += try write(index, stanzas) { package in
                descriptions[index.index.component ?? "", default: []].formUnion(SuiteComposer.descriptionKeys(package))
            }
        }
        for index in suite.indexes {
            guard case .translation = index.index.kind else { continue }
            written += try writeTranslation(index, descriptions[index.index.component ?? ""] ?? [])
        }
        var entries: [ManifestEntry] = []
        for file in written {
            let path = suite.suite.path(file.path)
            entries.append(ManifestEntry(path, file.file, role: .pointer))
            for checksum in [Checksum(file.file.digest), file.sha512] {
                entries.append(ManifestEntry(path.byHash(checksum), file.file, role: .metadata))
            }
        }
        return entries + (try releaseFiles(written))
    }

    private func write(
        _ index: FetchedIndex, _ stanzas: [KeptStanza], _ note: (Stanza) -> Void
    ) throws -> [WrittenFile] {
        var wanted = stanzas[...]
        let isSource = index.index.kind == .sources
        return try rewrite(index) { stanza, writer in
            guard let next = wanted.first, next.number == stanza.number else { return }
            wanted.removeFirst()
            if !leftOut.isEmpty, next.paths.contains(where: leftOut.contains) { return }
            note(stanza)
            writer.append(stanza, replacing: try movedField(stanza, isSource: isSource))
        }
    }

    /// Filename or Directory, if the files are not where upstream has them.
    private func movedField(_ stanza: Stanza, isSource: Bool) throws -> (name: FieldName, value: RepositoryPath)? {
        let field = isSource ? FieldName.directory : FieldName.filename
        guard let value = stanza[field], value.count >= 2,
            value[0] == UInt8(ascii: "d") || value[0] == UInt8(ascii: ".")
        else { return nil }
        if isSource, value.allSatisfy({ $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/") }) { return nil }
        let path = try RepositoryPath(value)
        let published = PublishedLayout.path(path)
        return published == path ? nil : (field, published)
    }

    /// A description belongs to packages by their name and the MD5 of the text. Packages that hold the text itself need not tell its MD5:
    /// then all descriptions of that name are kept.
    private static func descriptionKeys(_ stanza: Stanza) -> [String] {
        guard let name = stanza[.package]?.text else { return [] }
        return [name, stanza[.descriptionMD5].map { "\(name) \($0.text)" } ?? anyDescription(of: name)]
    }

    private static func anyDescription(of name: String) -> String { name + " *" }

    private func writeTranslation(_ index: FetchedIndex, _ descriptions: Set<String>) throws -> [WrittenFile] {
        try rewrite(index) { stanza, writer in
            guard let name = stanza[.package]?.text else { return }
            let key = stanza[.descriptionMD5].map { "\(name) \($0.text)" } ?? name
            guard descriptions.contains(key) || descriptions.contains(SuiteComposer.anyDescription(of: name)) else {
                return
            }
            writer.append(stanza)
        }
    }

    private func rewrite(
        _ index: FetchedIndex, _ body: (Stanza, inout StanzaWriter) throws -> Void
    ) throws -> [WrittenFile] {
        try session.checkCancellation()
        let output = try IndexWriter(index.index.plain, session: session)
        do {
            var writer = StanzaWriter()
            try index.stanzas(session, file: suite.name(index.index)) { stanza in
                try body(stanza, &writer)
                if writer.bytes.count >= SuiteComposer.flushSize { try writer.drain { try output.write($0) } }
            }
            try writer.drain { try output.write($0) }
            return try output.finish()
        } catch {
            try output.abandon()
            throw error
        }
    }

    private func releaseFiles(_ written: [WrittenFile]) throws -> [ManifestEntry] {
        let text = try release(written)
        var entries: [ManifestEntry] = []
        func add(_ path: RepositoryPath, _ bytes: [UInt8]) throws {
            let file = try session.put(bytes)
            entries.append(ManifestEntry(path: path, digest: file.digest, size: file.size, role: .pointer))
        }
        try add(suite.suite.release, text)
        guard let signer else { return entries }
        try add(suite.suite.inRelease, try signer.clearsign(text))
        try add(suite.suite.signature, try signer.detached(text))
        return entries
    }

    private func release(_ written: [WrittenFile]) throws -> [UInt8] {
        let upstream = suite.release
        let file = suite.roots.files[0].path.description
        var text = ReleaseText()
        text.set("Origin", section.value(ArchiveSettings.origin) ?? upstream.origin)
        text.set("Label", section.value(ArchiveSettings.label) ?? upstream.label)
        text.set("Suite", section.value(ArchiveSettings.suite) ?? upstream.suite)
        text.set("Version", upstream.version)
        text.set("Codename", section.value(ArchiveSettings.codename) ?? upstream.codename)
        text.set("Changelogs", upstream.changelogs)
        text.set("Date", session.now.rfc2822())
        if let seconds = section.value(ArchiveSettings.validFor) {
            text.set("Valid-Until", (session.now + seconds).rfc2822())
        }
        text.set("Acquire-By-Hash", "yes")
        if upstream.notAutomatic { text.set("NotAutomatic", "yes") }
        if upstream.butAutomaticUpgrades { text.set("ButAutomaticUpgrades", "yes") }
        if upstream.packagesHoldAll { text.set("No-Support-for-Architecture-all", "Packages") }
        if !suite.suite.isFlat || !upstream.architectures.isEmpty {
            text.set("Architectures", try architectures(file: file).joined(separator: " "))
        }
        if !suite.suite.isFlat { text.set("Components", try components(file: file).joined(separator: " ")) }
        text.set("Description", upstream.summary)
        for entry in written {
            text.add(
                .init(path: entry.path, size: entry.file.size, sha256: entry.file.digest, sha512: entry.sha512))
        }
        return text.render()
    }

    /// In upstream's order: those that indices are written for, and `all` if the others hold its packages.
    private func architectures(file: String) throws -> [String] {
        let written = Set(suite.indexes.compactMap(\.index.architecture))
        let result = suite.release.architectures.filter {
            written.contains($0) || suite.suite.isFlat || ($0 == "all" && suite.release.packagesHoldAll)
        }
        for architecture in result { try ArchiveToken.check(architecture: architecture, file: file) }
        return result
    }

    /// As upstream names them: `updates/main` for what lies below `main`.
    private func components(file: String) throws -> [String] {
        let written = suite.indexes.compactMap(\.index.component)
        let declared = suite.release.components.filter { name in
            written.contains { $0 == name || name.hasSuffix("/\($0)") }
        }
        let other = written.reduce(into: [String]()) { result, name in
            if !result.contains(name), !declared.contains(where: { $0 == name || $0.hasSuffix("/\(name)") }) {
                result.append(name)
            }
        }
        for component in declared + other { try ArchiveToken.check(component: component, file: file) }
        return declared + other
    }
}
