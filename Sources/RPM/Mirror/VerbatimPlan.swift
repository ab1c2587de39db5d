import Basics
import Hashing
import Mirroring
import XML

/// Plans a mirror byte for byte: upstream's metadata, upstream's signature, upstream's paths.
///
/// Refused is what would then be a lie: packages that lie elsewhere, or outside of the repository.
struct VerbatimPlan {
    let session: SyncSession
    let mirror: MirroredMetadata
    let tree: InstallationTree?

    func plan() throws -> SyncPlan {
        let metadata = entries()
        var files = PackageFiles(reserved: metadata.lazy.map(\.path))
        let rows = try session.draftRows()
        let packages = try readPackages(into: &files, rows)
        for file in mirror.files where file.record.type != "primary" {
            try session.checkCancellation()
            try check(file)
        }
        for image in tree?.images ?? [] where !files.contains(image.path) {
            try files.add(image, label: "'\(image.path)'", in: InstallationTree.name)
        }
        var plan = SyncPlan(
            roots: [SyncPlan.Root(path: Repomd.path, digest: mirror.root.digest)], files: files.files,
            packages: packages, verified: mirror.verdict.isVerified, expiresAt: mirror.expiresAt,
            facts: [VerbatimPlan.digest(of: metadata)],
            compose: { [self] _ in
                try mirror.noteNewState(session)
                return Composition(metadata)
            })
        plan.rows = rows
        return plan
    }

    private func entries() -> [ManifestEntry] {
        var entries = [ManifestEntry(Repomd.path, mirror.root, role: .pointer)]
        entries += mirror.companions.map { ManifestEntry($0.path, $0.file, role: .pointer) }
        var seen: Set<RepositoryPath> = []
        for file in mirror.files where seen.insert(file.record.location.path).inserted {
            entries.append(
                ManifestEntry(
                    file.record.location.path, file.file, role: file.record.isNamedByContent ? .metadata : .pointer))
        }
        return entries + (tree?.documents ?? [])
    }

    private func readPackages(into files: inout PackageFiles, _ rows: any GenerationDraft) throws -> Int {
        guard let primary = mirror["primary"] else { throw ChantalError(.bug, "there is no primary") }
        let list = primary.record.location.path.description
        var collected = files
        var problems = 0
        var first: ChantalError?
        var packages = 0
        let reserve: (Int64) -> Void = { collected.reserve($0) }
        let reader = PrimaryReader(wantsRows: true, announce: reserve) { package in
            do {
                let location = try package.location()
                if let base = location.base {
                    throw ChantalError(
                        .unsafePath,
                        "\(package.label) in '\(list)' lies at another place, '\(Redaction.url(base))' (xml:base), where a mirror cannot change what clients read",
                        hint: "a repository with 'filter' is written anew, and can hold it", path: list)
                }
                let checksum = try package.checksum()
                let file = PlannedFile(location.path, size: package.size, checksum)
                if try collected.add(file, label: package.label, in: list) {
                    packages += 1
                    try add(package, location.path, checksum, to: rows)
                }
            } catch {
                problems += 1
                if first == nil { first = ChantalError.wrap(error) }
            }
            if package.number & 0xfff == 0 { try session.checkCancellation() }
        }
        // All of it is parsed: what clients would trip over is found here.
        let parser = try XMLParser(file: list, root: "metadata", handler: reader)
        try RecordReader.read(primary.record, of: session.open(primary.file.digest)) { try parser.write($0) }
        try parser.finish()
        try reader.checkCount(file: list)
        if let first {
            throw problems == 1
                ? first : first.within("\(problems) packages of '\(list)' are refused, the first of them")
        }
        files = collected
        return packages
    }

    /// The catalog's row; where another algorithm vouches for the file nobody knows its digest yet.
    private func add(
        _ package: PrimaryPackage, _ path: RepositoryPath, _ checksum: Checksum, to rows: any GenerationDraft
    ) throws {
        guard let digest = checksum.sha256 else { return rows.giveUp() }
        if rows.isComplete { try package.withFields(path: path, checksum, digest: digest, rows.add) }
    }

    /// What no client checks: what the file decompresses to, and how many packages it holds.
    private func check(_ file: MirroredMetadata.File) throws {
        let record = file.record
        switch record.type {
        case "filelists", "other", "filelists-ext":
            var counter = PackageCounter()
            try RecordReader.read(record, of: session.open(file.file.digest)) { counter.write($0) }
            try PackageCount.check(
                declared: counter.declaredCount, found: counter.count, file: record.location.path.description)
        default:
            // Databases and zchunk files are copies of what was read, for clients alone; to open them takes longer than all else.
            if record.type.hasSuffix("_db") || record.type.hasSuffix("_zck") || record.isZchunk { return }
            if record.openChecksum == nil, record.openSize == nil { return }
            try RecordReader.read(record, of: session.open(file.file.digest)) { _ in }
        }
    }

    /// Which metadata a mirror holds: another choice of it is another state, though the root is the same.
    private static func digest(of metadata: [ManifestEntry]) -> Digest {
        var hasher = SHA256Hasher()
        for entry in metadata.sorted(by: { $0.path < $1.path }) {
            entry.path.bytes.withUnsafeBytes { hasher.update($0) }
            (Array("\u{0}\(entry.digest)\n".utf8)).withUnsafeBytes { hasher.update($0) }
        }
        return hasher.finish()
    }
}

extension ManifestEntry {
    init(_ path: RepositoryPath, _ file: StoredFile, role: FileRole) {
        self.init(path: path, digest: file.digest, size: file.size, role: role)
    }
}

extension RepomdRecord {
    /// zchunk: a container that clients fetch in parts.
    var isZchunk: Bool { location.path.bytes.suffix(4).elementsEqual(".zck".utf8) }
}
