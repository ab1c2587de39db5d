import Basics
import Mirroring

/// Why a state holds its packages: the closure that its filter asked for, found anew from what is published.
struct PublishedClosure {
    private let filter: PackageFilter
    private let resolver: BinaryResolver
    private let roots: Set<StanzaPlace>
    private let wanted: [StanzaPlace]

    /// - Parameter package: the one that is asked for.
    /// - Returns: nil if no filter with `dependencies` made the state.
    init?(_ state: StateReader, package: PackageRow) throws {
        guard let filter = try PackageFilter(notes: state.notes) else { return nil }
        var roots: Set<StanzaPlace> = []
        var wanted: [StanzaPlace] = []
        let suites = PublishedSuites(state)
        var universe = BinaryUniverse()
        let indexes = suites.indexes().filter { $0.kind == .packages }
        for (suite, directory) in suites.directories.enumerated() {
            let own = indexes.filter { $0.suite == directory }
            universe.beginSuite(
                architectures: own.compactMap(\.architecture),
                isReserved: try PublishedSuites.release(in: directory, of: state)?.notAutomatic ?? false)
            for (number, index) in own.enumerated() {
                let file = index.path.description
                try IndexReader.stanzas(of: state.open(index.digest), index.format, plainSize: nil, file: file) {
                    let stanza = PackagesStanza($0, file: file)
                    let place = StanzaPlace(
                        suite: Int32(truncatingIfNeeded: suite), index: Int32(truncatingIfNeeded: number),
                        number: Int32(truncatingIfNeeded: $0.number))
                    try universe.add(stanza, at: place, indexArchitecture: index.architecture)
                    let (name, version) = try (stanza.name, stanza.version)
                    if try filter.takes(name: name, version: version),
                        filter.takes(section: stanza.section, priority: stanza.priority)
                    {
                        roots.insert(place)
                    }
                    if name.text == package.name, version.text == package.version, index.group == package.group,
                        stanza.architecture?.text ?? "" == package.architecture
                    {
                        wanted.append(place)
                    }
                }
            }
        }
        universe.finish()
        self.filter = filter
        self.roots = roots
        self.wanted = wanted
        resolver = BinaryResolver(universe)
    }

    /// Names from the pattern that asked for the first package to the package itself; empty if nothing leads to it.
    func why() throws -> [String] {
        let closure = try BinaryClosure(roots, resolver) {}
        return Closure.why(wanted.lazy.compactMap { closure.chain(to: $0) }.first ?? [], filter.rules)
    }
}
