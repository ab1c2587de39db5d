import Basics
import Mirroring

/// Looks up what the packages of a universe require, as apt would find it.
///
/// Of the alternatives `a | b` apt takes the first that it can install, a real package before one that provides the name, and of each package
/// nothing but the newest version that it sees. So what is newest is asked first, all alternatives through; an older version counts where nothing
/// else is left. Clients may see one suite without the others, so each suite that has something gives it.
struct BinaryResolver {
    let universe: BinaryUniverse
    private let byName: Buckets
    private let byProvision: Buckets
    /// By package: what has to wait, and is not there yet.
    private var isRemoved: [Bool]

    init(_ universe: BinaryUniverse) {
        self.universe = universe
        byName = Buckets(count: universe.names.count, keys: universe.packages.lazy.map(\.name))
        byProvision = Buckets(count: universe.names.count, keys: universe.provisions.lazy.map(\.name))
        isRemoved = Array(repeating: false, count: universe.packages.count)
    }

    /// Packages at these places count as not there.
    mutating func remove(_ places: Set<StanzaPlace>) {
        if places.isEmpty { return }
        for (number, package) in universe.packages.enumerated() where places.contains(package.place) {
            isRemoved[number] = true
        }
    }

    /// What a package requires, in the order of its fields.
    func demands(of number: Int32) -> [Demand] {
        let package = universe.packages[Int(number)]
        return universe.withTexts { texts in
            var demands: [Demand] = []
            universe.requires(package, texts).forEachPart(UInt8(ascii: ",")) { group in
                demands.append(.anyOf(candidates(group, package, texts)))
            }
            return demands
        }
    }

    /// A requirement as it is written, by its place among the demands.
    func text(of requirement: Int, of number: Int32) -> String {
        var text = ""
        universe.withTexts { texts in
            var place = 0
            universe.requires(universe.packages[Int(number)], texts).forEachPart(UInt8(ascii: ",")) { group in
                if place == requirement { text = group.words.joined(separator: " ") }
                place += 1
            }
        }
        return text
    }

    /// Whether the filter keeps out what would meet a requirement.
    func isLeftOut(_ requirement: Int, of number: Int32) -> Bool {
        text(of: requirement, of: number).split(separator: "|").contains { part in
            Array(part.utf8).withUnsafeBytes { bytes in
                Relation(bytes).flatMap { universe.names.find($0.name) }.map(universe.leftOut.contains) ?? false
            }
        }
    }

    // MARK: - Candidates

    private struct Found {
        /// The newest of their names.
        var newest: [Int32] = []
        var older: [Int32] = []
    }

    /// For each suite that clients may take it from, what meets one of the alternatives; the most wanted first.
    private func candidates(
        _ group: UnsafeRawBufferPointer, _ package: BinaryUniverse.Package, _ texts: UnsafeRawBufferPointer
    )
        -> [[Int32]]
    {
        var relations: [Relation] = []
        group.forEachPart(UInt8(ascii: "|")) { if let relation = Relation($0) { relations.append(relation) } }
        func lists(_ isAsked: (Int32) -> Bool) -> [[Int32]] {
            (0..<Int32(universe.isReserved.count)).compactMap { suite in
                guard isAsked(suite) else { return nil }
                let list = candidates(relations, suite, package.architecture, texts)
                return list.isEmpty ? nil : list
            }
        }
        func isOpen(_ suite: Int32) -> Bool { suite == package.place.suite || !universe.isReserved[Int(suite)] }
        let open = lists(isOpen)
        return open.isEmpty ? lists { !isOpen($0) } : open
    }

    private func candidates(
        _ relations: [Relation], _ suite: Int32, _ architecture: Int32, _ texts: UnsafeRawBufferPointer
    ) -> [Int32] {
        var found = Found()
        for relation in relations { add(relation, suite, architecture, texts, to: &found) }
        if found.newest.isEmpty, found.older.isEmpty {
            // Clients of several architectures take tools from any of them.
            for other in 0..<Int32(universe.architectures.count) where other != architecture {
                for relation in relations where relation.architecture == nil {
                    addReal(relation, suite, other, texts, to: &found) { $0 == .foreign }
                    addProviders(relation, suite, other, texts, to: &found) { $0 == .foreign }
                }
            }
        }
        return found.newest + found.older
    }

