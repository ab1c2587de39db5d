import Basics
import Mirroring

extension APTEcosystem {
    public static func packages(
        in state: StateReader, since previous: () throws -> StateReader?, into rows: any PackageSink
    ) throws {
        for index in PublishedSuites(state).indexes() {
            let file = index.path.description
            let maker = StanzaRows(index, rows)
            try IndexReader.stanzas(of: state.open(index.digest), index.format, plainSize: nil, file: file) { stanza in
                if index.kind == .sources {
                    let source = SourcesStanza(stanza, file: file)
                    guard let files = usable({ try source.packageFiles(allowWeak: true) }),
                        let control = files.first(where: \.isControl)
                    else { return }
                    try maker.add(source, control, digest: state.manifest[control.path]?.digest)
                } else {
                    let package = PackagesStanza(stanza, file: file)
                    guard let found = usable({ try package.packageFile(allowWeak: true) }) else { return }
                    try maker.add(package, found, digest: state.manifest[found.path]?.digest)
                }
            }
        }
    }

    /// Nil for a stanza that the sync has refused as well.
    private static func usable<Result>(_ body: () throws -> Result) -> Result? {
        do { return try body() } catch { return nil }
    }

    public static func rollbackWarning(from current: StateReader, to target: StateReader) throws -> String? {
        let (now, then) = (PublishedSuites(current), PublishedSuites(target))
        for directory in now.directories where then.directories.contains(directory) {
            guard let newer = try PublishedSuites.release(in: directory, of: current)?.date,
                let older = try PublishedSuites.release(in: directory, of: target)?.date,
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
