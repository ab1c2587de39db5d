import Basics
import Mirroring

/// A selection of binary packages with everything that it needs: Depends and Pre-Depends, transitively.
struct BinaryClosure {
    /// Where its stanzas stand, in their order.
    let places: [StanzaPlace]
    /// What cannot be met, and by whom it is needed; for people.
    let warnings: [String]
    private let resolver: BinaryResolver
    private let closure: Closure

    init(_ roots: Set<StanzaPlace>, _ resolver: BinaryResolver, check: @escaping () throws -> Void) throws {
        let packages = resolver.universe.packages
        let closure = try Closure(resolver, check: check) { roots.contains(packages[Int($0)].place) }
        self.resolver = resolver
        self.closure = closure
        var places: Set<StanzaPlace> = []
        for number in closure.packages {
            places.insert(packages[Int(number)].place)
            for twin in resolver.twins(of: number) { places.insert(packages[Int(twin)].place) }
        }
        self.places = places.sorted()
        warnings = closure.warnings(resolver)
    }

    /// The source packages that its packages are built from.
    func sources() -> Set<SourceName> {
        Set(closure.packages.map { resolver.universe.source(resolver.universe.packages[Int($0)]) })
    }

    /// The packages from what was asked for to the package at a place, itself included; nil if it is not here.
    func chain(to place: StanzaPlace) -> [String]? {
        closure.packages.first { resolver.universe.packages[Int($0)].place == place }
            .map { closure.chain(to: $0).map(resolver.name) }
    }
}

extension BinaryResolver: RequirementResolver {
    var count: Int { universe.packages.count }

    func name(_ number: Int32) -> String {
        universe.names.with(universe.packages[Int(number)].name) { $0.printable }
    }

    /// `nginx 1.22.1-9`, with the architecture where there are several.
    func label(_ number: Int32) -> String {
        let package = universe.packages[Int(number)]
        let version = universe.withTexts { universe.version(package, $0).printable }
        let architecture =
            universe.architectures.count > 1
            ? ":" + universe.architectures.with(package.architecture) { $0.printable } : ""
        return "\(name(number))\(architecture) \(version)"
    }
}
