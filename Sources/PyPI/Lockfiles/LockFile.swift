import Basics
import TOML

/// A distribution file that a lock file names.
public struct LockedFile: Sendable {
    public let project: ProjectName
    public let version: Version?
    public let filename: String
    /// Absolute, or a path relative to the lock file.
    public let location: String
    public let checksums: [Checksum]
    public let size: Int64?
    public let uploadTime: Timestamp?
    /// Nil for a source distribution.
    public let wheel: WheelFilename?
    /// When the package is wanted.
    public let marker: Marker?
    /// Where the index is that it came from.
    public let index: String?
    /// `FILE:LINE`
    public let place: String
}

/// What a lock file names: `pylock.toml` (PEP 751) or `uv.lock`.
public struct LockFile: Sendable {
    public struct Unusable: Sendable {
        /// `FILE:LINE`
        public let place: String
        public let reason: String
    }

    public internal(set) var files: [LockedFile] = []
    /// Packages that come from elsewhere than an index: repositories of source code, directories.
    public internal(set) var unusable: [Unusable] = []
    public internal(set) var requiresPython: String?
    /// Extras and groups that markers may ask for.
    public internal(set) var extras: Set<String> = []
    public internal(set) var dependencyGroups: Set<String> = []

    /// Largest lock file that is read.
    public static let lengthLimit = 64 << 20
    /// Files that one may name.
    static let fileLimit = 1_000_000

    /// Reads either kind: a `pylock.toml` has a `lock-version`.
    /// - Throws: ``ChantalError`` `malformed`, `FILE:LINE:COLUMN: …`, or `too_large`.
    public static func read(_ bytes: [UInt8], file: String) throws -> LockFile {
        guard bytes.count <= lengthLimit else {
            throw ChantalError(.tooLarge, "\(file): the lock file is larger than 64 MiB", path: file)
        }
        let root = try TOMLDocument.parse(bytes, file: file)
        var reader = LockReader(file: file)
        if root["lock-version"] != nil { return try reader.pylock(root) }
        if root["version"]?.integer != nil { return try reader.uvLock(root) }
        throw ChantalError(
            .malformed, "\(file): neither 'lock-version' (pylock.toml) nor 'version' (uv.lock) stands in it", path: file
        )
    }

    /// The files for some targets: of each package the wheels that one of them prefers, and the source distribution where one of them
    /// has no wheel. With any extras and groups.
    /// - Throws: ``ChantalError`` `malformed` for a marker that cannot be evaluated.
    public func files(for targets: [Target]) throws -> [LockedFile] {
        var kept = Set<Int>()
        let packages = Dictionary(grouping: files.indices) { index in
            PackageKey(project: files[index].project, version: files[index].version, place: files[index].marker)
        }
        for target in targets {
            let tags = SupportedTags(target)
            let environments = target.patchVariants.map {
                MarkerEnvironment($0).locked(extras: extras, dependencyGroups: dependencyGroups)
            }
            for members in packages.values {
                guard let marker = files[members[0]].marker, try !environments.contains(where: marker.holds(in:)) else {
                    kept.formUnion(LockFile.chosen(members, files, tags))
                    continue
                }
            }
        }
        return kept.sorted().map { files[$0] }
    }

    private struct PackageKey: Hashable {
        let project: ProjectName
        let version: Version?
        let place: Marker?
    }

    private static func chosen(_ members: [Int], _ files: [LockedFile], _ tags: SupportedTags) -> [Int] {
        let wheels = members.filter { files[$0].wheel != nil }
        if let best = tags.best(of: wheels.compactMap { files[$0].wheel }) { return [wheels[best]] }
        return members.filter { files[$0].wheel == nil }
    }
}

extension Marker {
    fileprivate func holds(in environment: MarkerEnvironment) throws -> Bool {
        try holds(in: environment, extras: [])
    }
}
