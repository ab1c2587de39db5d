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
    var warnings: [String] = []

    struct Candidate {
        let place: StanzaPlace
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

    let session: SyncSession
    let filter: PackageFilter
    let suites: [MirroredSuite]
    private let allowsWeakHashes: Bool
    private var quarantine: Quarantine
    var candidates: [Candidate] = []
    /// What requirements can be met with; nil without `dependencies`.
    private var universe: BinaryUniverse?

    init(
        session: SyncSession, section: RepositorySection, suites: [MirroredSuite],
        reserved: some Sequence<RepositoryPath>
    ) throws {
        self.session = session
        self.suites = suites
        filter = PackageFilter(section)
        quarantine = Quarantine(filter.rules, now: session.now)
        allowsWeakHashes = section.value(ArchiveSettings.allowWeakHashes)
        files = PackageFiles(allowsWeakHashes: allowsWeakHashes, reserved: reserved)
        kept = suites.map { Array(repeating: [], count: $0.indexes.count) }
        if filter.rules.dependencies { universe = BinaryUniverse() }
        for (number, suite) in suites.enumerated() {
            universe?.beginSuite(suite)
            for (place, index) in suite.indexes.enumerated() {
                try session.checkCancellation()
                try read(index, Int32(number), Int32(place)) { selection, stanza, file in
                    try index.index.kind == .sources
                        ? selection.candidate(SourcesStanza(stanza, file: file))
                        : selection.candidate(PackagesStanza(stanza, file: file))
                }
            }
        }
        let held = try leaveQuarantined()
        leaveOld()
        if let universe {
            self.universe = nil
            try addDependencies(universe, held: held)
        }
        nextChangeAt = quarantine.nextRelease
        keep()
    }

    typealias Facts = (
        name: String, version: DebianVersion, architecture: String, files: [PackageFile]
    )

    /// Makes candidates of those stanzas of an index of which `facts` gives some.
    mutating func read(
        _ index: FetchedIndex, _ suite: Int32, _ place: Int32,
        facts: (inout StanzaSelection, Stanza, _ file: String) throws -> Facts?
    ) throws {
        guard index.index.kind.holdsPackages else { return }
        let file = suites[Int(suite)].name(index.index)
        let isUniverse = universe != nil && index.index.kind == .packages
        try index.stanzas(session, file: file) { stanza in
            let number = Int32(truncatingIfNeeded: stanza.number)
            let place = StanzaPlace(suite: suite, index: place, number: number)
            if isUniverse {
                try note(PackagesStanza(stanza, file: file), place, architecture: index.index.architecture)
            }
            guard let (name, version, architecture, files) = try facts(&self, stanza, file) else { return }
            candidates.append(
                Candidate(
                    place: place, kind: index.index.kind, name: name, version: version, architecture: architecture,
                    files: files))
        }
    }

    /// Tells the universe of a package, unless the filter keeps it out whatever needs it.
    private mutating func note(_ package: PackagesStanza, _ place: StanzaPlace, architecture: String?) throws {
        guard let name = package.stanza[.package], let version = package.stanza[.version],
            filter.takes(architecture: package.architecture)
        else { return }
        if try filter.leavesOut(name: name, version: version)
            || !filter.rules.takes(size: package.stanza[.size]?.decimal)
        {
            universe?.leaveOut(name)
        } else {
            try universe?.add(package, at: place, indexArchitecture: architecture)
        }
    }

    private mutating func candidate(_ package: PackagesStanza) throws -> Facts? {
        try defectsNoted(package.path) { selection in
            let filter = selection.filter
            guard try filter.takes(name: package.name, version: package.version),
                filter.takes(architecture: package.architecture),
                filter.takes(section: package.section, priority: package.priority)
            else { return nil }
            return try selection.facts(package)
        }
    }

    private mutating func candidate(_ source: SourcesStanza) throws -> Facts? {
        try defectsNoted(source.path) { selection in
            let filter = selection.filter
            guard try filter.takes(name: source.name, version: source.version),
                filter.takes(section: source.section, priority: source.priority)
            else { return nil }
            return try selection.facts(source)
        }
    }

    /// Nil for a package that is too large.
    func facts(_ package: PackagesStanza) throws -> Facts? {
        let file = try package.packageFile(allowWeak: allowsWeakHashes)
        guard filter.rules.takes(size: file.size) else { return nil }
        return try (package.name.text, DebianVersion(package.version), package.architecture?.text ?? "", [file])
    }

    func facts(_ source: SourcesStanza) throws -> Facts? {
        let files = try source.packageFiles(allowWeak: allowsWeakHashes)
        guard filter.rules.takes(size: files.reduce(0) { $0 + $1.size }) else { return nil }
        return try (source.name.text, DebianVersion(source.version), "source", files)
    }

    /// A package that cannot be taken is a defect of its own, not of its index.
    mutating func defectsNoted(
        _ path: RepositoryPath?, _ body: (StanzaSelection) throws -> Facts?
    ) throws -> Facts? {
        do {
            return try body(self)
        } catch let error as ChantalError {
            files.addDefect(error, path: path.map(PublishedLayout.path))
            return nil
        }
    }

    /// apt's indices have no dates: what counts is when a package was first seen here.
    /// - Returns: where those stand that have to wait.
    mutating func leaveQuarantined() throws -> Set<StanzaPlace> {
        guard quarantine.minimumAge != nil else { return [] }
        let moments = try session.firstSeen(candidates.map { $0.files[0].strongest })
        var released: [Candidate] = []
        var held: Set<StanzaPlace> = []
        for (candidate, moment) in zip(candidates, moments) {
            if quarantine.releases(date: nil, firstSeen: moment, isInitial: false) {
                released.append(candidate)
            } else {
                held.insert(candidate.place)
            }
        }
        candidates = released
        return held
    }

    private mutating func leaveOld() {
        guard let count = filter.rules.latest else { return }
        let newest = Newest.indices(
            of: candidates, keeping: count,
            group: { Group(suite: $0.place.suite, kind: $0.kind, name: $0.name, architecture: $0.architecture) },
            isOlder: { $0.version < $1.version })
        candidates = newest.map { candidates[$0] }
    }

    private mutating func keep() {
        for candidate in candidates {
            let place = candidate.place
            let suite = suites[Int(place.suite)]
            let index = suite.name(suite.indexes[Int(place.index)].index)
            let paths = candidate.files.map { PublishedLayout.path($0.path) }
            do {
                try files.add(
                    candidate.files, paths: paths, name: "package '\(candidate.name)'",
                    index: index)
                kept[Int(place.suite)][Int(place.index)].append(
                    KeptStanza(number: Int(place.number), paths: paths))
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
