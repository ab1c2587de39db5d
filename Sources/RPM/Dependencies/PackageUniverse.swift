import Basics
import Mirroring

/// The packages that requirements can be met with: what each requires and provides, names and versions as numbers.
struct PackageUniverse {
    struct Package {
        /// Its place in primary.
        let number: Int32
        let name: Int32
        let evr: Int32
        let architecture: Int32
        /// The stream of a module that it belongs to, -1 for none: a number of ``streams``.
        let stream: Int32
        fileprivate let firstRequirement: Int32
        fileprivate let requirementCount: Int32
    }

    /// A name with bounds; the version is -1 without.
    struct Bounded {
        let name: Int32
        let evr: Int32
        let sense: Sense
    }

    struct Provision {
        let what: Bounded
        let package: Int32
    }

    private(set) var packages: [Package] = []
    private(set) var provisions: [Provision] = []
    /// Names, versions, architectures and whole boolean dependencies.
    private(set) var names = NameTable()
    private(set) var streams = NameTable()
    /// Streams that clients see without asking for them.
    private(set) var defaultStreams: Set<Int32> = []
    /// Names of packages that the filter keeps out.
    private(set) var leftOut: Set<Int32> = []
    private var requirements: [Bounded] = []

    // What is known of the package that is being read.
    private var pendingProvisions: [Bounded] = []
    private var pendingRequirements = 0

    /// Relations of all packages, against metadata that only wants to fill memory.
    private static let limit = 1 << 26

    func requirements(of package: Int32) -> ArraySlice<Bounded> {
        let package = packages[Int(package)]
        let start = Int(package.firstRequirement)
        return requirements[start..<(start + Int(package.requirementCount))]
    }

    // MARK: - Filling

    /// Takes an entry of the package that is being read.
    mutating func take(_ entry: PrimaryEntry) throws {
        switch entry {
        case .file(let path): pendingProvisions.append(Bounded(name: number(path), evr: -1, sense: []))
        case .relation(let relation):
            if relation.list.elementsEqual("requires".utf8) {
                requirements.append(bounded(relation))
                pendingRequirements += 1
            } else if relation.list.elementsEqual("provides".utf8) {
                pendingProvisions.append(bounded(relation))
            }
        }
        guard requirements.count + provisions.count + pendingProvisions.count <= PackageUniverse.limit else {
            throw ChantalError(
                .tooLarge, "the packages require and provide more than \(PackageUniverse.limit) names",
                hint: "leave 'dependencies' out of the filter")
        }
    }

    /// Ends the package that is being read; what it provides and requires counts from now on.
    /// - Parameter place: in primary, counted through where there are several.
    mutating func add(_ package: PrimaryPackage, at place: Int, evr: EVR, stream: String?) {
        let name = package.with(.name) { $0.map { names.number(of: $0) } ?? -1 }
        let evr = number(evr.bytes)
        let own = Int32(truncatingIfNeeded: packages.count)
        var isNamed = false
        for what in pendingProvisions {
            isNamed = isNamed || what.name == name
            provisions.append(Provision(what: what, package: own))
        }
        if !isNamed { provisions.append(Provision(what: Bounded(name: name, evr: evr, sense: .equal), package: own)) }
        packages.append(
            Package(
                number: Int32(truncatingIfNeeded: place), name: name, evr: evr,
                architecture: package.with(.architecture) { $0.map { names.number(of: $0) } ?? -1 },
                stream: stream.map { number(ofStream: $0) } ?? -1,
                firstRequirement: Int32(truncatingIfNeeded: requirements.count - pendingRequirements),
                requirementCount: Int32(truncatingIfNeeded: pendingRequirements)))
        pendingProvisions.removeAll(keepingCapacity: true)
        pendingRequirements = 0
    }

    /// Drops the package that is being read.
    /// - Parameter isLeftOut: whether the user's filter keeps it out, whoever needs it.
    mutating func drop(_ package: PrimaryPackage, isLeftOut: Bool) {
        requirements.removeLast(pendingRequirements)
        pendingProvisions.removeAll(keepingCapacity: true)
        pendingRequirements = 0
        if isLeftOut, let name = package[.name] { leftOut.insert(number(name)) }
    }

    mutating func setDefaults(_ streams: [String]) {
        for name in streams { defaultStreams.insert(number(ofStream: name)) }
    }

    /// Notes that packages hold a file that primary does not tell of.
    mutating func add(file: Int32, of package: Int32) {
        provisions.append(Provision(what: Bounded(name: file, evr: -1, sense: []), package: package))
    }

    private mutating func bounded(_ relation: PrimaryRelation) -> Bounded {
        let sense = relation.flags.map { Sense(flags: $0) } ?? []
        return Bounded(
            name: number(relation.name), evr: sense.isEmpty ? -1 : number(relation.evr.bytes), sense: sense)
    }

    private mutating func number(_ name: some Sequence<UInt8>) -> Int32 {
        Array(name).withUnsafeBytes { names.number(of: $0) }
    }

    private mutating func number(ofStream name: String) -> Int32 {
        Array(name.utf8).withUnsafeBytes { streams.number(of: $0) }
    }
}
