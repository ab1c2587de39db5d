import Basics
import Hashing
import Mirroring

/// Plans a mirror that is upstream's byte for byte: metadata, signatures, paths.
struct VerbatimPlan {
    let session: SyncSession
    let verifier: SignatureVerifier?
    let suites: [MirroredSuite]
    let choices: IndexChoices
    private var metadata: [ManifestEntry] = []
    private var warnings: [String] = []

    init(session: SyncSession, verifier: SignatureVerifier?, suites: [MirroredSuite], choices: IndexChoices) {
        self.session = session
        self.verifier = verifier
        self.suites = suites
        self.choices = choices
    }

    mutating func plan() throws -> SyncPlan {
        for suite in suites {
            metadata += suite.roots.files
            if suite.roots.form == .inline { try addDetachedForm(of: suite.roots) }
            addIndexes(of: suite)
        }
        var files = PackageFiles(
            allowsWeakHashes: choices.allowsWeakHashes, reserved: metadata.lazy.map(\.path),
            expected: session.previous?.files ?? 0)
        let rows = try session.draftRows()
        var published = PublishedSuites(metadata).indexes().reduce(into: [:]) { $0[$1.path] = $1 }
        for suite in suites {
            for index in suite.indexes {
                let path = suite.suite.path(index.index.plain)
                let found = index.index.kind.holdsPackages ? published.removeValue(forKey: path) : nil
                // The same form is read from the state, whose bytes are the same.
                if let found, found.digest != index.forms.first?.file.digest { rows.giveUp() }
                try read(index, of: suite, into: &files, IndexRows(found, rows))
            }
        }
        // What is found in the state and was not read here would be missing.
        if !published.isEmpty { rows.giveUp() }
        let metadata = self.metadata
        var plan = SyncPlan(
            roots: suites.flatMap(\.roots.roots), files: files.files, packages: files.packages,
            verified: verifier != nil, facts: [VerbatimPlan.digest(of: metadata)], defects: files.defects,
            warnings: warnings, compose: { _ in Composition(metadata) })
        for suite in suites { plan.note(suite) }
        if files.defects.isEmpty { plan.rows = rows }
        return plan
    }

    /// Release and Release.gpg lie beside InRelease for old clients. Where they are of another state, InRelease alone counts.
    private mutating func addDetachedForm(of roots: SuiteRoots) throws {
        let paths = [roots.suite.release, roots.suite.signature]
        let found = try session.fetch(paths.map { MetadataRequest(source: $0, sizeLimit: ReleaseFile.sizeLimit) })
        var files: [StoredFile] = []
        loop: for outcome in found {
            switch outcome {
            case .success(let file): files.append(file)
            case .failure(let error):
                guard error.code == .missing else { throw error }
                break loop
            }
        }
        guard let release = files.first else { return }
        let bytes = try session.readAll(release.digest, limit: Int(ReleaseFile.sizeLimit))
        guard VerbatimPlan.isSameText(bytes, roots.text) else {
            warnings.append("'\(paths[0])' differs from '\(roots.suite.inRelease)', which alone counts; it is left out")
            return
        }
        if files.count == 2 {
            let signature = try session.readAll(files[1].digest, limit: Int(ReleaseFile.sizeLimit))
            do {
                _ = try verifier?.verifyDetached(signature, of: bytes, file: paths[1].description)
            } catch let error as ChantalError where error.code == .signature {
                warnings.append("'\(paths[1])' is left out, '\(roots.suite.inRelease)' is enough: \(error)")
                files.removeLast()
            }
        }
        for (path, file) in zip(paths, files) {
            metadata.append(ManifestEntry(path: path, digest: file.digest, size: file.size, role: .pointer))
        }
    }

    /// Whether two texts are equal but for blanks at the ends of lines, which a signature in clear does not cover.
    private static func isSameText(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        func lines(_ text: [UInt8]) -> [[UInt8]] {
            var result: [[UInt8]] = []
            text.withUnsafeBytes {
                $0.forEachLine { line in
                    var end = line.count
                    while end > 0, line[end - 1].isASCIISpace { end -= 1 }
                    result.append(Array(line.slice(0..<end)))
                }
            }
            while result.last?.isEmpty == true { result.removeLast() }
            return result
        }
        return a == b || lines(a) == lines(b)
    }

    private mutating func addIndexes(of suite: MirroredSuite) {
        for index in suite.indexes {
            for form in index.forms {
                let path = suite.suite.path(form.form.entry.path)
                metadata.append(ManifestEntry(path, form.file, role: .pointer))
                for checksum in form.form.entry.checksums where checksum.algorithm.isStrong {
                    metadata.append(ManifestEntry(path.byHash(checksum), form.file, role: .metadata))
                }
                if form.form.entry.isWeak {
                    metadata.append(
                        ManifestEntry(path.byHash(form.form.entry.strongest), form.file, role: .metadata))
                }
            }
        }
    }

