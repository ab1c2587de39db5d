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

/// Reads the indices of all suites and decides which stanzas are kept.
struct StanzaSelection {
    /// For each suite and index the stanzas that are kept, in the order of the index.
    private(set) var kept: [[[KeptStanza]]]
    private(set) var files: PackageFiles
    /// The next moment at which a quarantine ends.
    private(set) var nextChangeAt: Timestamp?

    private struct Candidate {
        let suite: Int32
        let index: Int32
        let number: Int32
        let kind: IndexKind
        let name: String
        let version: DebianVersion
        let architecture: String
        let files: [PackageFile]
    }

    private struct Group: Hashable {
        let suite: Int32
        let kind: IndexKind
        let name: String
        let architecture: String
    }

    private let session: SyncSession
    private let filter: PackageFilter
    private let allowsWeakHashes: Bool
    private var candidates: [Candidate] = []

    init(
        session: SyncSession, section: RepositorySection, suites: [MirroredSuite],
        reserved: some Sequence<RepositoryPath>
    ) throws {
        self.session = session
        filter = PackageFilter(section)
        allowsWeakHashes = section.value(ArchiveSettings.allowWeakHashes)
        files = PackageFiles(allowsWeakHashes: allowsWeakHashes, reserved: reserved)
        kept = suites.map { Array(repeating: [], count: $0.indexes.count) }
        for (number, suite) in suites.enumerated() {
            for (place, index) in suite.indexes.enumerated() {
                try session.checkCancellation()
                try read(index, suite, Int32(number), Int32(place))
            }
        }
        try leaveQuarantined()
        leaveOld()
        keep(suites)
    }

    private mutating func read(_ index: FetchedIndex, _ suite: MirroredSuite, _ number: Int32, _ place: Int32) throws {
        guard index.index.kind.holdsPackages else { return }
        let file = suite.name(index.index)
        try index.stanzas(session, file: file) { stanza in
            let source = index.index.kind == .sources
            let candidate =
                try source
                ? self.candidate(SourcesStanza(stanza, file: file)) : self.candidate(PackagesStanza(stanza, file: file))
            guard let (name, version, architecture, files) = candidate else { return }
            candidates.append(
                Candidate(
                    suite: number, index: place, number: Int32(truncatingIfNeeded: stanza.number),
                    kind: index.index.kind,
                    name: name, version: version, architecture: architecture, files: files))
        }
    }

    private typealias Facts = (name: String, version: DebianVersion, architecture: String, files: [PackageFile])

    private mutating func candidate(_ package: PackagesStanza) throws -> Facts? {
        do {
            let name = try package.name
            let version = try package.version
            guard try filter.takes(name: name, version: version), filter.takes(architecture: package.architecture),
                filter.takes(section: package.section, priority: package.priority)
            else { return nil }
            let file = try package.packageFile(allowWeak: allowsWeakHashes)
            guard filter.rules.takes(size: file.size) else { return nil }
            return (name.text, DebianVersion(version), package.architecture?.text ?? "", [file])
        } catch let error as ChantalError {
            files.addDefect(error, path: package.path.map(PublishedLayout.path))
            return nil
        }
    }

    private mutating func candidate(_ source: SourcesStanza) throws -> Facts? {
        do {
            let name = try source.name
            let version = try source.version
            guard try filter.takes(name: name, version: version),
                filter.takes(section: source.section, priority: source.priority)
            else { return nil }
            let files = try source.packageFiles(allowWeak: allowsWeakHashes)
            guard filter.rules.takes(size: files.reduce(0) { $0 + $1.size }) else { return nil }
            return (name.text, DebianVersion(version), "source", files)
        } catch let error as ChantalError {
            self.files.addDefect(error, path: source.path.map(PublishedLayout.path))
            return nil
        }
    }

    /// apt's indices have no dates: what counts is when a package was first seen here.
    private mutating func leaveQuarantined() throws {
        var quarantine = Quarantine(filter.rules, now: session.now)
        guard quarantine.minimumAge != nil else { return }
        let moments = try session.firstSeen(candidates.map { $0.files[0].strongest })
        var released: [Candidate] = []
        for (candidate, moment) in zip(candidates, moments)
        where quarantine.releases(date: nil, firstSeen: moment, isInitial: false) {
            released.append(candidate)
        }
        candidates = released
        nextChangeAt = quarantine.nextRelease
    }

    private mutating func leaveOld() {
        guard let count = filter.rules.latest else { return }
        let newest = Newest.indices(
            of: candidates, keeping: count,
            group: { Group(suite: $0.suite, kind: $0.kind, name: $0.name, architecture: $0.architecture) },
            isOlder: { $0.version < $1.version })
        candidates = newest.map { candidates[$0] }
    }

    private mutating func keep(_ suites: [MirroredSuite]) {
        for candidate in candidates {
            let suite = suites[Int(candidate.suite)]
            let index = suite.name(suite.indexes[Int(candidate.index)].index)
            let paths = candidate.files.map { PublishedLayout.path($0.path) }
            do {
                try files.add(
                    candidate.files, paths: paths, name: "package '\(candidate.name)'",
                    index: index)
                kept[Int(candidate.suite)][Int(candidate.index)].append(
                    KeptStanza(number: Int(candidate.number), paths: paths))
            } catch {
                files.addDefect(ChantalError.wrap(error), path: paths[0])
            }
        }
        candidates = []
    }

    /// What was decided: files alone do not tell in which suite a stanza is kept.
    var fact: Digest {
        var hasher = SHA256Hasher()
        for (suite, indexes) in kept.enumerated() {
            for (index, stanzas) in indexes.enumerated() {
                var numbers: [Int] = [suite, index]
                numbers += stanzas.map(\.number)
                numbers.map { UInt64($0).littleEndian }.withUnsafeBytes { hasher.update($0) }
            }
        }
        return hasher.finish()
    }
}

extension IndexKind {
    var holdsPackages: Bool { self == .packages || self == .udebPackages || self == .sources }
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
