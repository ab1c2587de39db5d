import Basics

/// A file that a Release file lists, with everything its lists of hashes say about it.
public struct ReleaseEntry: Sendable {
    /// Relative to the directory of the Release file.
    public let path: RepositoryPath
    /// In bytes.
    public let size: Int64
    /// At most one of each algorithm, from weakest to strongest.
    public fileprivate(set) var checksums: [Checksum]

    public init(path: RepositoryPath, size: Int64, checksums: [Checksum]) {
        self.path = path
        self.size = size
        self.checksums = checksums.sorted { $0.algorithm < $1.algorithm }
    }

    /// The strongest declared hash, MD5 and SHA1 included.
    public var strongest: Checksum { checksums[checksums.count - 1] }

    /// Whether nothing but MD5 or SHA1 vouches for the file.
    public var isWeak: Bool { !strongest.algorithm.isStrong }

    public func checksum(_ algorithm: ChecksumAlgorithm) -> Checksum? {
        checksums.first { $0.algorithm == algorithm }
    }
}

/// Merges the lists of a Release file path by path.
struct ReleaseEntries {
    private(set) var entries: [ReleaseEntry] = []
    private var places: [RepositoryPath: Int] = [:]

    /// - Throws: ``ChantalError`` `malformed` if the path was listed with another size or another hash of the same kind.
    mutating func add(_ path: RepositoryPath, size: Int64, _ checksum: Checksum, file: String) throws {
        guard let place = places[path] else {
            places[path] = entries.count
            entries.append(ReleaseEntry(path: path, size: size, checksums: [checksum]))
            return
        }
        func conflict(_ what: String) -> ChantalError {
            ChantalError(.malformed, "\(file) contradicts itself: it lists '\(path)' with two \(what)", path: file)
        }
        guard entries[place].size == size else { throw conflict("sizes") }
        if let old = entries[place].checksum(checksum.algorithm) {
            guard old == checksum else { throw conflict("\(checksum.algorithm.rawValue.uppercased()) hashes") }
            return
        }
        let at = entries[place].checksums.firstIndex { $0.algorithm > checksum.algorithm }
        entries[place].checksums.insert(checksum, at: at ?? entries[place].checksums.count)
    }
}
