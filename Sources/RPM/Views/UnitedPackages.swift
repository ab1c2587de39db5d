import Basics
import Mirroring

/// The packages of several repositories, each once.
struct UnitedPackages {
    struct Candidate {
        var package: SelectedPackage
        let entry: ManifestEntry
    }

    /// What is taken, by its path in the view.
    private(set) var files: [RepositoryPath: ManifestEntry] = [:]
    private let streams: ModuleSelection
    private let modular: Set<String>
    private var paths: UnitedPaths
    /// By NEVRA the bytes that are taken.
    private var taken: [String: Digest] = [:]
    private var checksums: Set<Checksum> = []
    private(set) var disputed = DisputedPackages()

    init(_ streams: ModuleSelection) {
        self.streams = streams
        modular = streams.keptArtifacts
        paths = UnitedPaths(reserved: [
            RepositoryPath(trusted: Array("repodata".utf8)), RepositoryComposer.armoredKey,
            RepositoryComposer.binaryKey,
        ])
    }

    /// - Returns: those of a member that may be taken, each package once.
    mutating func admit(_ candidates: [Candidate], of member: ViewMember) -> [SelectedPackage] {
        var result: [SelectedPackage] = []
        for candidate in UnitedPackages.latestBuilds(candidates) {
            var package = candidate.package
            let nevra = package.nevra
            if let known = taken[nevra] {
                if known != candidate.entry.digest {
                    disputed.add(package.name, label: "'\(nevra)'", of: member.name)
                }
                continue
            }
            // One package under two names is told once; what belongs to a description of a stream that does not count, to none.
            guard !streams.droppedArtifacts.contains(nevra), checksums.insert(package.checksum).inserted else {
                continue
            }
            taken[nevra] = candidate.entry.digest
            package.isModular = modular.contains(nevra)
            result.append(package)
        }
        return result
    }

    /// Takes packages of a member that were admitted.
    /// - Returns: the same at their paths in the view.
    mutating func take(_ admitted: [SelectedPackage], of member: ViewMember) throws -> [SelectedPackage] {
        try admitted.compactMap { package in
            guard let entry = member.state.manifest[package.path] else { return nil }
            var package = package
            if let directory = try paths.place([(package.path, entry.digest)], of: member.name) {
                package.path = package.path.under(directory)
            }
            files[package.path] = ManifestEntry(
                path: package.path, digest: entry.digest, size: entry.size, role: .package)
            return package
        }
    }

    /// Of several builds of one version in one repository the latest, the first of equals; in the order in which they stand there.
    private static func latestBuilds(_ candidates: [Candidate]) -> [Candidate] {
        var latest: [String: Int] = [:]
        for (index, candidate) in candidates.enumerated() {
            let nevra = candidate.package.nevra
            if let known = latest[nevra], candidates[known].package.buildTime >= candidate.package.buildTime {
                continue
            }
            latest[nevra] = index
        }
        return candidates.enumerated().filter { latest[$1.package.nevra] == $0 }.map(\.element)
    }
}
