import Basics

/// A package as metadata that chantal writes lists it.
protocol ListedPackage {
    var name: String { get }
    var evr: EVR { get }
    var architecture: String { get }
    var path: RepositoryPath { get }
}

extension ListedPackage {
    /// The order in metadata, whatever the order upstream is: by name, version and architecture, then by path, which is a package's own.
    static func isBefore(_ a: Self, _ b: Self) -> Bool {
        if a.name != b.name { return a.name < b.name }
        if a.evr != b.evr { return a.evr < b.evr }
        if a.architecture != b.architecture { return a.architecture < b.architecture }
        return a.path < b.path
    }
}

extension SelectedPackage: ListedPackage {}
extension HostedPackage: ListedPackage {}

/// The places of the packages of several sources in the metadata that is made of them.
struct PackagePlaces {
    let count: Int
    private var places: [[Int]]

    init(_ sources: [MetadataSource]) {
        var all: [(source: Int, index: Int)] = []
        for (source, metadata) in sources.enumerated() {
            for index in metadata.packages.indices { all.append((source, index)) }
        }
        all.sort {
            SelectedPackage.isBefore(sources[$0.source].packages[$0.index], sources[$1.source].packages[$1.index])
        }
        places = sources.map { [Int](repeating: 0, count: $0.packages.count) }
        for (place, package) in all.enumerated() { places[package.source][package.index] = place }
        count = all.count
    }

    /// By the indices of the packages of a source.
    subscript(source: Int) -> [Int] { places[source] }
}
