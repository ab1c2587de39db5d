import Basics
import Mirroring

/// Looks up what the packages of a universe require.
///
/// dnf takes any set of packages that fits together, so any package that provides what is required will do. Preferred is one of the required
/// name, of the same architecture, of no module or of a stream that clients see; then the shortest name, and the newest version.
struct PackageResolver {
    private(set) var universe: PackageUniverse
    private var byProvision: Buckets
    private let families: ArchitectureFamilies
    /// Names that default streams hide where they are no part of a module.
    private let hidden: Set<Int32>
    /// By package: what has to wait, and is not there yet.
    private var isRemoved: [Bool]
    private let missed = MissedFiles()
    private var searched: Set<Int32> = []

    init(_ universe: PackageUniverse) {
        self.universe = universe
        byProvision = Buckets(count: universe.names.count, keys: universe.provisions.lazy.map(\.what.name))
        families = ArchitectureFamilies(universe)
        isRemoved = Array(repeating: false, count: universe.packages.count)
        hidden = Set(
            universe.packages.lazy.filter { universe.defaultStreams.contains($0.stream) }.map(\.name))
    }

    /// Packages with these places in primary count as not there.
    mutating func remove(_ numbers: Set<Int>) {
        if numbers.isEmpty { return }
        for (place, package) in universe.packages.enumerated() where numbers.contains(Int(package.number)) {
            isRemoved[place] = true
        }
    }

    /// Files that were asked for, that primary does not tell of, and that were not looked for yet.
    mutating func takeMissedFiles() -> [[UInt8]] {
        let new = missed.take().subtracting(searched)
        searched.formUnion(new)
        return new.sorted().map { universe.names.with($0) { Array($0) } }
    }

    /// Learns which packages hold files.
    mutating func add(_ found: [FoundFile]) {
        if found.isEmpty { return }
        var wanted: [[Int32]: [Int32]] = [:]
        for file in found {
            let names = [file.path, file.name, file.evr.bytes, file.architecture].compactMap { universe.find($0) }
            if names.count == 4 { wanted[Array(names.dropFirst()), default: []].append(names[0]) }
        }
        for (place, package) in universe.packages.enumerated() {
            for path in wanted[[package.name, package.evr, package.architecture]] ?? [] {
                universe.add(file: path, of: Int32(truncatingIfNeeded: place))
            }
        }
        byProvision = Buckets(count: universe.names.count, keys: universe.provisions.lazy.map(\.what.name))
    }

    /// What a package requires, in the order of its metadata.
    func demands(of package: Int32) -> [Demand] {
        universe.requirements(of: package).map { requirement in
            universe.names.with(requirement.name) { name in
                if name.first == UInt8(ascii: "(") {
                    guard let rich = RichDependency(name) else { return .anyOf([]) }
                    return demand(rich, of: package)
                }
                if name.starts(with: "rpmlib(".utf8) { return .all([]) }
                return universe.with(evr: requirement.evr) { evr in
                    demand(PlainDependency(name: name, sense: requirement.sense, evr: evr), of: package)
                }
            }
        }
    }

    /// A requirement as a spec file has it, by its place among the demands.
    func text(of requirement: Int, of package: Int32) -> String {
        let requirements = universe.requirements(of: package)
        let wanted = requirements[requirements.startIndex + requirement]
        let name = universe.names.with(wanted.name) { $0.text }
        return wanted.sense.isEmpty
            ? name : "\(name) \(wanted.sense.sign) \(universe.with(evr: wanted.evr) { $0.text })"
    }

    /// Whether the filter keeps out a package of the required name.
    func isLeftOut(_ requirement: Int, of package: Int32) -> Bool {
        let requirements = universe.requirements(of: package)
        return universe.leftOut.contains(requirements[requirements.startIndex + requirement].name)
    }

    // MARK: - Demands

    private func demand(_ dependency: RichDependency, of package: Int32) -> Demand {
        switch dependency {
        case .plain(let plain): return demand(plain, of: package)
        case .and(let parts): return .all(parts.map { demand($0, of: package) })
        case .or(let parts): return .first(parts.map { demand($0, of: package) })
        case .with, .without: return .anyOf(lists(candidates(dependency), of: package, named: nil))
        case .ifThere(let then, let condition, let otherwise):
            return .when(
                demand(condition, of: package), then: demand(then, of: package),
                otherwise: otherwise.map { demand($0, of: package) })
        case .unlessThere(let then, let condition, let otherwise):
            // Either will do, and what is not wanted beside the condition may be there: this is a union.
            let condition = demand(condition, of: package)
            guard let other = otherwise.map({ demand($0, of: package) }) else {
                return .first([demand(then, of: package), condition])
            }
            return .all([
                .first([demand(then, of: package), .all([condition, other])]),
                .when(condition, then: other, otherwise: nil),
            ])
        }
    }

    private func demand(_ plain: PlainDependency, of package: Int32) -> Demand {
        let found = candidates(plain)
        // What a package provides itself it need not look for.
        if found.contains(package) { return .all([]) }
        return .anyOf(lists(found, of: package, named: universe.names.find(plain.name)))
    }

