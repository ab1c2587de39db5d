import Basics

/// A suite of an archive, and where it lies: below `dists/`, or for a name that ends with `/` in a directory of its own (a flat repository).
struct Suite: Sendable, Hashable {
    /// As the user writes it, without `./` before and slashes around: `bookworm`, `bookworm/updates`, `stable/`, `./`.
    let name: String
    let isFlat: Bool
    /// The directory of the Release file; nil for the archive's root.
    let directory: RepositoryPath?

    /// - Throws: ``ChantalError`` `unsafe_path` for a name that leaves the archive, `config` for an empty one.
    init(_ text: String) throws {
        isFlat = text.hasSuffix("/") || text == "."
        let segments = text.split(separator: "/").filter { $0 != "." }
        let trimmed = segments.joined(separator: "/")
        if isFlat {
            name = trimmed.isEmpty ? "./" : "\(trimmed)/"
            directory = trimmed.isEmpty ? nil : try RepositoryPath(trimmed)
        } else {
            guard !trimmed.isEmpty else {
                throw ChantalError(.config, "a suite has no name", hint: "a flat repository is written './'")
            }
            name = trimmed
            directory = try RepositoryPath("dists/\(trimmed)")
        }
    }

    /// A path that a Release file names, as a path within the archive.
    func path(_ relative: RepositoryPath) -> RepositoryPath {
        directory.map { relative.under($0) } ?? relative
    }

    func path(_ name: StaticString) -> RepositoryPath {
        path(RepositoryPath(trusted: Array(name.description.utf8)))
    }

    var inRelease: RepositoryPath { path("InRelease") }
    var release: RepositoryPath { path("Release") }
    var signature: RepositoryPath { path("Release.gpg") }
}

extension Suite: CustomStringConvertible {
    var description: String { name }
}

extension RepositoryPath {
    /// Where a file of this name lies by its hash: `…/by-hash/SHA256/<hex>` beside it.
    func byHash(_ checksum: Checksum) -> RepositoryPath {
        let name = "by-hash/\(checksum.algorithm.releaseField)/\(checksum.hex)"
        let relative = RepositoryPath(trusted: Array(name.utf8))
        return directory.map { relative.under($0) } ?? relative
    }

    /// This path with other bytes at its end.
    func appending(_ suffix: String) -> RepositoryPath { RepositoryPath(trusted: bytes + Array(suffix.utf8)) }

    func hasPrefix(_ text: StaticString) -> Bool {
        bytes.count >= text.utf8CodeUnitCount
            && bytes.withUnsafeBytes { $0.slice(0..<text.utf8CodeUnitCount).equals(text) }
    }
}

extension ChecksumAlgorithm {
    /// The name of its list in a Release file, and of its directory below `by-hash`.
    var releaseField: String { self == .md5 ? "MD5Sum" : rawValue.uppercased() }
}
