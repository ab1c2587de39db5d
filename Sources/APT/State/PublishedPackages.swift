import Basics
import Mirroring

extension APTEcosystem {
    public static func packages(in state: StateReader, _ emit: (PackageRow) throws -> Void) throws {
        let indexes = PublishedSuites(state).indexes()
        var counts: [String: Int] = [:]
        for index in indexes { counts[index.group, default: 0] += 1 }
        // Packages for all architectures stand in the index of each: within a group they are told once.
        var told: [String: Set<RepositoryPath>] = [:]
        for index in indexes {
            let isShared = (counts[index.group] ?? 0) > 1
            func isNew(_ path: RepositoryPath) -> Bool {
                isShared ? told[index.group, default: []].insert(path).inserted : true
            }
            let file = index.path.description
            try IndexReader.stanzas(of: state.open(index.digest), index.format, plainSize: nil, file: file) { stanza in
                let row =
                    index.kind == .sources
                    ? sourceRow(SourcesStanza(stanza, file: file), index, state)
                    : binaryRow(PackagesStanza(stanza, file: file), index, state)
                guard let row, isNew(row.file.path) else { return }
                try emit(row.row)
            }
        }
    }

    private typealias Row = (row: PackageRow, file: PackageFile)

    /// Nil for a stanza that the sync has refused as well.
    private static func binaryRow(_ package: PackagesStanza, _ index: PublishedSuites.Index, _ state: StateReader)
        -> Row?
    {
        do {
            let file = try package.packageFile(allowWeak: true)
            return (
                row(
                    name: try package.name.text, version: try package.version.text,
                    architecture: package.architecture?.text ?? "", summary: package.summary?.text ?? "", file, index,
                    state),
                file
            )
        } catch { return nil }
    }

    /// A source package is told by its .dsc.
    private static func sourceRow(_ source: SourcesStanza, _ index: PublishedSuites.Index, _ state: StateReader) -> Row?
    {
        do {
            let files = try source.packageFiles(allowWeak: true)
            guard let file = files.first(where: { $0.path.bytes.suffix(4).elementsEqual(".dsc".utf8) }) else {
                return nil
            }
            return (
                row(
                    name: try source.name.text, version: try source.version.text, architecture: "source", summary: "",
                    file,
                    index, state), file
            )
        } catch { return nil }
    }

    private static func row(
        name: String, version: String, architecture: String, summary: String, _ file: PackageFile,
        _ index: PublishedSuites.Index, _ state: StateReader
    ) -> PackageRow {
        let sha256 = file.checksums.lazy.compactMap(\.sha256).first
        return PackageRow(
            name: name, version: version, architecture: architecture, group: index.group, summary: summary,
            digest: state.manifest[file.path]?.digest, path: file.path.description, size: file.size,
            alias: sha256 == nil ? file.strongest : nil)
    }

    public static func rollbackWarning(from current: StateReader, to target: StateReader) throws -> String? {
        let (now, then) = (PublishedSuites(current), PublishedSuites(target))
        for directory in now.directories where then.directories.contains(directory) {
            guard let newer = try now.release(in: directory)?.date, let older = try then.release(in: directory)?.date,
                older < newer
            else { continue }
            let name = directory.map { "'\($0)'" } ?? "the repository"
            return
                "the Release of \(name) is of \(older), and clients have seen one of \(newer) at this URL: apt silently keeps the newer one. "
                + "Point clients at the snapshot's own URL, or publish a filtered repository, which is written anew with a fresh Date"
        }
        return nil
    }
}
