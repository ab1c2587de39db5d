import Basics
import Mirroring

extension StanzaSelection {
    /// Takes what the candidates need; what has to wait counts as not there, and what is newest of the rest is taken.
    mutating func addDependencies(_ universe: BinaryUniverse, held: Set<StanzaPlace>) throws {
        var universe = universe
        universe.finish()
        var resolver = BinaryResolver(universe)
        resolver.remove(held)
        let asked = candidates
        let roots = Set(asked.lazy.filter { $0.kind == .packages }.map(\.place))
        var read = roots
        var found: [StanzaPlace: Candidate] = [:]
        while true {
            let closure = try BinaryClosure(roots, resolver, check: session.checkCancellation)
            candidates = []
            try readPackages(closure.places.filter { read.insert($0).inserted })
            let held = try leaveQuarantined()
            for candidate in candidates { found[candidate.place] = candidate }
            guard held.isEmpty else {
                resolver.remove(held)
                continue
            }
            candidates = []
            if suites.contains(where: { $0.indices.contains { $0.kind == .sources } }) {
                try readSources(closure.sources(), without: Set(asked.map(\.place)))
                _ = try leaveQuarantined()
            }
            candidates += asked + closure.places.compactMap { found[$0] }
            candidates.sort { $0.place < $1.place }
            warnings = closure.warnings
            return
        }
    }

    private mutating func readPackages(_ places: [StanzaPlace]) throws {
        var rest = places[...]
        while let first = rest.first {
            var wanted = rest.prefix { $0.suite == first.suite && $0.index == first.index }
            rest = rest.dropFirst(wanted.count)
            let index = suites[Int(first.suite)].indices[Int(first.index)]
            try read(index, first.suite, first.index) { selection, stanza, file in
                guard let next = wanted.first, Int(next.number) == stanza.number else { return nil }
                wanted.removeFirst()
                let package = PackagesStanza(stanza, file: file)
                return try selection.defectsNoted(package.path) { try $0.facts(package) }
            }
        }
    }

    private mutating func readSources(_ names: Set<SourceName>, without known: Set<StanzaPlace>) throws {
        for (number, suite) in suites.enumerated() {
            for (place, index) in suite.indices.enumerated() where index.kind == .sources {
                try read(index, Int32(number), Int32(place)) { selection, stanza, file in
                    let source = SourcesStanza(stanza, file: file)
                    guard let name = stanza[.package], let version = stanza[.version],
                        names.contains(SourceName(name: Array(name), version: Array(version))),
                        try !selection.filter.leavesOut(name: name, version: version)
                    else { return nil }
                    return try selection.defectsNoted(source.path) { try $0.facts(source) }
                }
            }
        }
        candidates.removeAll { known.contains($0.place) }
    }
}
