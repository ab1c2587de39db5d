import Basics
import Mirroring

/// A suite of a filtered repository, made of upstream's stanzas.
struct FilteredSuite {
    let session: SyncSession
    let section: RepositorySection
    let suite: MirroredSuite
    /// For each index the stanzas that are kept.
    let kept: [[KeptStanza]]
    /// Published paths of files that upstream lacks.
    let leftOut: Set<RepositoryPath>

    func draft() -> SuiteDraft {
        let descriptions = Descriptions()
        var indices: [IndexDraft] = []
        for (index, stanzas) in zip(suite.indexes, kept) where index.index.kind.holdsPackages {
            indices.append(
                IndexDraft(path: index.index.plain) { output in
                    try write(index, stanzas, to: output) {
                        descriptions.note($0, component: index.index.component)
                    }
                })
        }
        for index in suite.indexes {
            guard case .translation = index.index.kind else { continue }
            indices.append(
                IndexDraft(path: index.index.plain) { output in
                    try index.stanzas(session, file: suite.name(index.index)) { stanza in
                        if descriptions.holds(stanza, component: index.index.component) { try output.append(stanza) }
                    }
                })
        }
        return SuiteDraft(suite: suite.suite, release: release, indices: indices)
    }

    private func write(
        _ index: FetchedIndex, _ stanzas: [KeptStanza], to output: StanzaOutput, _ note: (Stanza) -> Void
    ) throws {
        var wanted = stanzas[...]
        let isSource = index.index.kind == .sources
        try index.stanzas(session, file: suite.name(index.index)) { stanza in
            guard let next = wanted.first, next.number == stanza.number else { return }
            wanted.removeFirst()
            if !leftOut.isEmpty, next.paths.contains(where: leftOut.contains) { return }
            note(stanza)
            try output.append(stanza, replacing: try movedField(stanza, isSource: isSource))
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

    // MARK: The Release file

    private var release: ReleaseDraft {
        let upstream = suite.release
        var draft = ReleaseDraft(section, following: upstream)
        if !suite.suite.isFlat || !upstream.architectures.isEmpty { draft.architectures = architectures }
        if !suite.suite.isFlat { draft.components = components }
        return draft
    }

    /// In upstream's order: those that indices are written for, and `all` if the others hold its packages.
    private var architectures: [String] {
        let written = Set(suite.indexes.compactMap(\.index.architecture))
        return suite.release.architectures.filter {
            written.contains($0) || suite.suite.isFlat || ($0 == "all" && suite.release.packagesHoldAll)
        }
    }

    /// As upstream names them: `updates/main` for what lies below `main`.
    private var components: [String] {
        let written = suite.indexes.compactMap(\.index.component)
        let declared = suite.release.components.filter { name in
            written.contains { $0 == name || name.hasSuffix("/\($0)") }
        }
        let other = written.reduce(into: [String]()) { result, name in
            if !result.contains(name), !declared.contains(where: { $0 == name || $0.hasSuffix("/\(name)") }) {
                result.append(name)
            }
        }
        return declared + other
    }
}
