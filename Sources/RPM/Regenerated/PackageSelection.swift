import Basics
import Mirroring
import XML

/// Metadata whose packages are selected from.
struct PackageSource {
    let metadata: MetadataSource
    /// Its primary as messages name it.
    let name: String
    /// Places of the packages in primary that may be taken at all; nil for all.
    var admitted: Set<Int>?

    func admits(_ number: Int) -> Bool { admitted?.contains(number) ?? true }
}

/// Reads the primary of an upstream, or those of a view's members, and decides which packages a filter takes.
struct PackageSelection {
    /// In order; their places are counted through all primaries.
    private var packages: [SelectedPackage] = []
    private(set) var defects: [SyncPlan.Defect] = []
    private(set) var warnings: [String] = []
    /// The next end of a quarantine.
    private(set) var nextChangeAt: Timestamp?

    private let session: SyncSession
    private let filter: PackageFilter
    private let sources: [PackageSource]
    /// By source the place of its first package; then where the next would begin.
    private var starts = [0]
    private var quarantine: Quarantine

    init(session: SyncSession, sources: [PackageSource], filter: PackageFilter) throws {
        self.session = session
        self.filter = filter
        self.sources = sources
        quarantine = Quarantine(filter.rules, now: session.now)
        let universe = try read()
        leaveDuplicates()
        let held = try leaveQuarantined()
        leaveOld()
        if let universe { try addDependencies(universe, held: held) }
        nextChangeAt = quarantine.nextRelease
        warnings += filter.rules.warnings
    }

    /// What is taken of a source, in its order, by the places in its own primary.
    func packages(of source: Int) -> [SelectedPackage] {
        let (start, end) = (starts[source], starts[source + 1])
        return packages.filter { (start..<end).contains($0.number) }.map { package in
            var own = package
            own.number -= start
            return own
        }
    }

    /// Reads what is asked for.
    /// - Returns: what it may need; nil without `dependencies`.
    private mutating func read() throws -> PackageUniverse? {
        let filter = self.filter
        let wantsFormat = filter.rules.dependencies
        var universe = PackageUniverse()
        universe.setDefaults(filter.visibleStreams)
        var found: [SelectedPackage] = []
        var problems: [SyncPlan.Defect] = []
        for source in sources {
            let start = starts[starts.count - 1]
            let reader = PrimaryReader(
                entries: wantsFormat ? { try universe.take($1) } : nil,
                { package in
                    let evr = package.evr
                    let nevra = filter.knowsModules ? SelectedPackage.nevra(package, evr) : ""
                    let isAdmitted = source.admits(package.number)
                    let isLeftOut = try isAdmitted && filter.leavesOut(package, evr: evr, nevra: nevra)
                    let number = start + package.number
                    if wantsFormat {
                        if !isAdmitted || isLeftOut || package.isSource {
                            universe.drop(package, isLeftOut: isLeftOut)
                        } else {
                            universe.add(package, at: number, evr: evr, stream: filter.stream(of: nevra))
                        }
                    }
                    if isAdmitted, isLeftOut { try filter.noteLeftOut(package, evr: evr) }
                    guard isAdmitted, !isLeftOut, try filter.asksFor(package, evr: evr, nevra: nevra) else { return }
                    PackageSelection.select(package, evr, number, filter, in: source, &found, &problems)
                })
            try read(source, reader) { document, _, package in
                try wantsFormat ? document.write(package) : document.writeWithoutFormat(package)
            }
            starts.append(start + Int(reader.count))
        }
        packages = found
        defects = problems
        return wantsFormat ? universe : nil
    }

