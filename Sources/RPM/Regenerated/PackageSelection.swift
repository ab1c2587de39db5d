import Basics
import Hashing
import Mirroring
import XML

/// Reads upstream's primary and decides which packages a filtered repository holds.
struct PackageSelection {
    private(set) var packages: [SelectedPackage] = []
    private(set) var files: PackageFiles
    private(set) var defects: [SyncPlan.Defect] = []
    private(set) var warnings: [String] = []
    /// The next end of a quarantine.
    private(set) var nextChangeAt: Timestamp?

    private let session: SyncSession
    private let filter: PackageFilter
    private let metadata: MirroredMetadata
    private let primary: MirroredMetadata.File
    private var quarantine: Quarantine

    /// - Parameter reserved: names that no package may take.
    init(
        session: SyncSession, metadata: MirroredMetadata, filter: PackageFilter, reserved: [RepositoryPath]
    ) throws {
        guard let primary = metadata["primary"] else { throw ChantalError(.bug, "there is no primary") }
        self.session = session
        self.filter = filter
        self.metadata = metadata
        self.primary = primary
        quarantine = Quarantine(filter.rules, now: session.now)
        files = PackageFiles(reserved: reserved)
        let universe = try read()
        leaveDuplicates()
        let held = try leaveQuarantined()
        leaveOld()
        if let universe { try addDependencies(universe, held: held) }
        nextChangeAt = quarantine.nextRelease
        publish(in: list)
    }

    private var list: String { primary.record.location.path.description }

    /// Reads what is asked for.
    /// - Returns: what it may need; nil without `dependencies`.
    private mutating func read() throws -> PackageUniverse? {
        let filter = self.filter
        let wantsFormat = filter.rules.dependencies
        var universe = PackageUniverse()
        universe.setDefaults(filter.visibleStreams)
        var found: [SelectedPackage] = []
        var problems: [SyncPlan.Defect] = []
        let reader = PrimaryReader(
            entries: wantsFormat ? { try universe.take($1) } : nil,
            { [self] package in
                let evr = package.evr
                let nevra = filter.knowsModules ? SelectedPackage.nevra(package, evr) : ""
                let isLeftOut = try filter.leavesOut(package, evr: evr, nevra: nevra)
                if wantsFormat {
                    if isLeftOut || package.isSource {
                        universe.drop(package, isLeftOut: isLeftOut)
                    } else {
                        universe.add(package, evr: evr, stream: filter.stream(of: nevra))
                    }
                }
                guard !isLeftOut, try filter.asksFor(package, evr: evr, nevra: nevra) else { return }
                select(package, evr, number: package.number, &found, &problems)
            })
        let document = try PackageDocument(file: list, handler: reader)
        try PackageElementReader(session: session, file: primary).read { _, package in
            try wantsFormat ? document.write(package) : document.writeWithoutFormat(package)
        }
        try document.finish()
        packages = found
        defects = problems
        return wantsFormat ? universe : nil
    }

    private func select(
        _ package: PrimaryPackage, _ evr: EVR, number: Int, _ found: inout [SelectedPackage],
        _ problems: inout [SyncPlan.Defect]
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
                    path: nil, error: ChantalError.wrap(error).within("\(package.label) in '\(list)' is refused")))
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
        var current = 0
        let reader = PrimaryReader { [self] in select($0, $0.evr, number: current, &found, &problems) }
        let document = try PackageDocument(file: list, handler: reader)
        try PackageElementReader(session: session, file: primary).read { number, package in
            guard numbers.contains(number) else { return }
            current = number
            try document.writeWithoutFormat(package)
        }
        try document.finish()
        packages += found
        defects += problems
    }

    private func findFiles(_ paths: [[UInt8]]) throws -> [FoundFile] {
        guard let filelists = metadata["filelists"] else { return [] }
        let search = try FileSearch(paths, file: filelists.record.location.path.description)
        try PackageElementReader(session: session, file: filelists).read { try search.take($1) }
        try search.finish()
        return search.found
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

    private mutating func publish(in list: String) {
        var published: [SelectedPackage] = []
        for package in packages {
            let sha256 = package.checksum.sha256
            let file = PlannedFile(
                source: package.source, path: package.path, size: package.size, sizeLimit: RecordReader.openLimit,
                sha256: sha256, checksums: sha256 == nil ? [package.checksum] : [])
            do {
                guard !package.path.bytes.starts(with: "repodata/".utf8) else {
                    throw ChantalError(
                        .unsafePath, "package '\(package.nevra)' in '\(list)' is refused: it lies among the metadata",
                        path: package.path.description)
                }
                if try files.add(file, label: "package '\(package.nevra)'", in: list) { published.append(package) }
            } catch {
                defects.append(SyncPlan.Defect(path: nil, error: ChantalError.wrap(error)))
            }
        }
        packages = published
    }

    /// What was decided.
    var fact: Digest {
        var hasher = SHA256Hasher()
        for package in packages {
            package.path.bytes.withUnsafeBytes { hasher.update($0) }
            Array("\u{0}\(package.checksum)\n".utf8).withUnsafeBytes { hasher.update($0) }
        }
        return hasher.finish()
    }
}
