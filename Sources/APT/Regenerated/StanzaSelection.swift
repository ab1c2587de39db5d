import Basics
import Hashing
import Mirroring

/// An index whose stanzas are selected from.
struct StanzaSource {
    let kind: IndexKind
    let architecture: String?
    /// As messages name it.
    let file: String
    /// Calls with each stanza, every time in the same order.
    let read: (_ body: (Stanza) throws -> Void) throws -> Void
}

/// A suite whose stanzas are selected from.
struct SelectableSuite {
    /// Whether its packages are installed only where they are asked for (`NotAutomatic`).
    let isReserved: Bool
    let indices: [StanzaSource]
}

/// Reads the indices of all suites, of an upstream or of a view's members, and decides which stanzas a filter takes.
struct StanzaSelection {
    /// What is taken, in the order of the indices.
    var candidates: [Candidate] = []
    /// Packages that cannot be taken, as far as their places are known.
    private(set) var defects: [(error: ChantalError, path: RepositoryPath?)] = []
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
    let suites: [SelectableSuite]
    private let allowsWeakHashes: Bool
    private var quarantine: Quarantine
    /// What requirements can be met with; nil without `dependencies`.
    private var universe: BinaryUniverse?

    init(
        session: SyncSession, filter: PackageFilter, suites: [SelectableSuite], allowsWeakHashes: Bool
    ) throws {
        self.session = session
        self.filter = filter
        self.suites = suites
        self.allowsWeakHashes = allowsWeakHashes
        quarantine = Quarantine(filter.rules, now: session.now)
        if filter.rules.dependencies { universe = BinaryUniverse() }
        for (number, suite) in suites.enumerated() {
            universe?.beginSuite(suite)
            for (place, index) in suite.indices.enumerated() {
                try session.checkCancellation()
                try read(index, Int32(number), Int32(place)) { selection, stanza, file in
                    try index.kind == .sources
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
        warnings += filter.rules.warnings
    }

    typealias Facts = (
        name: String, version: DebianVersion, architecture: String, files: [PackageFile]
    )

    /// Makes candidates of those stanzas of an index of which `facts` gives some.
    mutating func read(
        _ index: StanzaSource, _ suite: Int32, _ place: Int32,
        facts: (inout StanzaSelection, Stanza, _ file: String) throws -> Facts?
    ) throws {
        guard index.kind.holdsPackages else { return }
        let isUniverse = universe != nil && index.kind == .packages
        try index.read { stanza in
            let number = Int32(truncatingIfNeeded: stanza.number)
            let place = StanzaPlace(suite: suite, index: place, number: number)
            if isUniverse {
                try note(PackagesStanza(stanza, file: index.file), place, architecture: index.architecture)
            }
            guard let (name, version, architecture, files) = try facts(&self, stanza, index.file) else { return }
            candidates.append(
                Candidate(
                    place: place, kind: index.kind, name: name, version: version, architecture: architecture,
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
            defects.append((error, path.map(PublishedLayout.path)))
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

    /// What was decided.
    var fact: Digest {
        var hasher = SHA256Hasher()
        for candidate in candidates {
            let place = candidate.place
            [place.suite, place.index, place.number].map(\.littleEndian).withUnsafeBytes { hasher.update($0) }
        }
        return hasher.finish()
    }
}

extension IndexKind {
    var holdsPackages: Bool { self == .packages || self == .udebPackages || self == .sources }
}