    private func read(
        _ source: PackageSource, _ reader: PrimaryReader,
        _ body: (PackageDocument, _ number: Int, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let primary = source.metadata["primary"] else { throw ChantalError(.bug, "there is no primary") }
        let document = try PackageDocument(file: source.name, handler: reader)
        try PackageElementReader(session: session, file: primary).read { try body(document, $0, $1) }
        try document.finish()
    }

    private static func select(
        _ package: PrimaryPackage, _ evr: EVR, _ number: Int, _ filter: PackageFilter, in source: PackageSource,
        _ found: inout [SelectedPackage], _ problems: inout [SyncPlan.Defect]
    ) {
        do {
            let location = try package.location(mayBeRebased: true)
            let name = package.text(.name)
            let architecture = package.text(.architecture)
            found.append(
                SelectedPackage(
                    number: number, name: name, evr: evr, architecture: architecture,
                    checksum: try package.checksum(), size: package.size,
                    buildTime: package.buildTime ?? package.fileTime ?? 0,
                    source: try location.source(), path: location.path,
                    isModular: filter.knowsModules
                        && filter.isModular(SelectedPackage.nevra(name, evr, architecture))))
        } catch {
            problems.append(
                SyncPlan.Defect(
                    path: nil, error: ChantalError.wrap(error).within("\(package.label) in '\(source.name)' is refused")
                ))
        }
    }

    /// Takes what the packages need; what has to wait counts as not there, and other versions or packages are taken for it.
    private mutating func addDependencies(_ universe: PackageUniverse, held: Set<Int>) throws {
        var resolver = PackageResolver(universe)
        resolver.remove(held)
        let asked = packages
        let roots = Set(asked.lazy.filter { !$0.isSource }.map(\.number))
        var seen = roots
        var found: [Int: SelectedPackage] = [:]
        while true {
            let closure = try PackageClosure.complete(
                roots, &resolver, check: session.checkCancellation, findFiles: findFiles)
            packages = []
            try readPackages(closure.numbers.filter { seen.insert($0).inserted })
            let held = try leaveQuarantined()
            for package in packages { found[package.number] = package }
            guard held.isEmpty else {
                resolver.remove(held)
                continue
            }
            packages = (asked + closure.numbers.compactMap { found[$0] }).sorted { $0.number < $1.number }
            leaveDuplicates()
            warnings += closure.warnings
            return
        }
    }

    private mutating func readPackages(_ numbers: Set<Int>) throws {
        if numbers.isEmpty { return }
        var found: [SelectedPackage] = []
        var problems: [SyncPlan.Defect] = []
        let filter = self.filter
        for (source, start) in zip(sources, starts) {
            var current = 0
            let reader = PrimaryReader {
                PackageSelection.select($0, $0.evr, current, filter, in: source, &found, &problems)
            }
            try read(source, reader) { document, number, package in
                guard numbers.contains(start + number) else { return }
                current = start + number
                try document.writeWithoutFormat(package)
            }
        }
        packages += found
        defects += problems
    }

    private func findFiles(_ paths: [[UInt8]]) throws -> [FoundFile] {
        var found: [FoundFile] = []
        for filelists in sources.compactMap({ $0.metadata["filelists"] }) {
            let search = try FileSearch(paths, file: filelists.record.location.path.description)
            try PackageElementReader(session: session, file: filelists).read { try search.take($1) }
            try search.finish()
            found += search.found
        }
        return found
    }

    /// One package under several names is published once; of several builds of one version the latest counts, the first of equals.
    private mutating func leaveDuplicates() {
        var places: [String: Int] = [:]
        var checksums: Set<Checksum> = []
        var kept: [SelectedPackage?] = []
        var duplicates: [String] = []
        for package in packages {
            guard checksums.insert(package.checksum).inserted else { continue }
            let nevra = package.nevra
            if let place = places[nevra] {
                duplicates.append(nevra)
                guard let other = kept[place], other.buildTime < package.buildTime else { continue }
                kept[place] = nil
            }
            places[nevra] = kept.count
            kept.append(package)
        }
        packages = kept.compactMap { $0 }
        guard let first = duplicates.first else { return }
        warnings.append(
            "upstream has '\(first)'\(duplicates.count > 1 ? " and \(duplicates.count - 1) others" : "") with different contents; the latest build is taken"
        )
    }

    /// - Returns: the places in primary of those that have to wait.
    private mutating func leaveQuarantined() throws -> Set<Int> {
        guard quarantine.minimumAge != nil else { return [] }
        let moments = try session.firstSeen(packages.map(\.checksum))
        var released: [SelectedPackage] = []
        var held: Set<Int> = []
        for (package, moment) in zip(packages, moments) {
            let date = package.buildTime > 0 ? Timestamp(seconds: package.buildTime) : nil
            // What the first sync found has been there since the beginning of time.
            let isInitial = moment == Timestamp(seconds: 0)
            if quarantine.releases(date: date, firstSeen: moment, isInitial: isInitial) {
                released.append(package)
            } else {
                held.insert(package.number)
            }
        }
        packages = released
        return held
    }

    private struct Group: Hashable {
        let name: String
        let architecture: String
    }

    /// Versions count per name and architecture; streams of modules are versions of their own, and stay.
    private mutating func leaveOld() {
        guard let count = filter.rules.latest else { return }
        let plain = packages.indices.filter { !packages[$0].isModular }
        let newest = Newest.indices(
            of: plain, keeping: count,
            group: { Group(name: packages[$0].name, architecture: packages[$0].architecture) },
            isOlder: { packages[$0].evr < packages[$1].evr })
        let kept = Set(newest.map { plain[$0] })
        packages = packages.indices.filter { packages[$0].isModular || kept.contains($0) }.map { packages[$0] }
    }
}
