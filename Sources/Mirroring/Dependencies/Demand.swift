/// What a requirement comes down to once names, versions and architectures are looked up: which packages would meet it.
///
/// Packages are numbers of the ecosystem's own, from 0.
public indirect enum Demand {
    /// A package of each list that has a usable one, in order of preference; it is met if any list gives one.
    ///
    /// There are several lists where clients may see one part of a repository without the others, as with suites.
    case anyOf([[Int32]])
    case all([Demand])
    /// The first that can be met.
    case first([Demand])
    /// What is needed where a condition is met by other packages, and what is needed where it is not.
    case when(_ condition: Demand, then: Demand, otherwise: Demand?)
}

/// A selection with everything that it needs.
public struct Closure {
    /// What was asked for, then what that needs, in the order in which it came in.
    public internal(set) var packages: [Int32] = []
    /// What nothing can meet.
    public internal(set) var unmet: [Unmet] = []
    /// By package: what brought it in; -1 for what was asked for, and for what is not here.
    var parents: [Int32]

    /// A requirement of a package, by its place among the package's demands.
    public struct Unmet: Hashable, Sendable {
        public let package: Int32
        public let requirement: Int
    }

    init(count: Int) { parents = Array(repeating: -1, count: count) }

    /// From what was asked for to a package, itself included.
    public func chain(to package: Int32) -> [Int32] {
        var chain = [package]
        while let last = chain.last, parents[Int(last)] >= 0 { chain.append(parents[Int(last)]) }
        return chain.reversed()
    }
}
