import Basics
import Store

/// What has become of a plan's files, for the one who writes the metadata.
public struct PlanContents {
    /// Paths (``PlannedFile/path``) that the generation lacks: what `allow_missing` covers, and with `on_missing: keep` what failed.
    public let leftOut: Set<RepositoryPath>
    /// Of these, what failed although it may not be missing: what hangs on it keeps its last good state (`on_missing: keep`).
    public let failed: Set<RepositoryPath>
    private let files: FileTable

    init(leftOut: Set<RepositoryPath>, failed: Set<RepositoryPath>, entries: [ManifestEntry]) {
        self.leftOut = leftOut
        self.failed = failed
        files = FileTable(entries)
    }

    /// The file that will lie at a planned path: its SHA-256, and its size where upstream declares neither. Nil if it is left out.
    public func stored(_ path: RepositoryPath) -> StoredFile? { files[path] }

    /// Sorted when it is first asked: most plans need no look.
    private final class FileTable {
        private let entries: [ManifestEntry]
        private lazy var sorted = entries.sorted { $0.path < $1.path }

        init(_ entries: [ManifestEntry]) { self.entries = entries }

        subscript(path: RepositoryPath) -> StoredFile? {
            var (low, high) = (0, sorted.count)
            while low < high {
                let middle = (low + high) / 2
                if sorted[middle].path < path { low = middle + 1 } else { high = middle }
            }
            guard low < sorted.count, sorted[low].path == path else { return nil }
            return StoredFile(digest: sorted[low].digest, size: sorted[low].size)
        }
    }
}

/// The metadata of a generation.
public struct Composition {
    /// The files beside the planned ones: metadata, and what is taken over from the generation before.
    public var entries: [ManifestEntry]
    /// Planned files that shall not be in the generation after all.
    public var withdrawn: Set<RepositoryPath>
    /// The number of packages in the generation; nil for the plan's, less those that are missing.
    public var packages: Int?

    public init(_ entries: [ManifestEntry], withdrawn: Set<RepositoryPath> = [], packages: Int? = nil) {
        self.entries = entries
        self.withdrawn = withdrawn
        self.packages = packages
    }
}