    private func candidates(_ dependency: RichDependency) -> [Int32] {
        switch dependency {
        case .plain(let plain): return candidates(plain)
        case .or(let parts): return parts.flatMap(candidates)
        case .with(let parts):
            guard let first = parts.first else { return [] }
            return parts.dropFirst().reduce(candidates(first)) { found, part in
                let other = Set(candidates(part))
                return found.filter(other.contains)
            }
        case .without(let part, let unwanted):
            let other = Set(candidates(unwanted))
            return candidates(part).filter { !other.contains($0) }
        // rpm allows nothing else there.
        case .and, .ifThere, .unlessThere: return []
        }
    }

    private func candidates(_ plain: PlainDependency) -> [Int32] {
        guard let name = universe.names.find(plain.name) else { return [] }
        var found: [Int32] = []
        var isThere = false
        for place in byProvision[name] {
            let provision = universe.provisions[Int(place)]
            isThere = true
            guard !isRemoved[Int(provision.package)], found.last != provision.package, universe.meets(provision, plain)
            else { continue }
            found.append(provision.package)
        }
        if !isThere, plain.name.first == UInt8(ascii: "/") { missed.add(name) }
        return found
    }

    // MARK: - Preference

    /// For each family of architectures whose clients the requirement concerns, what meets it; the most wanted first.
    private func lists(_ found: [Int32], of package: Int32, named name: Int32?) -> [[Int32]] {
        if found.count == 1 { return [found] }
        let requirer = universe.packages[Int(package)]
        var concerned = families.family(of: requirer.architecture).map { [$0] } ?? []
        if concerned.isEmpty {
            for candidate in found {
                if let family = families.family(of: universe.packages[Int(candidate)].architecture),
                    !concerned.contains(family)
                {
                    concerned.append(family)
                }
            }
            concerned.sort()
        }
        if concerned.isEmpty { return [sorted(found, for: requirer, requirer.architecture, name)] }
        return concerned.map { family in
            let target =
                families.family(of: requirer.architecture) == nil ? families.main(of: family) : requirer.architecture
            func isNear(_ candidate: Int32) -> Bool {
                let architecture = universe.packages[Int(candidate)].architecture
                return architecture == target || families.family(of: architecture) == nil
            }
            let near = found.filter(isNear)
            let usable =
                near.isEmpty
                ? found.filter { families.family(of: universe.packages[Int($0)].architecture) == family } : near
            return sorted(usable, for: requirer, target, name)
        }
    }

    private func sorted(
        _ found: [Int32], for requirer: PackageUniverse.Package, _ target: Int32, _ name: Int32?
    ) -> [Int32] {
        if found.count < 2 { return found }
        func isBefore(_ a: Int32, _ b: Int32) -> Bool {
            let (x, y) = (universe.packages[Int(a)], universe.packages[Int(b)])
            if x.name != y.name {
                if x.name == name || y.name == name { return x.name == name }
                let (m, n) = (universe.names.with(x.name) { $0.count }, universe.names.with(y.name) { $0.count })
                return m != n ? m < n : universe.names.precedes(x.name, y.name)
            }
            let order = universe.order(x.evr, y.evr)
            if order != 0 { return order > 0 }
            if x.architecture != y.architecture, x.architecture == target || y.architecture == target {
                return x.architecture == target
            }
            return a < b
        }
        var seen: Set<Int32> = []
        var newest: [Int32] = []
        var older: [Int32] = []
        var unseen: [Int32] = []
        for candidate in found.sorted(by: isBefore) {
            if !isVisible(universe.packages[Int(candidate)], to: requirer) {
                unseen.append(candidate)
            } else if seen.insert(universe.packages[Int(candidate)].name).inserted {
                newest.append(candidate)
            } else {
                older.append(candidate)
            }
        }
        return newest + older + unseen
    }

    /// Whether clients see a package that they have not enabled a stream for, beside that of the package that requires it.
    private func isVisible(_ package: PackageUniverse.Package, to requirer: PackageUniverse.Package) -> Bool {
        if package.stream < 0 { return !hidden.contains(package.name) }
        return package.stream == requirer.stream || universe.defaultStreams.contains(package.stream)
    }
}

extension PackageUniverse {
    /// The bytes of a version; empty for none.
    func with<Result>(evr: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        evr < 0 ? try body(UnsafeRawBufferPointer(start: nil, count: 0)) : try names.with(evr, body)
    }

    fileprivate func find(_ name: [UInt8]) -> Int32? { name.withUnsafeBytes { names.find($0) } }

    fileprivate func order(_ a: Int32, _ b: Int32) -> Int {
        with(evr: a) { x in with(evr: b) { y in EVR.order(x, y) } }
    }

    fileprivate func meets(_ provision: Provision, _ wanted: PlainDependency) -> Bool {
        let what = provision.what
        if what.sense.isEmpty || wanted.sense.isEmpty { return true }
        return with(evr: what.evr) { evr in
            what.sense.meets(wanted.sense, order: EVR.boundOrder(evr, wanted.evr))
        }
    }
}

/// Collects names while packages are looked at.
private final class MissedFiles {
    private var names: Set<Int32> = []

    func add(_ name: Int32) { names.insert(name) }

    func take() -> Set<Int32> {
        defer { names = [] }
        return names
    }
}
