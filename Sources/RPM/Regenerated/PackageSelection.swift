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

    /// - Parameter reserved: names that no package may take.
    init(
        session: SyncSession, primary: MirroredMetadata.File, filter: PackageFilter, reserved: [RepositoryPath]
    ) throws {
        self.session = session
        self.filter = filter
        files = PackageFiles(reserved: reserved)
        try read(primary)
        leaveDuplicates()
        try leaveQuarantined()
        leaveOld()
        publish(in: primary.record.location.path.description)
    }

    private mutating func read(_ primary: MirroredMetadata.File) throws {
        let list = primary.record.location.path.description
        var found: [SelectedPackage] = []
        var problems: [SyncPlan.Defect] = []
        let filter = self.filter
        let reader = PrimaryReader { package in
            let evr = package.evr
            func nevra() -> String { SelectedPackage.nevra(package.text(.name), evr, package.text(.architecture)) }
            guard try filter.takes(package, evr: evr, nevra: nevra()) else { return }
            do {
                let location = try package.location(mayBeRebased: true)
                found.append(
                    SelectedPackage(
                        number: package.number, name: package.text(.name), evr: evr,
                        architecture: package.text(.architecture), checksum: try package.checksum(), size: package.size,
                        buildTime: package.buildTime ?? package.fileTime ?? 0,
                        source: try location.source(), path: location.path,
                        isModular: filter.knowsModules && filter.isModular(nevra())))
            } catch {
                problems.append(
                    SyncPlan.Defect(
                        path: nil, error: ChantalError.wrap(error).within("a package in '\(list)' is refused")))
            }
        }
        let document = try PackageDocument(file: list, handler: reader)
        let elements = PackageElementReader(session: session, file: primary)
        try elements.read { _, package in try document.writeWithoutFormat(package) }
        try document.finish()
        packages = found
        defects = problems
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

    private mutating func leaveQuarantined() throws {
        var quarantine = Quarantine(filter.rules, now: session.now)
        guard quarantine.minimumAge != nil else { return }
        let moments = try session.firstSeen(packages.map(\.checksum))
        var released: [SelectedPackage] = []
        for (package, moment) in zip(packages, moments) {
            let date = package.buildTime > 0 ? Timestamp(seconds: package.buildTime) : nil
            // What the first sync found has been there since the beginning of time.
            let isInitial = moment == Timestamp(seconds: 0)
            if quarantine.releases(date: date, firstSeen: moment, isInitial: isInitial) { released.append(package) }
        }
        packages = released
        nextChangeAt = quarantine.nextRelease
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
