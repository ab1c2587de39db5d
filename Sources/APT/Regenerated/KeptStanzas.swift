import Basics
import Hashing
import Mirroring

/// A stanza that a filtered repository keeps.
struct KeptStanza {
    /// Its number in its index, from 1.
    let number: Int
    /// Where its files are published.
    let paths: [RepositoryPath]
}

/// What a filtered mirror keeps of the suites of its upstream, and the files that belong to it.
struct KeptStanzas {
    /// For each suite and index the stanzas that are kept, in the order of the index.
    private(set) var stanzas: [[[KeptStanza]]]
    private(set) var files: PackageFiles

    /// - Parameter reserved: names that no package may take.
    init(
        _ selection: StanzaSelection, of suites: [MirroredSuite], allowsWeakHashes: Bool,
        reserved: some Sequence<RepositoryPath>
    ) {
        stanzas = suites.map { Array(repeating: [], count: $0.indexes.count) }
        files = PackageFiles(allowsWeakHashes: allowsWeakHashes, reserved: reserved)
        for defect in selection.defects { files.addDefect(defect.error, path: defect.path) }
        for candidate in selection.candidates {
            let place = candidate.place
            let suite = suites[Int(place.suite)]
            let paths = candidate.files.map { PublishedLayout.path($0.path) }
            do {
                try files.add(
                    candidate.files, paths: paths, name: "package '\(candidate.name)'",
                    index: suite.name(suite.indexes[Int(place.index)].index))
                stanzas[Int(place.suite)][Int(place.index)].append(
                    KeptStanza(number: Int(place.number), paths: paths))
            } catch {
                files.addDefect(ChantalError.wrap(error), path: paths[0])
            }
        }
    }

    /// What was decided: files alone do not tell in which suite a stanza is kept.
    var fact: Digest {
        var hasher = SHA256Hasher()
        for (suite, indexes) in stanzas.enumerated() {
            for (index, stanzas) in indexes.enumerated() {
                var numbers: [Int] = [suite, index]
                numbers += stanzas.map(\.number)
                numbers.map { UInt64($0).littleEndian }.withUnsafeBytes { hasher.update($0) }
            }
        }
        return hasher.finish()
    }
}

extension MirroredSuite {
    /// Its indices as a filter selects from them.
    func selectable(_ session: SyncSession) -> SelectableSuite {
        SelectableSuite(
            isReserved: release.notAutomatic,
            indices: indexes.map { index in
                let file = name(index.index)
                return StanzaSource(kind: index.index.kind, architecture: index.index.architecture, file: file) {
                    try index.stanzas(session, file: file, $0)
                }
            })
    }
}

extension FetchedIndex {
    /// Its stanzas, from the form that is cheapest to decode; none if upstream has no form.
    func stanzas(_ session: SyncSession, file: String, _ body: (Stanza) throws -> Void) throws {
        guard let cheapest = forms.first else { return }
        try IndexReader.stanzas(
            of: session.open(cheapest.file.digest), cheapest.form.format, plainSize: index.plainSize, file: file, body)
    }
}

/// Where a repository that chantal writes has its packages.
enum PublishedLayout {
    /// As upstream has them, but never below `dists/`.
    static func path(_ upstream: RepositoryPath) -> RepositoryPath {
        guard upstream.hasPrefix("dists/") else { return upstream }
        return RepositoryPath(trusted: Array("pool/".utf8) + upstream.bytes.dropFirst(6))
    }
}
