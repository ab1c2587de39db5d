import Basics
import Mirroring

/// The files that the stanzas of all indices name, each path once.
struct PackageFiles {
    private(set) var files: [PlannedFile] = []
    private(set) var defects: [SyncPlan.Defect] = []
    /// Packages, by name, version and architecture.
    private(set) var packages = 0
    private let allowsWeakHashes: Bool
    private var places: [RepositoryPath: Int32] = [:]

    private static let reserved: Int32 = -1

    /// - Parameters:
    ///   - reserved: paths of metadata, that no package may take.
    ///   - expected: how many files there may be, for which room is made at once.
    init(allowsWeakHashes: Bool, reserved: some Sequence<RepositoryPath>, expected: Int = 0) {
        self.allowsWeakHashes = allowsWeakHashes
        files.reserveCapacity(expected)
        places.reserveCapacity(expected)
        for path in reserved { places[path] = PackageFiles.reserved }
    }

    /// Takes the file of a binary package; a defect is noted by the package's name.
    /// - Returns: the file; nil if the package is refused.
    mutating func add(_ package: PackagesStanza, index: String) throws -> PackageFile? {
        do {
            let file = try package.packageFile(allowWeak: allowsWeakHashes)
            // They may not be missing or broken in a package that is taken.
            _ = (try package.name, try package.version)
            if try add(file, name: package.displayName, index: index) { packages += 1 }
            return file
        } catch let error as ChantalError {
            addDefect(error, path: package.path)
            return nil
        }
    }

    /// Takes the files of a source package; a defect is noted by the package's name.
    /// - Returns: the .dsc; nil if there is none, or if the package is refused.
    mutating func add(_ source: SourcesStanza, index: String) throws -> PackageFile? {
        do {
            var isNew = false
            let files = try source.packageFiles(allowWeak: allowsWeakHashes)
            for file in files {
                let added = try add(file, isPackage: file.isControl, name: source.displayName, index: index)
                if added, file.isControl { isNew = true }
            }
            if isNew { packages += 1 }
            return files.first(where: \.isControl)
        } catch let error as ChantalError {
            addDefect(error, path: source.path)
            return nil
        }
    }

    /// - Returns: whether the path is new.
    private mutating func add(
        _ file: PackageFile, path: RepositoryPath? = nil, isPackage: Bool = true, name: @autoclosure () -> String,
        index: String
    ) throws -> Bool {
        let path = path ?? file.path
        if let place = places[path] {
            if place == PackageFiles.reserved {
                throw ChantalError(
                    .unsafePath, "\(name()) in \(index) is refused: '\(path)' is the name of a metadata file",
                    path: path.description)
            }
            try check(file, against: files[Int(place)], name: name(), index: index)
            return false
        }
        places[path] = Int32(truncatingIfNeeded: files.count)
        files.append(PlannedFile(file, path: path, isPackage: isPackage))
        return true
    }

    private func check(_ file: PackageFile, against other: PlannedFile, name: @autoclosure () -> String, index: String)
        throws
    {
        let agrees =
            (file.sha256 == nil || other.sha256 == nil || file.sha256 == other.sha256)
            && file.others.allSatisfy { checksum in
                other.checksums.allSatisfy { $0.algorithm != checksum.algorithm || $0 == checksum }
            }
        if agrees, file.size == other.size { return }
        throw ChantalError(
            .malformed, "\(name()) in \(index) is refused: another index names '\(file.path)' with other bytes",
            hint: "mirror the suites that disagree as separate repositories", path: file.path.description)
    }

    /// Takes the files of one package of either kind, published at other paths than upstream's.
    mutating func add(_ package: [PackageFile], paths: [RepositoryPath], name: @autoclosure () -> String, index: String)
        throws
    {
        var isNew = false
        for (file, path) in zip(package, paths) {
            let isPackage = package.count == 1 || file.isControl
            if try add(file, path: path, isPackage: isPackage, name: name(), index: index), isPackage { isNew = true }
        }
        if isNew { packages += 1 }
    }

    /// - Parameter path: where the package would have been published, as far as it is known: what `allow_missing` goes by.
    mutating func addDefect(_ error: ChantalError, path: RepositoryPath?) {
        defects.append(SyncPlan.Defect(path: path.flatMap { isReserved($0) ? nil : $0 }, error: error))
    }

    /// Takes a file that is no package: an image, a patch.
    mutating func add(_ file: PlannedFile) {
        guard places[file.path] == nil else { return }
        places[file.path] = Int32(truncatingIfNeeded: files.count)
        files.append(file)
    }

    /// Whether a path is that of a metadata file.
    func isReserved(_ path: RepositoryPath) -> Bool { places[path] == PackageFiles.reserved }
}

extension PlannedFile {
    init(_ file: PackageFile, path: RepositoryPath, isPackage: Bool) {
        self.init(
            source: file.path, path: path, size: file.size, sha256: file.sha256, checksums: file.others,
            isPackage: isPackage)
    }
}

extension PackageFile {
    /// Whether it is the .dsc, which belongs to one source package alone; tarballs may be shared.
    var isControl: Bool { path.bytes.suffix(4).elementsEqual(".dsc".utf8) }
}
