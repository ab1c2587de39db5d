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
        let filter = section.filter == nil ? nil : PackageFilter(section)
        for index in suites.indices {
            try session.checkCancellation()
            if filter == nil { try suites[index].take(&packages) } else { try suites[index].admit(&packages) }
        }
        var selection: StanzaSelection?
        if let filter { selection = try select(filter, &suites, &packages) }
        let names = selection.map { Set($0.candidates.map(\.name)) }
        let (united, files) = (suites, packages.files)
        return SyncPlan(
            roots: [], files: [], packages: packages.count, verified: false, nextChangeAt: selection?.nextChangeAt,
            facts: selection.map { [$0.fact] } ?? [], isRegenerated: true,
            warnings: packages.disputed.warnings { names?.contains($0) ?? true } + (selection.map(warnings) ?? []),
            notes: filter?.notes ?? [:],
            compose: { [self] _ in
                let composer = try SuiteComposer(session: session, section: section)
                return Composition(try composer.compose(united.map { $0.draft(section) }) + files.values)
            })
    }

    /// Takes what the filter selects of all suites of all members.
    private func select(
        _ filter: PackageFilter, _ suites: inout [SuiteUnion], _ packages: inout UnitedPackages
    ) throws -> StanzaSelection {
        try checkArchitectures(filter, suites)
        let selection = try StanzaSelection(
            session: session, filter: filter, suites: suites.map(\.selectable), allowsWeakHashes: true)
        let bySuite = Dictionary(grouping: selection.candidates) { Int($0.place.suite) }
        for index in suites.indices { try suites[index].take(bySuite[index] ?? [], &packages) }
        return selection
    }

    /// What a member mirrors byte for byte may hold packages that no filter can judge.
    private func warnings(_ selection: StanzaSelection) -> [String] {
        guard let first = selection.defects.first?.error else { return selection.warnings }
        let others = selection.defects.count > 1 ? ", and so are \(selection.defects.count - 1) others" : ""
        return ["a package is left out: \(first.message)\(others)"] + selection.warnings
    }

    /// - Throws: ``ChantalError`` `not_found` for an architecture that no suite of any member has.
    private func checkArchitectures(_ filter: PackageFilter, _ suites: [SuiteUnion]) throws {
        guard let wanted = filter.rules.architectures, !suites.contains(where: \.suite.isFlat) else { return }
        let known = suites.flatMap(\.parts).flatMap(\.release.architectures) + ["all"]
        guard let unknown = wanted.first(where: { !known.contains($0) }) else { return }
        let all = known.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let near = NearName.of(unknown, among: all).map { "did you mean '\($0)'? " } ?? ""
        throw ChantalError(
            .notFound, "no member of the view '\(section.name)' has the architecture '\(unknown)'",
            hint: near + "they have: " + all.joined(separator: ", "))
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
                    indices: published.forms(in: directory).compactMap {
                        index(path: $0.path, $0.form, release, isFlat: suite.isFlat)
                    })
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
    private func index(
        path: RepositoryPath, _ form: PublishedSuites.Form, _ release: ReleaseFile, isFlat: Bool
    ) -> SuiteUnion.Index? {
        let name = IndexName(path, components: release.components, architectures: release.architectures)
        guard RegeneratedPlan.wants(name.kind) else { return nil }
        if !isFlat, let wanted = section.filterRules.architectures, let architecture = name.architecture,
            architecture != "all", !wanted.contains(architecture)
        {
            return nil
        }
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
