import Basics
import Hashing
import Mirroring

/// The packages that a filtered mirror keeps, and the files that belong to them.
struct PlannedPackages {
    private(set) var packages: [SelectedPackage] = []
    private(set) var files: PackageFiles
    private(set) var defects: [SyncPlan.Defect] = []

    /// - Parameters:
    ///   - list: the primary as messages name it.
    ///   - reserved: names that no package may take.
    init(_ selected: [SelectedPackage], in list: String, reserved: [RepositoryPath]) {
        files = PackageFiles(reserved: reserved)
        for package in selected {
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
                if try files.add(file, label: "package '\(package.nevra)'", in: list) { packages.append(package) }
            } catch {
                defects.append(SyncPlan.Defect(path: nil, error: ChantalError.wrap(error)))
            }
        }
    }
}

extension Sequence<SelectedPackage> {
    /// What was decided, in whatever order it stands.
    var fact: Digest {
        var hasher = SHA256Hasher()
        for package in sorted(by: { $0.path < $1.path }) {
            package.path.bytes.withUnsafeBytes { hasher.update($0) }
            Array("\u{0}\(package.checksum)\n".utf8).withUnsafeBytes { hasher.update($0) }
        }
        return hasher.finish()
    }
}
