import Basics
import Mirroring

/// A selection of packages with everything that it requires, transitively; weak dependencies are not followed.
struct PackageClosure {
    /// Places in primary.
    let numbers: Set<Int>
    /// What cannot be met, and by whom it is needed; for people.
    let warnings: [String]
    private let resolver: PackageResolver
    private let closure: Closure

    init(_ roots: Set<Int>, _ resolver: PackageResolver, check: @escaping () throws -> Void) throws {
        let packages = resolver.universe.packages
        closure = try Closure(resolver, check: check) { roots.contains(Int(packages[Int($0)].number)) }
        self.resolver = resolver
        numbers = Set(closure.packages.map { Int(packages[Int($0)].number) })
        warnings = closure.warnings(resolver)
    }

    /// The packages from what was asked for to the one at a place in primary, itself included; nil if it is not here.
    func chain(to number: Int) -> [String]? {
        closure.packages.first { Int(resolver.universe.packages[Int($0)].number) == number }
            .map { closure.chain(to: $0).map(resolver.name) }
    }

    /// The closure over a universe of whose files primary tells a part: the others are looked for if they are required.
    /// - Parameter findFiles: says which packages hold files at these paths.
    static func complete(
        _ roots: Set<Int>, _ resolver: inout PackageResolver, check: @escaping () throws -> Void,
        findFiles: (_ paths: [[UInt8]]) throws -> [FoundFile]
    ) throws -> PackageClosure {
        while true {
            let closure = try PackageClosure(roots, resolver, check: check)
            let missed = resolver.takeMissedFiles()
            if missed.isEmpty { return closure }
            let found = try findFiles(missed)
            if found.isEmpty { return closure }
            resolver.add(found)
        }
    }
}

extension PackageResolver: RequirementResolver {
    var count: Int { universe.packages.count }

    func name(_ package: Int32) -> String {
        universe.names.with(universe.packages[Int(package)].name) { $0.text }
    }

    /// `curl-8.0-1.x86_64`
    func label(_ package: Int32) -> String {
        let package = universe.packages[Int(package)]
        let (name, architecture) = (
            universe.names.with(package.name) { $0.text }, universe.names.with(package.architecture) { $0.text }
        )
        return "\(name)-\(universe.with(evr: package.evr) { $0.text }).\(architecture)"
    }
}
