import Basics
import Mirroring
import XML

/// Why a state holds its packages: the closure that its filter asked for, found anew from what is published.
struct PublishedClosure {
    private let repository: PublishedRepository
    private let filter: PackageFilter

    /// Nil if no filter with `dependencies` made the state.
    init?(_ repository: PublishedRepository) throws {
        func document(_ type: String, limit: Int) throws -> [UInt8]? {
            var bytes: [UInt8] = []
            let isThere = try repository.read(type) { chunk in
                guard bytes.count + chunk.count <= limit else {
                    throw ChantalError(.tooLarge, "'\(type)' is larger than \(ByteCount.text(Int64(limit)))")
                }
                bytes.append(contentsOf: chunk)
            }
            return isThere ? bytes : nil
        }
        let filter = try PackageFilter(
            notes: repository.state.notes,
            comps: try document("group", limit: Comps.sizeLimit).map { try Comps($0, file: "group") },
            modules: try document("modules", limit: ModuleFile.sizeLimit).map { try ModuleFile($0, file: "modules") })
        guard let filter else { return nil }
        self.filter = filter
        self.repository = repository
    }

    /// Names from the pattern that asked for the first package to the package itself; empty if nothing leads to it.
    /// - Parameter path: of the package's file.
    func why(path: String) throws -> [String] {
        var universe = PackageUniverse()
        universe.setDefaults(filter.visibleStreams)
        var roots: Set<Int> = []
        var wanted: Int?
        let reader = PrimaryReader(
            entries: { try universe.take($1) },
            { [filter] package in
                let evr = package.evr
                let nevra = filter.knowsModules ? SelectedPackage.nevra(package, evr) : ""
                if try filter.asksFor(package, evr: evr, nevra: nevra) { roots.insert(package.number) }
                if package.text(.href) == path { wanted = package.number }
                if package.isSource {
                    universe.drop(package, isLeftOut: false)
                } else {
                    universe.add(package, at: package.number, evr: evr, stream: filter.stream(of: nevra))
                }
            })
        try repository.readPrimary(reader, wantsFormats: true)
        guard let wanted else { return [] }
        var resolver = PackageResolver(universe)
        let closure = try PackageClosure.complete(roots, &resolver, check: {}, findFiles: findFiles)
        return Closure.why(closure.chain(to: wanted) ?? [], filter.rules)
    }

    private func findFiles(_ paths: [[UInt8]]) throws -> [FoundFile] {
        let search = try FileSearch(paths, file: "filelists")
        var splitter = PackageSplitter(file: "filelists")
        _ = try repository.read("filelists") { chunk in try splitter.write(chunk) { try search.take($0) } }
        try search.finish()
        return search.found
    }
}
