import Basics
import Mirroring

/// Finds the mirrors of a repository and reads the metadata of one state of it.
final class MirrorReader {
    private let session: SyncSession
    private let section: RepositorySection
    private let verifier: MetadataVerifier
    private let mayLieElsewhere: Bool
    private let wants: (RepomdRecord) -> Bool
    /// Whether the configuration itself names the mirrors.
    private var areConfigured = true

    init(
        session: SyncSession, section: RepositorySection, verifier: MetadataVerifier, mayLieElsewhere: Bool,
        wants: @escaping (RepomdRecord) -> Bool
    ) {
        self.session = session
        self.section = section
        self.verifier = verifier
        self.mayLieElsewhere = mayLieElsewhere
        self.wants = wants
    }

    /// Of a long list of mirrors, as many as this are asked one by one.
    private static let candidateLimit = 10

    /// - Returns: nil if upstream has not changed: after one request, two behind a list of mirrors.
    func read() throws -> MirroredMetadata? {
        let found = try findMirrors()
        areConfigured = found.areConfigured
        if let mirrors = found.mirrors { try session.useUpstreams(mirrors, configured: areConfigured) }
        let fetcher = fetcher(expected: found.checksums)
        do {
            let answer = try fetcher.ask()
            if session.mayBeUnchanged, case .unchanged(let digest) = answer, Self.agrees(digest, found.checksums) {
                return nil
            }
            return try fetcher.read(answer)
        } catch let error as ChantalError where session.bases.count > 1 && MirrorReader.mayLieWithOneMirror(error) {
            return try onOneMirror { try fetcher.read(fetcher.ask(again: true)) }
        }
    }

    private static func mayLieWithOneMirror(_ error: ChantalError) -> Bool {
        MetadataFetcher.mayBeStale(error) || error.code == .network || error.code == .httpStatus
    }

    /// Reads the installation tree, from one mirror: what one lacks, no other need have.
    func readTree() throws -> InstallationTree? {
        guard session.bases.count > 1 else { return try InstallationTree.read(session) }
        return try onOneMirror { try InstallationTree.read(session) }
    }

    /// Mirrors may be of different states, or out of reach: the first that is whole in itself is taken. Packages that it lacks come from the
    /// others.
    private func onOneMirror<Result>(_ body: () throws -> Result) throws -> Result {
        let bases = session.bases
        var problem: ChantalError?
        for base in bases.prefix(MirrorReader.candidateLimit) {
            try session.checkCancellation()
            try session.useUpstreams([base], configured: areConfigured)
            do {
                let result = try body()
                try session.useUpstreams([base] + bases.filter { $0 != base }, configured: areConfigured)
                return result
            } catch let error as ChantalError where error.code != .interrupted {
                problem = error.within("no mirror can be read whole; of \(Redaction.url(base))")
            }
        }
        try session.useUpstreams(bases, configured: areConfigured)
        throw problem ?? ChantalError(.bug, "there is no mirror")
    }

    private static func agrees(_ digest: Digest, _ expected: [Checksum]) -> Bool {
        expected.allSatisfy { $0.sha256 == nil || $0.sha256 == digest }
    }

    private struct Mirrors {
        /// Nil: the configured upstream as it stands.
        var mirrors: [String]?
        /// Whether the configuration itself names them.
        var areConfigured = true
        /// Of repomd.xml.
        var checksums: [Checksum] = []
    }

    private func findMirrors() throws -> Mirrors {
        let variables = section.value(RPMSettings.variables)
        if let url = section.value(RPMSettings.metalink)?.text {
            let document = try session.document(
                url: URLVariables.replace(in: url, variables), limit: Metalink.sizeLimit)
            let metalink = try Metalink.read(document.bytes, file: document.finalURL)
            return Mirrors(mirrors: metalink.mirrors, areConfigured: false, checksums: metalink.checksums)
        }
        if let url = section.value(RPMSettings.mirrorlist)?.text {
            let document = try session.document(
                url: URLVariables.replace(in: url, variables), limit: Mirrorlist.sizeLimit)
            let list = try Mirrorlist.read(document.bytes, file: document.finalURL)
            // Lists are written for dnf, which replaces variables in them, too.
            return Mirrors(
                mirrors: try list.map { try URLVariables.replace(in: $0, variables) }, areConfigured: false)
        }
        guard section.upstream.contains(where: { $0.contains("$") }) else { return Mirrors() }
        return Mirrors(mirrors: try section.upstream.map { try URLVariables.replace(in: $0, variables) })
    }

    private func fetcher(expected: [Checksum]) -> MetadataFetcher {
        let allowed = section.value(CommonSettings.allowMissing)
        return MetadataFetcher(
            session: session, verifier: verifier, expected: expected, wants: wants,
            mayLieElsewhere: mayLieElsewhere,
            mayLack: { path in allowed.contains { $0.matches(name: path.bytes) } })
    }
}
