import Basics
import Mirroring

/// The packages of a plan, by the paths that they are published at.
struct PackageFiles {
    private(set) var files: [PlannedFile] = []
    private var places: [RepositoryPath: Int32] = [:]

    private static let reserved: Int32 = -1

    /// - Parameter reserved: paths that no package may take.
    init(reserved: some Sequence<RepositoryPath>) {
        for path in reserved { places[path] = PackageFiles.reserved }
    }

    /// Takes a package. The same one at the same path once more changes nothing.
    /// - Throws: ``ChantalError`` `malformed` if the path is another's, naming the package.
    /// - Returns: whether the path is new.
    @discardableResult
    mutating func add(_ file: PlannedFile, label: @autoclosure () -> String, in list: String) throws -> Bool {
        if let place = places[file.path] {
            guard place != PackageFiles.reserved else {
                throw ChantalError(
                    .unsafePath, "\(label()) in '\(list)' is refused: '\(file.path)' is the path of a metadata file",
                    path: file.path.description)
            }
            let there = files[Int(place)]
            if there.sha256 == file.sha256, there.checksums == file.checksums { return false }
            throw ChantalError(
                .malformed,
                "\(label()) in '\(list)' is refused: another package has '\(file.path)' as well, with other bytes",
                hint: "upstream's metadata contradicts itself; its owner has to make it anew",
                path: file.path.description)
        }
        places[file.path] = Int32(truncatingIfNeeded: files.count)
        files.append(file)
        return true
    }

    /// Makes room for packages, as many as upstream says; what it says falsely costs little.
    mutating func reserve(_ count: Int64) {
        let count = Int(max(0, min(count, PackageFiles.mostReserved)))
        files.reserveCapacity(count)
        places.reserveCapacity(count)
    }

    private static let mostReserved: Int64 = 100_000

    func contains(_ path: RepositoryPath) -> Bool { places[path] != nil }
}

extension PlannedFile {
    init(_ path: RepositoryPath, size: Int64?, _ checksum: Checksum, isPackage: Bool = true) {
        let sha256 = checksum.sha256
        self.init(
            source: path, path: path, size: size, sizeLimit: RecordReader.openLimit, sha256: sha256,
            checksums: sha256 == nil ? [checksum] : [],
            isPackage: isPackage)
    }
}