    private func add(
        _ relation: Relation, _ suite: Int32, _ architecture: Int32, _ texts: UnsafeRawBufferPointer,
        to found: inout Found
    ) {
        var architectures = [architecture]
        var isAny = false
        if let qualifier = relation.architecture, !qualifier.equals("native") {
            isAny = qualifier.equals("any")
            if isAny {
                architectures += (0..<Int32(universe.architectures.count)).filter { $0 != architecture }
            } else {
                architectures = universe.architectures.find(qualifier).map { [$0] } ?? []
            }
        }
        for architecture in architectures {
            addReal(relation, suite, architecture, texts, to: &found) { !isAny || $0 == .allowed }
            addProviders(relation, suite, architecture, texts, to: &found) { !isAny || $0 == .allowed }
            if !found.newest.isEmpty { return }
        }
    }

    private func addReal(
        _ relation: Relation, _ suite: Int32, _ architecture: Int32, _ texts: UnsafeRawBufferPointer,
        to found: inout Found, _ takes: (BinaryUniverse.MultiArch) -> Bool
    ) {
        guard let name = universe.names.find(relation.name), let newest = newest(name, suite, architecture, texts)
        else {
            return
        }
        var older: [Int32] = []
        for number in byName[name] where !isRemoved[Int(number)] {
            let package = universe.packages[Int(number)]
            guard package.place.suite == suite, package.architecture == architecture, takes(package.multiArch),
                relation.bound?.allows(universe.version(package, texts)) ?? true
            else { continue }
            if number == newest { found.newest.append(number) } else { older.append(number) }
        }
        older.sort { isNewer($0, $1, texts) }
        found.older += older
    }

    private func addProviders(
        _ relation: Relation, _ suite: Int32, _ architecture: Int32, _ texts: UnsafeRawBufferPointer,
        to found: inout Found, _ takes: (BinaryUniverse.MultiArch) -> Bool
    ) {
        guard let name = universe.names.find(relation.name) else { return }
        var newest: [Int32] = []
        var older: [Int32] = []
        for place in byProvision[name] {
            let provision = universe.provisions[Int(place)]
            let package = universe.packages[Int(provision.package)]
            guard !isRemoved[Int(provision.package)], package.name != name, package.place.suite == suite,
                package.architecture == architecture, takes(package.multiArch)
            else { continue }
            if let bound = relation.bound {
                guard let version = universe.version(provision, texts), bound.allows(version) else { continue }
            }
            if self.newest(package.name, suite, architecture, texts) == provision.package {
                newest.append(provision.package)
            } else {
                older.append(provision.package)
            }
        }
        found.newest += newest.sorted(by: comesFirst)
        found.older += older.sorted {
            universe.packages[Int($0)].name == universe.packages[Int($1)].name
                ? isNewer($0, $1, texts) : comesFirst($0, $1)
        }
    }

    /// The order of packages that provide the same: by priority, as apt has it, then by name.
    private func comesFirst(_ a: Int32, _ b: Int32) -> Bool {
        let (x, y) = (universe.packages[Int(a)], universe.packages[Int(b)])
        if x.priority != y.priority { return x.priority < y.priority }
        return x.name == y.name ? a < b : universe.names.precedes(x.name, y.name)
    }

    /// The version of a package that clients of a suite and architecture see.
    private func newest(_ name: Int32, _ suite: Int32, _ architecture: Int32, _ texts: UnsafeRawBufferPointer) -> Int32?
    {
        var best: Int32?
        for number in byName[name] where !isRemoved[Int(number)] {
            let package = universe.packages[Int(number)]
            guard package.place.suite == suite, package.architecture == architecture else { continue }
            if best.map({ isNewer(number, $0, texts) }) ?? true { best = number }
        }
        return best
    }

    /// Of equal versions, the one in an index of the architecture's own counts, then the first.
    private func isNewer(_ a: Int32, _ b: Int32, _ texts: UnsafeRawBufferPointer) -> Bool {
        let (x, y) = (universe.packages[Int(a)], universe.packages[Int(b)])
        let order = DebianVersion.order(universe.version(x, texts), universe.version(y, texts))
        if order != 0 { return order > 0 }
        return x.isShared != y.isShared ? y.isShared : a < b
    }

    /// The same package in indices that clients of several architectures read.
    func twins(of number: Int32) -> [Int32] {
        let package = universe.packages[Int(number)]
        return universe.withTexts { texts in
            byName[package.name].filter { other in
                let twin = universe.packages[Int(other)]
                return other != number && twin.isShared && twin.place.suite == package.place.suite
                    && twin.architecture == package.architecture && !isRemoved[Int(other)]
                    && universe.version(twin, texts).elementsEqual(universe.version(package, texts))
            }
        }
    }
}
