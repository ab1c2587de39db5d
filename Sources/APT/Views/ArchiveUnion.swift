import Basics
import Compression
import Mirroring

/// Several archives as one: suites of one name united, all metadata written anew.
struct ArchiveUnion {
    let session: SyncSession
    let section: RepositorySection
    let members: [ViewMember]

    func plan() throws -> SyncPlan {
        var suites = try unitedSuites()
        let reserved = suites.flatMap { SuiteComposer.paths($0.suite, indices: $0.paths) } + SuiteComposer.keyPaths
        // Packages never lie in `dists`.
        var packages = UnitedPackages(reserved: reserved + [RepositoryPath(trusted: Array("dists".utf8))])
        for index in suites.indices {
            try session.checkCancellation()
            try suites[index].select(&packages)
        }
        let (united, files) = (suites, packages.files)
        return SyncPlan(
            roots: [], files: [], packages: packages.count, verified: false, isRegenerated: true,
            warnings: packages.warnings,
            compose: { [self] _ in
                let composer = SuiteComposer(
                    session: session, signer: section.signing == nil ? nil : try session.signer())
                return Composition(try composer.compose(united.map { $0.draft(section) }) + files.values)
            })
    }

    /// The suites of all members, in the order in which they first appear.
    private func unitedSuites() throws -> [SuiteUnion] {
        var result: [SuiteUnion] = []
        for member in members {
            let published = PublishedSuites(member.state)
            for directory in published.directories {
                guard let release = try PublishedSuites.release(in: directory, of: member.state) else { continue }
                let suite = try Suite(directory: directory)
                let part = SuiteUnion.Part(
                    member: member, release: release,
                    indices: published.forms(in: directory).compactMap { index(path: $0.path, $0.form, release) })
                if let place = result.firstIndex(where: { $0.suite == suite }) {
                    result[place].add(part)
                } else {
                    var union = SuiteUnion(suite)
                    union.add(part)
                    result.append(union)
                }
            }
        }
        return result
    }

    /// An index that is written anew; nil for what tells of packages that the view may lack.
    private func index(path: RepositoryPath, _ form: PublishedSuites.Form, _ release: ReleaseFile) -> SuiteUnion.Index?
    {
        let name = IndexName(path, components: release.components, architectures: release.architectures)
        guard RegeneratedPlan.wants(name.kind) else { return nil }
        return SuiteUnion.Index(path: path, name: name, source: form)
    }
}

extension PublishedSuites {
    /// A form of an index.
    struct Form {
        let format: CompressionFormat
        let digest: Digest
    }

    /// The files of a suite's metadata by their names without compression, each in the form that is cheapest to decode.
    func forms(in directory: RepositoryPath?) -> [(path: RepositoryPath, form: Form)] {
        var result: [(path: RepositoryPath, form: Form)] = []
        var places: [RepositoryPath: Int] = [:]
        for entry in entries where entry.role != .package && suite(of: entry.path) == .some(directory) {
            let format = CompressionFormat.ofName(entry.path.name)
            let plain = IndexSelection.plainPath(entry.path, format)
            let relative =
                directory.map { RepositoryPath(trusted: Array(plain.bytes.dropFirst($0.bytes.count + 1))) } ?? plain
            let form = Form(format: format, digest: entry.digest)
            if let place = places[relative] {
                if format.decodeCost < result[place].form.format.decodeCost { result[place].form = form }
            } else {
                places[relative] = result.count
                result.append((relative, form))
            }
        }
        return result
    }
}

extension Suite {
    /// The suite whose Release file lies in a directory of a published archive; nil for its root.
    init(directory: RepositoryPath?) throws {
        guard let directory else {
            self = try Suite("./")
            return
        }
        let name = directory.description
        self = try Suite(name.after("dists/") ?? "\(name)/")
    }
}

extension APTEcosystem {
    public func unite(_ members: [ViewMember], _ session: SyncSession) throws -> SyncPlan {
        try ArchiveUnion(session: session, section: section, members: members).plan()
    }
}