    private func read(
        _ index: FetchedIndex, of suite: MirroredSuite, into files: inout PackageFiles, _ rows: IndexRows
    ) throws {
        guard let cheapest = index.forms.first else { return }
        try session.checkCancellation()
        let name = suite.name(index.index)
        func stanzas(_ body: (Stanza) throws -> Void) throws {
            try index.stanzas(session, file: name, body)
        }
        switch index.index.kind {
        case .packages, .udebPackages:
            try stanzas {
                let package = PackagesStanza($0, file: name)
                if let file = try files.add(package, index: name) { try rows.add(package, file) }
            }
        case .sources:
            try stanzas {
                let source = SourcesStanza($0, file: name)
                if let control = try files.add(source, index: name) { try rows.add(source, control) }
            }
        case .installer: try addImages(cheapest.file, suite.suite.path(index.index.plain), into: &files)
        case .patches: try addPatches(cheapest.file, suite.suite.path(index.index.plain), into: &files)
        default: break
        }
    }

    /// SHA256SUMS tells no sizes. The largest images of an installer have some hundred megabytes; without an end a transfer could fill
    /// the disk before its checksum proves wrong.
    private static let imageLimit: Int64 = 2 << 30

    /// Lists of other algorithms beside SHA256SUMS name the same images.
    private func addImages(_ list: StoredFile, _ path: RepositoryPath, into files: inout PackageFiles) throws {
        guard path.name.elementsEqual("SHA256SUMS".utf8) else { return }
        let bytes = try session.readAll(list.digest, limit: Int(ReleaseFile.sizeLimit))
        for image in try ChecksumList.entries(bytes, .sha256, file: path.description) {
            let place = path.directory.map { image.path.under($0) } ?? image.path
            if files.isReserved(place) { continue }
            files.add(
                PlannedFile(
                    source: place, path: place, size: nil, sizeLimit: VerbatimPlan.imageLimit,
                    sha256: image.checksum.sha256, isPackage: false))
        }
    }

    private func addPatches(_ list: StoredFile, _ path: RepositoryPath, into files: inout PackageFiles) throws {
        let bytes = try session.readAll(list.digest, limit: Int(ReleaseFile.sizeLimit))
        for patch in try PatchIndex.files(bytes, file: path.description) {
            let place = path.directory.map { patch.path.under($0) } ?? patch.path
            if files.isReserved(place) { continue }
            files.add(
                PlannedFile(
                    source: place, path: place, size: patch.size,
                    sha256: patch.checksums.lazy.compactMap(\.sha256).first,
                    checksums: patch.checksums.filter { $0.algorithm != .sha256 }, role: .metadata, isPackage: false))
        }
    }

    /// Which metadata a mirror holds: another choice of it is another state, though the roots are the same.
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

extension SyncPlan {
    /// Beginning of a note on an index that upstream lists and has in no form.
    static let absent = "absent "

    /// What later syncs want to know of a suite without reading it again.
    mutating func note(_ suite: MirroredSuite) {
        let roots = suite.roots
        for index in suite.absent {
            let path = suite.name(index)
            notes[SyncPlan.absent + path] = "1"
            incomplete.append("\(path): upstream lists it and has it in no form")
            warnings.append("upstream lists '\(path)' and has it in no form; it is left out")
        }
        notes["form \(roots.suite)"] = roots.form.rawValue
        if let date = roots.release.date { notes["date \(roots.suite)"] = date.rfc3339 }
        if let end = roots.release.validUntil { notes["valid-until \(roots.suite)"] = end.rfc3339 }
    }
}

/// The catalog's rows of one index of a plan.
private struct IndexRows {
    private let maker: StanzaRows?
    private let draft: any GenerationDraft

    /// - Parameter published: the index as it will be found in the state; nil if it will not, or by no reader of packages.
    init(_ published: PublishedSuites.Index?, _ draft: any GenerationDraft) {
        maker = published.map { StanzaRows($0, draft) }
        self.draft = draft
    }

    func add(_ package: PackagesStanza, _ file: PackageFile) throws {
        if let digest = digest(file) { try maker?.add(package, file, digest: digest) }
    }

    func add(_ source: SourcesStanza, _ control: PackageFile) throws {
        if let digest = digest(control) { try maker?.add(source, control, digest: digest) }
    }

    /// That of the file once it is there; where another algorithm vouches for it nobody knows yet.
    private func digest(_ file: PackageFile) -> Digest? {
        if file.sha256 == nil, draft.isComplete { draft.giveUp() }
        return file.sha256
    }
}
